"""The whole conversation on a real database, with the starter articles and the real encoder."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from bot.conversation.answering import Answering
from bot.conversation.conversation import Conversation
from bot.conversation.flood import FloodGuard
from bot.messages import IncomingMessage, Reply, ReplyGone
from bot.settings import Settings
from bot.wiring import Parts, build
from index.clusters import ClusterIndex
from index.search import Outcome, Searcher
from index.vectors import FloatVector
from index.worker import SearchWorker
from knowledge import turns
from knowledge.database import Database
from knowledge.models import Article, Delivery, Rumour, Sighting, Turn
from knowledge.models import Resident as ResidentRow
from tests.bot.conftest import Starter
from tests.bot.resident import Resident, tokens

WELL = "听说柳树村东头的老井昨晚让人投了毒，大家千万别喝井水"
WELL_REWORDED = "紧急通知！柳树村东边那口老井昨天夜里被人下毒，请大家别喝里面的水"


async def turns_of(parts: Parts) -> Sequence[Turn]:
    async with parts.database.reading() as session:
        return list(await session.scalars(select(Turn).order_by(Turn.id)))


async def sightings_of(parts: Parts) -> Sequence[Sighting]:
    async with parts.database.reading() as session:
        return list(await session.scalars(select(Sighting).order_by(Sighting.id)))


async def rumours_of(parts: Parts) -> Sequence[Rumour]:
    async with parts.database.reading() as session:
        return list(await session.scalars(select(Rumour).order_by(Rumour.id)))


# The four things the bot must show


async def test_liquor_rumour_gets_its_debunk(resident: Resident, parts: Parts) -> None:
    reply = await resident.writes("喝高度白酒能杀死病毒吗")

    assert (reply.route, reply.band, reply.article, reply.verdict) == ("question", "sure", "baijiu-virus", "false")
    assert reply.text.splitlines()[0] == "❌ 假｜“喝高度白酒可以杀死体内的病毒，预防感染”"
    assert reply.probability is not None
    assert reply.probability >= 0.8
    assert reply.sources
    assert all(source.url.startswith(("https://", "http://")) for source in reply.sources)
    assert f"来源：{reply.sources[0].publisher}" in reply.text
    assert [name.split(":")[0] for name in tokens(reply)] == ["full", "src", "up", "down", "not"]
    [sighting], [turn] = await sightings_of(parts), await turns_of(parts)
    async with parts.database.reading() as session:
        article = await session.get(Article, sighting.article_id)
    assert article is not None
    assert (article.slug, sighting.rumour_id, sighting.text) == ("baijiu-virus", None, "喝高度白酒能杀死病毒吗")
    assert (turn.article_id, turn.delivery, turn.key) == (article.id, Delivery.PENDING, turn.key)
    assert reply.ms < 2000


async def test_safe_account_call_is_a_scam_that_says_stop_first(resident: Resident) -> None:
    reply = await resident.writes("公安局打电话说我涉嫌洗钱，让我把钱转到安全账户")

    assert (reply.route, reply.article, reply.verdict) == ("scam", "safe-account", "scam")
    assert reply.text.startswith("🚨 诈骗｜")
    assert "先停下：不转账，不给验证码，不点链接" in reply.text
    assert "96110" in reply.text
    assert tokens(reply)[:4] == ["aid:money-sent", "aid:code-given", "aid:screen-shared", "aid:app-installed"]


@pytest.mark.parametrize("text", ["我妈煤气中毒晕倒了", "我媽煤氣中毒暈倒了"])
async def test_gas_poisoning_is_urgent_and_nothing_is_searched(resident: Resident, parts: Parts, text: str) -> None:
    reply = await resident.writes(text)

    assert (reply.route, reply.band, reply.article) == ("urgent", None, None)
    assert "120" in reply.text.splitlines()[0]
    assert await sightings_of(parts) == []


async def test_an_emergency_that_no_rule_foresaw_gets_its_card(resident: Resident, parts: Parts) -> None:
    reply = await resident.writes("车子栽到水凼凼头去了，门推不动，玻璃也摇不下来，咋个出得来嘛")

    assert (reply.route, reply.article) == ("urgent", None)
    assert "先逃出来再打" in reply.text.splitlines()[0]
    assert await sightings_of(parts) == []


async def test_what_may_be_a_question_gets_the_card_and_what_answers_it(resident: Resident) -> None:
    reply = await resident.writes("胸口闷疼咋办")
    assert reply.text.startswith("🚨 像心脏病发作，马上打 120")

    shown = await resident.presses(tokens(reply)[0])
    assert shown.article == "chest-pain-heart-attack"
    assert [name.split(":")[0] for name in tokens(shown)] == ["full", "src", "up", "down"]


async def test_local_rumour_forwarded_twice_is_one_rumour_counted_twice(resident: Resident, parts: Parts) -> None:
    other = Resident(parts.conversation, address="815")

    first = await resident.writes(WELL, forwarded=True)
    second = await other.writes(WELL_REWORDED, forwarded=True)

    assert (first.route, first.band, first.rumour, second.rumour) == ("claim", "unknown", "R1", "R1")
    assert "您是第一个来问的" in first.text
    assert "已收到 2 次" in second.text
    [rumour] = await rumours_of(parts)
    assert (rumour.ref, rumour.sightings, rumour.text) == ("R1", 2, WELL)
    assert [sighting.rumour_id for sighting in await sightings_of(parts)] == [1, 1]


async def test_another_rumour_is_not_mixed_in(resident: Resident, parts: Parts) -> None:
    await resident.writes(WELL, forwarded=True)
    reply = await resident.writes("听说镇上的幼儿园下个月要搬到化肥厂旁边", forwarded=True)

    assert reply.rumour == "R2"
    assert [rumour.sightings for rumour in await rumours_of(parts)] == [1, 1]


async def test_two_processes_count_the_same_rumour_together(parts: Parts, settings: Settings, starter: Starter) -> None:
    other_parts = build(settings, starter.encoder)
    await other_parts.warm_up()
    try:
        here, there = Resident(parts.conversation), Resident(other_parts.conversation, address="815")
        refs = [
            (await here.writes(WELL, forwarded=True)).rumour,
            (await there.writes(WELL_REWORDED, forwarded=True)).rumour,
            (await there.writes("听说供销社下个月要关门，会员卡的钱都不退了", forwarded=True)).rumour,
            (await here.writes("据说供销社下月就要关门了，会员卡里的钱一分不退", forwarded=True)).rumour,
        ]
    finally:
        await other_parts.close()
    assert refs == ["R1", "R1", "R2", "R2"]
    assert [rumour.sightings for rumour in await rumours_of(parts)] == [2, 2]


async def test_same_rumour_in_two_processes_at_once_is_one(parts: Parts, settings: Settings, starter: Starter) -> None:
    other_parts = build(settings, starter.encoder)
    await other_parts.warm_up()
    try:
        replies = await asyncio.gather(
            *(
                Resident(each.conversation, address=f"{number}").writes(WELL, forwarded=True)
                for number in range(5)
                for each in (parts, other_parts)
            )
        )
    finally:
        await other_parts.close()
    assert {reply.rumour for reply in replies} == {"R1"}
    assert [rumour.sightings for rumour in await rumours_of(parts)] == [10]


async def test_rumours_of_before_a_restart_are_known_after_it(
    parts: Parts, settings: Settings, starter: Starter
) -> None:
    await Resident(parts.conversation).writes(WELL, forwarded=True)
    restarted = build(settings, starter.encoder)
    await restarted.warm_up()
    try:
        assert (await Resident(restarted.conversation).writes(WELL_REWORDED, forwarded=True)).rumour == "R1"
    finally:
        await restarted.close()


# Once and only once


async def test_message_delivered_twice_gets_the_same_reply_and_is_counted_once(
    resident: Resident, parts: Parts
) -> None:
    first = await resident.writes(WELL, forwarded=True, key="update-1")
    again = await resident.writes(WELL, forwarded=True, key="update-1")

    assert again == replace(first, repeated=True)
    assert len(await turns_of(parts)) == len(await sightings_of(parts)) == 1
    assert [rumour.sightings for rumour in await rumours_of(parts)] == [1]


async def test_message_delivered_twice_at_once_is_counted_once(resident: Resident, parts: Parts) -> None:
    replies = await asyncio.gather(*(resident.writes(WELL, forwarded=True, key="update-1") for _ in range(4)))

    assert sorted(reply.repeated for reply in replies) == [False, True, True, True]
    assert len({reply.text for reply in replies}) == 1
    assert [rumour.sightings for rumour in await rumours_of(parts)] == [1]


async def test_same_key_on_another_channel_is_another_message(parts: Parts) -> None:
    await Resident(parts.conversation, channel="telegram").writes("你好", key="1")
    reply = await Resident(parts.conversation, channel="web").writes("你好", key="1")

    assert not reply.repeated
    assert [(turn.channel, turn.delivery) for turn in await turns_of(parts)] == [
        ("telegram", Delivery.PENDING),
        ("web", Delivery.NONE),
    ]


async def test_reply_that_is_no_longer_kept_is_not_said_again(resident: Resident, parts: Parts) -> None:
    await resident.writes("你好", key="update-1")
    await parts.outbox.settle(1, delivered=True)

    assert await parts.conversation.reply_to(resident.message("你好", key="update-1")) is None


async def test_where_nothing_is_pushed_a_reply_that_is_not_kept_is_said_to_be_gone(quick_parts: Parts) -> None:
    visitor = Resident(quick_parts.conversation, channel="web")
    await visitor.writes("你好", key="1")
    async with quick_parts.database.transaction() as session:
        await turns.forget_replies(session, datetime.now(UTC))
    with pytest.raises(ReplyGone):
        await quick_parts.conversation.reply_to(visitor.message("你好", key="1"))


# Floods


async def test_flood_gets_one_notice_and_then_silence_until_it_ends(parts: Parts) -> None:
    now = [0.0]
    conversation = conversation_of(parts, flood=FloodGuard(3, clock=lambda: now[0]))
    resident, other = Resident(conversation), Resident(conversation, address="815")

    assert [(await resident.writes("你好")).route for _ in range(4)] == ["greeting"] * 3 + ["flood"]
    assert [await conversation.reply_to(resident.message("你好")) for _ in range(5)] == [None] * 5
    assert (await other.writes("你好")).route == "greeting"
    now[0] = 20.0
    assert (await resident.writes("你好")).route == "greeting"
    assert (await resident.writes("你好")).route == "flood"
    assert [turn.route for turn in await turns_of(parts)].count("flood") == 2


async def test_cry_for_help_in_a_flood_is_answered(quick_parts: Parts) -> None:
    conversation = conversation_of(quick_parts, flood=FloodGuard(1, clock=lambda: 0.0))
    resident = Resident(conversation)
    assert [(await resident.writes("你好")).route for _ in range(2)] == ["greeting", "flood"]

    assert (await resident.writes("我妈晕倒了叫不醒")).route == "urgent"
    assert await conversation.reply_to(resident.message("我妈晕倒了叫不醒")) is None
    assert await conversation.reply_to(resident.message("你好")) is None


async def test_whoever_was_swindled_over_an_invented_danger_gets_both_cards(quick_parts: Parts) -> None:
    reply = await Resident(quick_parts.conversation).writes("骗子说我孙子被车撞了，我已经转了三万过去了")

    assert reply.route == "scam"
    assert reply.text.startswith("🚨 挂断，别再转了")
    assert "🚨 马上打 120" in reply.text


# When something breaks


class BrokenSearcher(Searcher):
    """Breaks on one text and searches all others."""

    def __init__(self, searcher: Searcher, text: str, *, encodes: bool = False) -> None:
        super().__init__(searcher.encoder)
        self._whole, self._text, self._encodes = searcher, text, encodes

    def search_all(self, texts: Sequence[str], limit: int = 5) -> list[Outcome]:
        self._break_on(texts)
        return self._whole.search_all(texts, limit)

    def vector_of(self, text: str) -> FloatVector:
        if not self._encodes:
            self._break_on([text])
        return self._whole.vector_of(text)

    def _break_on(self, texts: Sequence[str]) -> None:
        if self._text in texts:
            raise RuntimeError(f"cannot search {self._text}")


def conversation_of(
    parts: Parts,
    *,
    database: Database | None = None,
    flood: FloodGuard | None = None,
    search: SearchWorker | None = None,
) -> Conversation:
    return Conversation(
        database=database or parts.database,
        vault=parts.vault,
        search=search or parts.search,
        answering=Answering(ClusterIndex(parts.encoder)),
        desk=parts.desk,
        flood=flood or FloodGuard(100_000),
        timezone="Asia/Shanghai",
    )


async def test_failing_search_gets_an_apology_and_is_remembered_as_failed(parts: Parts) -> None:
    broken = SearchWorker(BrokenSearcher(parts.searcher, "隔夜菜能吃吗"))
    resident = Resident(conversation_of(parts, search=broken))

    with capture_logs() as logs:
        reply = await resident.writes("隔夜菜能吃吗")
    after = await resident.writes("喝高度白酒能杀死病毒吗")
    broken.close()

    assert reply.route == "failed"
    assert "对不起" in reply.text
    assert "120" in reply.text
    assert after.article == "baijiu-virus"
    assert [turn.route for turn in await turns_of(parts)] == ["failed", "question"]
    assert len(await sightings_of(parts)) == 1
    assert [(entry["event"], entry["error"]) for entry in logs] == [
        ("search failed", "RuntimeError"),
        ("message failed", "RuntimeError"),
    ]
    assert all("test_conversation.py" in entry["at"] for entry in logs)
    assert "隔夜菜" not in str(logs)


@pytest.mark.parametrize(("text", "encodes"), [("我妈煤气中毒晕倒了", False), ("胸口闷疼咋办", True)])
async def test_who_is_in_danger_gets_a_card_though_search_is_broken(parts: Parts, text: str, encodes: bool) -> None:
    broken = SearchWorker(BrokenSearcher(parts.searcher, text, encodes=encodes))
    reply = await Resident(conversation_of(parts, search=broken)).writes(text)
    broken.close()

    assert reply.route == "urgent"
    assert "120" in reply.text.splitlines()[0]


async def test_apology_is_in_the_language_spoken_before(parts: Parts) -> None:
    broken = SearchWorker(BrokenSearcher(parts.searcher, "隔夜菜能吃嗎"))
    resident = Resident(conversation_of(parts, search=broken))
    await resident.writes("請問在嗎，我想問喝高度白酒能殺死病毒嗎")
    reply = await resident.writes("隔夜菜能吃嗎")
    broken.close()

    assert (reply.route, reply.language) == ("failed", "zh-Hant")
    assert "對不起" in reply.text


@pytest.fixture
async def empty_database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database without tables."""
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    yield database
    await database.close()


