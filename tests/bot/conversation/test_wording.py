"""The language of a reply, and that every fixed sentence exists in each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.conversation.language import ENGLISH, SIMPLIFIED, TRADITIONAL
from bot.conversation.wording import Wording
from bot.messages import Choice, Reply, Source
from bot.notices import words
from bot.wiring import Parts
from index.variants import is_traditional
from knowledge.articles import ServedArticle
from knowledge.models import Reason
from knowledge.notices import ToSay
from tests.bot.resident import Resident
from tests.factories import NOON, article_content

_LOCALE = Path(__file__).resolve().parents[3] / "bot" / "locale"


async def test_traditional_message_gets_a_traditional_answer(resident: Resident) -> None:
    reply = await resident.writes("喝高度白酒能殺死病毒嗎")

    assert (reply.language, reply.article) == ("zh-Hant", "baijiu-virus")
    assert reply.text.startswith("❌ 假｜“喝高度白酒可以殺死體內的病毒，預防感染”")
    assert is_traditional(reply.text)
    labels = [choice.label for row in reply.choices for choice in row]
    assert labels == ["看詳細", "看來源", "👍 有用", "👎 沒用", "不是我問的"]


async def test_english_message_gets_an_english_frame(resident: Resident) -> None:
    reply = await resident.writes("Is it true that the old well at Willow village was poisoned last night?")

    assert (reply.language, reply.band) == ("en", "unknown")
    assert reply.text.startswith("❓ I have no reliable answer to this yet")
    assert [choice.label for row in reply.choices for choice in row][:1] == ["No need to tell me"]


async def test_button_answers_in_the_language_spoken_before(quick_parts: Parts) -> None:
    resident = Resident(quick_parts.conversation)
    await resident.writes("請問隔夜菜能吃嗎")
    reply = await resident.presses("aid:money-sent")

    assert reply.language == "zh-Hant"
    assert is_traditional(reply.text)


def test_feeding_is_written_otherwise_than_hello_for_traditional_readers() -> None:
    wording = Wording(TRADITIONAL, "UTC")
    assert "別餵水、別餵飯、別餵藥，安宮牛黃丸、阿司匹林也別餵。" in wording.reply(wording.say("card-stroke")).text
    assert wording.shown("“喂，您好”") == "“喂，您好”"


@pytest.mark.parametrize(
    ("verdict", "heard", "words_of_it"),
    [
        ("false", False, "您之前问过 R1。现在查清楚了。"),
        ("unproven", False, "您之前问过 R1。查过了，目前还没有定论。"),
        ("unproven", True, "我们更正了之前的结论，请以这一条为准。您之前问过 R1。"),
    ],
)
def test_notice_does_not_call_clear_what_is_not(verdict: str, heard: bool, words_of_it: str) -> None:
    item = ToSay(
        id=1,
        reason=Reason.CORRECTION,
        attempts=0,
        rumour_id=1,
        canned=None,
        article_id=1,
        said=None,
        heard=heard,
        resident_id=1,
        channel="telegram",
        language=None,
    )
    article = ServedArticle.as_if_published(article_content(verdict=verdict), NOON)
    assert words(item, article, Wording(SIMPLIFIED, "UTC"), 7).text.splitlines()[1] == words_of_it


def _sentences(language: str) -> dict[str, str]:
    text = "".join((_LOCALE / f"{part}{language}.ftl").read_text(encoding="utf-8") for part in ("", "desk."))
    return {
        found["name"]: found["value"]
        for found in re.finditer(r"^(?P<name>[a-z][\w-]*) =(?P<value>.*(?:\n(?: .*)?(?=\n|$))*)", text, re.MULTILINE)
    }


def test_both_locales_have_the_same_sentences() -> None:
    chinese, english = _sentences(SIMPLIFIED), _sentences(ENGLISH)
    assert len(chinese) > 80
    assert set(chinese) == set(english)


def test_examples_are_the_same_questions_everywhere() -> None:
    for number in (1, 2, 3):
        assert Wording(ENGLISH, "UTC").say(f"example-{number}") == Wording(SIMPLIFIED, "UTC").say(f"example-{number}")


def test_sentence_without_its_value_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(ValueError, match="following"):
        Wording(SIMPLIFIED, "UTC").say("following")


def test_value_with_placeables_stays_text() -> None:
    assert Wording(SIMPLIFIED, "UTC").say("following", rumour="{ $x }") == "好。{ $x } 有了结论，我在这里告诉您。"


def test_reply_survives_the_way_through_the_database() -> None:
    reply = Reply(
        "你好",
        choices=((Choice("a:1", "甲"), Choice("b:2", "乙")), (Choice("c", "丙"),)),
        sources=(Source("题", "社", "https://example.org", None),),
        language=TRADITIONAL,
        probability=0.5,
        ms=1.25,
        turn=7,
    )
    assert Reply.from_json(reply.as_json()) == reply
