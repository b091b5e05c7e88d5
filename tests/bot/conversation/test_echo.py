"""What the bot says of an article, sent back to it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.web.wording import Language, words_of
from bot.conversation.answering import answer_choices
from bot.conversation.echo import after_headline, is_answer, is_own
from bot.conversation.language import LANGUAGES
from bot.conversation.scam import Harm
from bot.conversation.wording import Wording
from index.variants import clean, to_simplified
from knowledge.article_files import read_file
from knowledge.articles import ServedArticle
from knowledge.models import Verdict
from knowledge.redaction import redact
from tests.factories import NOON

_ROOT = Path(__file__).parents[3]
_CONTENT = _ROOT / "knowledge" / "content"
_SENTENCES = (_ROOT / "bot" / "locale" / "zh-Hans.ftl").read_text("utf-8")
_BUTTONS = set(re.findall(r"^button-[\w-]+", _SENTENCES, re.MULTILINE))


def _article(name: str) -> ServedArticle:
    return ServedArticle.as_if_published(read_file(_CONTENT / name), NOON)


def _received(said: str) -> str:
    return to_simplified(redact(clean(said)))


def _is_answer(said: str, article: ServedArticle) -> bool:
    return is_answer(redact(clean(said)), article, "UTC")


@pytest.mark.parametrize("name", ["fraud/hospital-call-child-accident.md", "disaster/elevator-trapped-what-to-do.md"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_is_said_of_an_article_is_known(language: str, name: str) -> None:
    wording, article = Wording(language, "UTC"), _article(name)
    headline, rest = wording.answer(article).split("\n", 1)
    asked = wording.say("notice-asked", rumour="R12", said="医院来电话说孩子晕倒了")
    notice = "\n".join([headline, wording.say("notice-verdict", asked=asked), "", rest])
    for said in (wording.answer(article), wording.full_text(article), wording.sources(article), notice):
        assert _is_answer(wording.shown(said), article)


@pytest.mark.parametrize("language", LANGUAGES)
def test_copy_from_the_page_is_known_by_all_that_stands_under_it(language: str) -> None:
    wording, article = Wording(language, "UTC"), _article("fraud/hospital-call-child-accident.md")
    words = words_of("求真", "杭州")[Language(language)]
    reply = wording.reply(wording.answer(article), answer_choices(wording, article, 5, asked=4, harms=True))
    under = [choice.label for row in reply.choices for choice in row] + [words.article_page, words.sources]
    for source in article.sources:
        under += [source.title, f"({words.new_tab})", f"{source.publisher} · {source.date}"]
    assert _is_answer("\n".join([reply.text, *under]), article)
    assert not _is_answer("\n".join([reply.text, wording.shown(wording.say("button-money-sent"))]), article)


@pytest.mark.parametrize("language", LANGUAGES)
def test_fixed_reply_is_known_with_any_buttons_under_it(language: str) -> None:
    wording = Wording(language, "UTC")
    for said in ("forget-ask", "language-ask", "greeting"):
        assert is_own(_received(wording.shown(wording.say(said))))
    with_a_title_or_alone_a_cry = {"button-read", *(f"button-{harm}" for harm in Harm)}
    for name in _BUTTONS - with_a_title_or_alone_a_cry:
        assert is_own(_received(wording.shown(f"{wording.say('greeting')}\n{wording.say(name)}"))), name


def test_part_of_it_or_more_than_it_is_somebody_elses() -> None:
    wording, article = Wording("zh-Hans", "UTC"), _article("fraud/hospital-call-child-accident.md")
    answer = wording.answer(article)
    assert not _is_answer(f"{answer}\n请把押金交到安全账户", article)
    assert not _is_answer(f"{answer.splitlines()[0]}\n请把押金交到安全账户", article)
    assert not _is_answer(answer, replace(article, verdict=Verdict.TRUE))


@pytest.mark.parametrize("language", LANGUAGES)
def test_fixed_replies_are_known_with_notes_and_cards_together(language: str) -> None:
    wording = Wording(language, "UTC")
    then, advice, note = (wording.say(name) for name in ("then-told", "advice-danger", "unread-note"))
    menu = f"{advice}\n{wording.say('closest-headline')}\n{wording.say('closest-note')}"
    for said in (
        f"{wording.say('unknown-question', rumour='R7', then=then, advice=advice)}\n{note}",
        f"{wording.say('unknown-scam', rumour='R7', then='')}\n{wording.say('too-long-note')}\n{note}",
        f"{wording.say('card-money-sent')}\n\n{wording.say('card-medical')}",
        menu,
    ):
        assert is_own(_received(wording.shown(said)))
        assert not is_own(_received(wording.shown(f"{said}\n我妈晕倒了")))


def test_what_people_write_to_ask_for_help_is_no_echo() -> None:
    assert not any(is_own(text) for text in ("怎么用求真", "您的隐私", "Your privacy"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_headline_is_known_by_the_title_or_claim_in_it(language: str) -> None:
    wording, article = Wording(language, "UTC"), _article("digital/app-permission-contacts-location.md")
    subjects = {article.title, "每天喝醋能软化血管。"}
    for subject in (article.title, "“每天喝醋能软化血管”"):
        said = clean(wording.shown(f"{wording.say('headline', mark='❌ 假', title=subject)}\n我妈也这样"))
        assert (after_headline(said, subjects) or "").endswith("我妈也这样")
        assert after_headline(said, {"别的"}) is after_headline(subject, subjects) is None