async def test_database_that_is_away_is_the_channels_business(parts: Parts, empty_database: Database) -> None:
    resident = Resident(conversation_of(parts, database=empty_database))

    with pytest.raises(DBAPIError) as caught:
        await resident.writes("我的手机号是13800138000，隔夜菜能吃吗")
    assert "隔夜菜" not in str(caught.value)


# What is kept, and what is not


async def test_personal_data_is_gone_before_anything_is_stored(parts: Parts) -> None:
    # An address too long to stand in a time or a hash by chance, as four digits once did.
    resident = Resident(conversation_of(parts), address="address-of-one-resident")
    await resident.writes("听说13912345678是骗子的号码，身份证11010519491231002X也被他拿去了", forwarded=True)

    [sighting], [rumour] = await sightings_of(parts), await rumours_of(parts)
    assert sighting.text == rumour.text == "听说[手机号]是骗子的号码，身份证[身份证号]也被他拿去了"
    raw = (parts.settings.data_dir / "qiuzhen.db").read_bytes() + (
        parts.settings.data_dir / "qiuzhen.db-wal"
    ).read_bytes()
    assert b"13912345678" not in raw
    assert b"11010519491231002X" not in raw
    assert resident.address.encode() not in raw


async def test_nothing_a_resident_writes_is_logged(
    resident: Resident, parts: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    texts = ["隔夜菜能吃吗", WELL, "我妈煤气中毒晕倒了", "我被骗了三万块", "/start", "你好", "x" * 5000]
    with capture_logs() as logs:
        for text in texts:
            reply = await resident.writes(text)
            for each in tokens(reply):
                await resident.presses(each)
    written = str(logs) + caplog.text
    assert [text for text in (*texts[:6], resident.address) if text in written] == []


async def test_replies_are_remembered_with_their_decision(resident: Resident, parts: Parts) -> None:
    reply = await resident.writes("喝高度白酒能杀死病毒吗")

    [turn] = await turns_of(parts)
    assert (turn.id, turn.route, turn.band, turn.language) == (reply.turn, "question", "sure", "zh-Hans")
    assert turn.probability == pytest.approx(reply.probability, abs=1e-4)
    assert turn.reply is not None
    assert Reply.from_json(turn.reply) == reply
    async with parts.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(ResidentRow)) == 1


async def test_long_text_is_answered_from_its_beginning_and_says_so(resident: Resident) -> None:
    reply = await resident.writes("喝高度白酒能杀死病毒吗？" + "大家都在说这件事，请问是不是真的。" * 300)

    assert "文字太长" in reply.text
    assert len(reply.text) <= 400


async def test_message_object_of_a_channel_is_not_changed(resident: Resident, parts: Parts) -> None:
    message = IncomingMessage(channel="web", address="a", key="k", pressed="ask:example-1")
    reply = await parts.conversation.reply_to(message)

    assert reply is not None
    assert (reply.article, message.pressed, message.text) == ("baijiu-virus", "ask:example-1", "")
