"""What may be served: the database has the last word over the index."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.conversation.answering import Answering
from bot.conversation.conversation import Conversation
from bot.conversation.flood import FloodGuard
from bot.wiring import Parts
from index.clusters import ClusterIndex
from index.decision import Bands
from knowledge import articles
from knowledge.models import Article, Sighting
from tests.bot.resident import Resident, token, tokens

LIQUOR = "喝高度白酒能杀死病毒吗"
ADVERT = "柳树村鞋店新品上市，全场特价，欢迎选购"


def _at(parts: Parts, moment: datetime, timezone: str = "Asia/Shanghai") -> Resident:
    """A resident who writes at that moment."""
    conversation = Conversation(
        database=parts.database,
        vault=parts.vault,
        search=parts.search,
        answering=Answering(ClusterIndex(parts.encoder)),
        desk=parts.desk,
        flood=FloodGuard(1000),
        timezone=timezone,
        clock=lambda: moment,
    )
    return Resident(conversation)


async def _review_by(parts: Parts, slug: str, day: date) -> None:
    async with parts.database.transaction() as session:
        (await articles.get(session, slug)).review_by = day


async def test_retired_article_is_never_served_though_the_index_still_finds_it(
    resident: Resident, parts: Parts
) -> None:
    async with parts.database.transaction() as session:
        await articles.retire(session, "baijiu-virus")
    assert parts.searcher.search(LIQUOR).band.value == "sure"
    reply = await resident.writes(LIQUOR)

    assert (reply.article, reply.band, reply.rumour) == (None, "unknown", "R1")
    assert "❌" not in reply.text
    assert tokens(reply) == ["hush:1"]


async def test_article_is_served_through_its_last_day_and_not_after_it(parts: Parts) -> None:
    await _review_by(parts, "baijiu-virus", date(2026, 12, 31))
    last_minute = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)  # a minute to midnight in Shanghai
    served = await _at(parts, last_minute).writes(LIQUOR)
    expired = await _at(parts, last_minute + timedelta(minutes=2)).writes(LIQUOR)

    assert served.article == "baijiu-virus"
    assert "2026-12-31 前有效" in served.text
    assert (expired.article, expired.band) == (None, "unknown")
    assert (await _at(parts, last_minute + timedelta(minutes=2), "UTC").writes(LIQUOR)).article == "baijiu-virus"


async def test_expired_article_is_not_shown_by_old_buttons(resident: Resident, parts: Parts) -> None:
    answer = await resident.writes(LIQUOR)
    await _review_by(parts, "baijiu-virus", date(2020, 1, 1))

    assert "已经撤下" in (await resident.presses(token(answer, "full"))).text


async def test_menu_leaves_out_what_may_not_be_served(parts: Parts) -> None:
    parts.searcher.bands = Bands(sure=1.1, ambiguous=0.0)
    resident = Resident(parts.conversation)
    offered = await resident.writes("喝醋有用吗")
    gone = int(tokens(offered)[0].split(":")[2])
    async with parts.database.transaction() as session:
        article = await session.get(Article, gone)
        assert article is not None
        await articles.retire(session, article.slug)
    offered_now = {
        each.split(":")[2] for each in tokens(await resident.writes("喝醋有用吗")) if each.startswith("pick")
    }

    assert str(gone) not in offered_now
    assert offered_now


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("听说柳树村的老井昨晚让人投了毒", "尚无定论：这条消息还没有人核实过"),
        ("柳树村的老井几点开放啊", "这个问题我还没有可靠的答案"),
        ("自称县里来的干部说要先交保证金才能领补贴，不要告诉家人", "很像诈骗：先停下，别转钱"),
    ],
)
async def test_honest_no_fits_what_was_sent(parts: Parts, text: str, words: str) -> None:
    parts.searcher.bands = Bands(sure=1.1, ambiguous=1.05)  # nothing is found
    reply = await Resident(parts.conversation).writes(text)

    assert words in reply.text.splitlines()[0]
    assert "R1" in reply.text
    assert "hush:1" in tokens(reply)


async def test_unknown_scam_offers_first_aid(parts: Parts) -> None:
    parts.searcher.bands = Bands(sure=1.1, ambiguous=1.05)
    reply = await Resident(parts.conversation).writes("自称县里来的干部说要先交保证金才能领补贴，不要告诉家人")

    assert tokens(reply)[:2] == ["aid:money-sent", "aid:code-given"]


async def test_every_searched_message_leaves_one_sighting(resident: Resident, parts: Parts) -> None:
    for text in (LIQUOR, "听说柳树村的老井昨晚让人投了毒", "公安局打电话说我涉嫌洗钱，让我把钱转到安全账户", "你好"):
        await resident.writes(text)
    async with parts.database.reading() as session:
        rows = list(await session.scalars(select(Sighting).order_by(Sighting.id)))
    assert [(row.turn_id, row.kind.value) for row in rows] == [(1, "question"), (2, "claim"), (3, "claim")]
    assert [(row.article_id is None, row.rumour_id is None) for row in rows] == [
        (False, True),
        (True, False),
        (False, True),
    ]


async def test_advert_is_not_looked_into_unless_its_sender_asks_for_it(parts: Parts) -> None:
    parts.searcher.bands = Bands(sure=1.1, ambiguous=1.05)  # nothing is found
    resident = Resident(parts.conversation)
    waved = await resident.writes(ADVERT)
    asked_for = await resident.presses(token(waved, "none"))

    assert waved.text.splitlines()[0] == "这像一条广告"
    assert waved.rumour is None
    assert "还没有人核实过" in asked_for.text.splitlines()[0]
    assert asked_for.rumour == "R1"
    assert "用不了" in (await resident.presses(token(waved, "none"))).text


async def test_advert_that_speaks_of_an_article_is_no_mere_advert(parts: Parts) -> None:
    parts.searcher.bands = Bands(sure=0.0, ambiguous=0.0)
    assert (await Resident(parts.conversation).writes(ADVERT)).article


async def test_advert_that_an_article_may_answer_is_looked_into(parts: Parts) -> None:
    parts.searcher.bands = Bands(sure=1.1)
    reply = await Resident(parts.conversation).writes(f"{ADVERT}。喝高度白酒能杀死体内的病毒，清仓促销，满100减50")

    assert (reply.route, reply.rumour) == ("advert", "R1")
    assert any(each.startswith("read:") for each in tokens(reply))
