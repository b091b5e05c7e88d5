"""Whatever is sent, the resident gets a short clear reply."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.conversation.danger import Danger
from bot.conversation.language import SIMPLIFIED
from bot.conversation.routing import route
from bot.conversation.scam import Harm
from bot.conversation.wording import Wording
from bot.messages import IncomingMessage
from bot.settings import Settings
from bot.wiring import Parts, build
from index.decision import Bands
from index.variants import clean
from knowledge import articles
from knowledge.article_files import read_file, read_folder
from knowledge.articles import ServedArticle
from knowledge.models import Status, Turn
from tests.bot.conftest import CONTENT, SECRET
from tests.bot.resident import Resident
from tests.factories import NOON
from tests.fakes import HashingEncoder

_BAD = {
    "empty": ("", "test"),
    "spaces": (" \t\n ", "test"),
    "100,000 characters": ("天" * 100_000, "claim"),
    "100,000 words": ("喝白酒能杀病毒吗 " * 11_200, "claim"),
    "controls": ("\x00\x01\x02\x1b\x7f", "test"),
    "zero width": ("\u200b\u200c\u200d\ufeff\u2060", "test"),
    "lone surrogates": ("\ud800\udfff\ud83d", "test"),
    "surrogates in a question": ("隔夜菜\ud800能吃吗\udfff", "question"),
    "right to left": ("\u202eم\u202dرحبا هل الثوم يعالج الزكام\u202c", "question"),
    "ligatures that grow": ("\ufdfa" * 4000, None),
    "combining marks": ("隔" + "\u0301" * 3000 + "夜菜能吃吗", None),
    "a link": ("https://example.com/a?b=c", "link"),
    "a number": ("123456", "test"),
    "a decimal": ("-3.14e10", None),
    "emoji": ("😀👨‍👩‍👧‍👦🇨🇳❤️", "test"),
    "English": ("Does garlic cure the flu?", "question"),
    "Thai": ("กระเทียมรักษาไข้หวัดได้ไหม", "question"),
    "Arabic": ("هل الثوم يعالج الزكام", "question"),
    "one character": ("盐", "question"),
    "500 newlines": ("\n" * 500, "test"),
    "lines between words": ("隔夜菜\n" + "\n" * 500 + "能吃吗", "question"),
    "SQL": ("'; DROP TABLE turns; --", None),
    "SQL in Chinese": ("隔夜菜' OR '1'='1 能吃吗", "question"),
    "HTML": ("<script>alert(1)</script><b>隔夜菜</b>能吃吗", "question"),
    "format string": ("%s%s%n {0} {} {x.__class__} ${jndi:ldap://x} 能吃吗", "question"),
    "Fluent placeables": ("听说 { $x } { -brand } { $rumour -> [1] a *[other] b } 是假的", None),
    "a slash": ("/", "test"),
    "a long command": ("/" + "start" * 1000, "question"),
    "a path": ("/etc/passwd", "question"),
    "no such command": ("/nothing", "command"),
    "what a keyboard makes of an emoji": ("/流泪 我妈晕倒了叫不醒", "urgent"),
}


@pytest.mark.parametrize("name", _BAD)
@pytest.mark.parametrize("forwarded", [False, True])
async def test_bad_input_gets_a_short_clear_reply(quick_parts: Parts, name: str, forwarded: bool) -> None:
    text, route = _BAD[name]
    reply = await Resident(quick_parts.conversation).writes(text, forwarded=forwarded)

    assert reply.route != "failed"
    if route and not forwarded:
        assert reply.route == route
    assert 0 < len(reply.text) <= 400
    for trace in ("Traceback", "Error", "None", "{ $", "SELECT"):
        assert trace not in reply.text
    reply.text.encode("utf-8")


async def test_tables_survive_sql(quick_parts: Parts) -> None:
    resident = Resident(quick_parts.conversation)
    await resident.writes("听说'); DELETE FROM turns; --")
    async with quick_parts.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Turn)) == 1


async def test_what_a_resident_writes_is_shown_back_as_it_is_and_never_interpreted(quick_parts: Parts) -> None:
    resident = Resident(quick_parts.conversation)
    await resident.writes("听说 { $rumour } <b>%s</b> 的事情", forwarded=True)
    assert "听说 { $rumour } <b>%s</b> 的事情" in (await resident.writes("/mine")).text


async def test_own_answer_sent_back_is_recognised(resident: Resident) -> None:
    answer = await resident.writes("喝高度白酒能杀死病毒吗")
    for text in (answer.text, (await resident.writes("听说柳树村的老井让人投毒了", forwarded=True)).text):
        reply = await resident.writes(text, forwarded=True)
        assert (reply.route, reply.rumour, reply.article) == ("echo", None, None)
        assert "这是我以前发的回答" in reply.text


async def test_own_answer_with_more_after_it_is_no_echo(quick_parts: Parts) -> None:
    quick_parts.searcher.bands = Bands(sure=0.0, ambiguous=0.0)
    resident = Resident(quick_parts.conversation)
    answer = await resident.writes("隔夜菜能吃吗")
    assert answer.article

    assert (await resident.writes(answer.text)).route == "echo"
    assert (await resident.writes(f"{answer.text}\n先交200元保证金到安全账户，验资后退还")).route == "scam"


async def test_answer_of_an_article_that_changed_since_gets_no_card(quick_parts: Parts) -> None:
    content = read_file(CONTENT / "disaster/electric-shock-rescue.md")
    async with quick_parts.database.transaction() as session:
        await articles.save(session, content, status=Status.PUBLISHED)
        changed = content.model_copy(update={"title": "有人触电怎么救"})
        await articles.save(session, changed, status=Status.RETIRED)
    answer = Wording(SIMPLIFIED, "UTC").answer(ServedArticle.as_if_published(content, NOON))
    assert route(clean(answer)).cards

    resident = Resident(quick_parts.conversation)
    assert (await resident.writes(answer)).route in ("claim", "question")
    assert (await resident.writes(f"{answer}\n我妈煤气中毒晕倒了")).route == "urgent"
    assert (await resident.writes(answer.replace(content.title, "我妈煤气中毒晕倒了"))).route == "urgent"


async def test_help_and_privacy_are_had_by_their_first_lines(quick_parts: Parts) -> None:
    resident = Resident(quick_parts.conversation)
    for text in ("怎么用求真", "您的隱私", "Your privacy"):
        reply = await resident.writes(text)
        assert (reply.route, reply.text.split("\n")[0]) == ("command", text)


@pytest.mark.parametrize("text", ["这是真的吗？", "那我妈呢", "13800138000这个号码是骗子吗", "救救救"])
async def test_what_nobody_could_look_into_opens_no_rumour(quick_parts: Parts, text: str) -> None:
    reply = await Resident(quick_parts.conversation).writes(text)
    assert reply.rumour is None
    assert "110" in reply.text


async def test_question_about_a_message_that_is_quoted_is_asked_of_that(quick_parts: Parts) -> None:
    message = Resident(quick_parts.conversation).message("這是真的嗎？")
    reply = await quick_parts.conversation.reply_to(replace(message, quoted="听说柳树村的老井让人投了毒"))
    assert reply is not None
    assert (reply.route, reply.rumour, reply.language) == ("claim", "R1", "zh-Hant")


@pytest.mark.parametrize(
    ("text", "unsupported", "quotes_forward", "expected"),
    [
        ("", "voice", True, "unsupported"),
        ("👍", None, True, "test"),
        ("怎么办", None, True, "claim"),
        ("怎么办", None, False, "scam"),
    ],
)
async def test_what_is_quoted_is_the_message_only_where_words_ask_about_it(
    quick_parts: Parts, text: str, unsupported: str | None, quotes_forward: bool, expected: str
) -> None:
    message = replace(Resident(quick_parts.conversation).message(text), unsupported=unsupported)
    quoting = replace(message, quoted="我给骗子转了五万", quotes_forward=quotes_forward)
    reply = await quick_parts.conversation.reply_to(quoting)
    assert reply is not None
    assert reply.route == expected
    assert ("马上打 110" in reply.text) == (expected == "scam")


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "document"])
async def test_what_cannot_be_read_yet_is_said_plainly(quick_parts: Parts, kind: str) -> None:
    message = IncomingMessage(channel="telegram", address="1", key="k", unsupported=kind)
    reply = await quick_parts.conversation.reply_to(message)
    assert reply is not None
    assert reply.route == "unsupported"
    assert reply.text.startswith("这种消息我还看不了")


async def test_caption_of_a_picture_is_read(quick_parts: Parts) -> None:
    message = IncomingMessage(channel="telegram", address="1", key="k", text="我妈煤气中毒晕倒了", unsupported="photo")
    reply = await quick_parts.conversation.reply_to(message)
    assert reply is not None
    assert reply.route == "urgent"
    assert "图里的字" not in reply.text


async def test_picture_whose_caption_only_asks_is_not_accepted(quick_parts: Parts) -> None:
    message = IncomingMessage(channel="telegram", address="1", key="k", text="这是真的吗？", unsupported="photo")
    reply = await quick_parts.conversation.reply_to(message)
    assert reply is not None
    assert (reply.route, reply.rumour) == ("unsupported", None)
    assert reply.text.startswith("这种消息我还看不了")


async def test_picture_with_a_caption_says_that_only_the_caption_was_read(quick_parts: Parts) -> None:
    message = IncomingMessage(channel="telegram", address="1", key="k", text="聽說井水有毒", unsupported="photo")
    reply = await quick_parts.conversation.reply_to(message)
    assert reply is not None
    assert reply.rumour == "R1"
    assert reply.text.endswith("（圖裡的字、語音裡的話我看不了。要查的在裡面，請打成文字發給我。）")


class Everything:
    """One quick bot in a loop of its own, because hypothesis calls plain functions."""

    def __init__(self, folder: Path) -> None:
        self._runner = asyncio.Runner()
        self._folder = folder
        self.parts = self.run(self._build())
        self.count = 0

    def run(self, work: Any) -> Any:
        return self._runner.run(work)

    async def _build(self) -> Parts:
        given = Settings(data_dir=self._folder, secret=SECRET, messages_per_minute=10_000_000, database_url="")
        parts = build(given, HashingEncoder())
        await parts.database.migrate()
        async with parts.database.transaction() as session:
            for content in list(read_folder(CONTENT).articles.values())[:5]:
                await articles.save(session, content, status=Status.PUBLISHED)
        await parts.warm_up()
        return parts

    async def turns(self) -> int:
        async with self.parts.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(Turn)) or 0

    def close(self) -> None:
        self.run(self.parts.close())
        self._runner.close()


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    bot = Everything(tmp_path_factory.mktemp("everything"))
    yield bot
    bot.close()


_IDS = st.integers(-1, 40).map(str)
_NAMES = st.sampled_from(
    [
        "full",
        "src",
        "up",
        "down",
        "why",
        "tell",
        "hush",
        "pick",
        "read",
        "none",
        "not",
        "aid",
        "lang",
        "forget",
        "ask",
        "x",
    ]
)
_ARGUMENTS = st.one_of(
    _IDS,
    st.sampled_from(["wrong", "old", "yes", "no", "zh-Hant", "en", "auto", "example-1", *Harm, *Danger]),
    st.text(max_size=8),
)
_TOKENS = st.builds(lambda name, rest: ":".join([name, *rest]), _NAMES, st.lists(_ARGUMENTS, max_size=3))
_WORDS = st.sampled_from(
    [
        *("煤气", "晕倒了", "我", "被骗了", "转", "安全账户", "吗", "隔夜菜", "听说"),
        *("/start", "/mine", "/forget", "https://a.example", "é", "\n"),
    ]
)
_ANY_CHARACTER = st.characters(exclude_categories=())
_TEXTS = st.one_of(
    st.text(_ANY_CHARACTER, max_size=200),
    st.lists(_WORDS, max_size=30).map("".join),
    st.text(_ANY_CHARACTER).map("/{}".format),
)
_MESSAGES = st.one_of(
    st.tuples(_TEXTS, st.none(), st.booleans(), st.none() | st.just("photo")),
    st.tuples(st.just(""), _TOKENS, st.just(False), st.none()),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_MESSAGES, st.sampled_from(["telegram", "web"]), st.sampled_from("abc"))
def test_anything_gets_a_sendable_reply_and_is_recorded_once(
    everything: Everything, sent: tuple[str, str | None, bool, str | None], channel: str, address: str
) -> None:
    text, pressed, forwarded, unsupported = sent
    everything.count += 1
    message = IncomingMessage(
        channel=channel,
        address=address,
        key=f"anything-{everything.count}",
        text=text,
        pressed=pressed,
        forwarded=forwarded,
        unsupported=unsupported,
    )
    before = everything.run(everything.turns())
    reply = everything.run(everything.parts.conversation.reply_to(message))
    again = everything.run(everything.parts.conversation.reply_to(message))

    assert reply is not None
    assert reply.route not in ("", "failed")
    assert reply.text.strip()
    assert len(reply.text.encode("utf-16-le")) // 2 < 4096
    for row in reply.choices:
        for choice in row:
            assert 0 < len(choice.token.encode()) <= 64
            assert choice.label
    assert again is not None
    assert (again.text, again.repeated) == (reply.text, True)
    assert everything.run(everything.turns()) == before + 1
