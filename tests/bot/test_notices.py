"""What those who asked are told, in which words, and that nothing is told twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.conversation.language import LANGUAGES
from bot.conversation.wording import Wording
from bot.messages import Reply
from bot.notices import Notifier, words
from bot.telling import keep_telling
from bot.wiring import PUSHING, Parts
from index.variants import is_traditional
from knowledge import notices, residents, rumours
from knowledge.database import Database
from knowledge.desk.steps import CANNED
from knowledge.models import Article, Delivery, Notice, Reason, Rumour, RumourStatus, Turn
from knowledge.notices import Told, ToSay
from tests.bot.resident import Resident, tokens
from tests.conftest import EVERY_DATABASE
from tests.factories import NOON, VAULT, resident, saved_article, seen

SAID = "听说村口的井水昨天有人投了毒\n大家千万别喝"
ASKED = "您之前问过 R1：“听说村口的井水昨天有人投了毒 大家千万别…”"


def notifier(database: Database, now: datetime = NOON) -> Notifier:
    return Notifier(database, VAULT, "Asia/Shanghai", pushing=frozenset({"telegram"}), clock=lambda: now)


async def asked(database: Database, *addresses: str, channel: str = "telegram", said: str = SAID) -> int:
    """A rumour these residents asked about, by id."""
    async with database.transaction() as session:
        ids = [await resident(session, address, channel=channel) for address in addresses]
        messages = [await seen(session, resident_id, said) for resident_id in ids]
        rumour_id = await rumours.open_rumour(session, messages[0])
        for message in messages[1:]:
            await rumours.join(session, message, rumour_id)
        return rumour_id


async def tell(
    database: Database, rumour_id: int, reason: Reason, *, change: int = 0, article: int | None = None
) -> None:
    async with database.transaction() as session:
        await notices.tell(session, rumour_id, reason, at=NOON, article_id=article, change=change)


async def verdict(database: Database, rumour_id: int, **fields: Any) -> int:
    """Settle a rumour by an article and let everybody know; the article's id."""
    async with database.transaction() as session:
        article = await saved_article(session, **fields)
        await session.execute(
            update(Rumour).where(Rumour.id == rumour_id).values(article_id=article.id, status=RumourStatus.ANSWERED)
        )
    await tell(database, rumour_id, Reason.VERDICT, change=1, article=article.id)
    return article.id


async def replies(database: Database) -> list[Reply]:
    """What was put into words and waits to be sent, in order."""
    async with database.reading() as session:
        rows = await session.scalars(select(Turn.reply).where(Turn.route == "notice").order_by(Turn.id))
        return [Reply.from_json(row) for row in rows if row]


async def test_a_verdict_is_told_mark_first_with_the_reason_it_is_heard(database: Database) -> None:
    article_id = await verdict(database, await asked(database, "1"))
    assert await notifier(database).put_into_words(NOON) == 1

    (reply,) = await replies(database)
    lines = reply.text.splitlines()
    assert lines[0] == "❌ 假｜“喝高度白酒可以杀死体内的病毒”"
    assert lines[1] == f"{ASKED}。现在查清楚了。"
    assert lines[3] == "不能。喝酒杀不死体内的病毒，反而伤身体。"
    assert "来源：世界卫生组织" in reply.text
    assert tokens(reply) == [
        f"full:{article_id}",
        f"src:{article_id}",
        f"up:{reply.turn}",
        f"down:{reply.turn}",
        "hush:1",
    ]
    assert (reply.route, reply.rumour, reply.verdict, len(reply.sources)) == ("notice", "R1", "false", 1)
    async with database.reading() as session:
        turn = await session.get_one(Turn, reply.turn)
        assert (turn.channel, turn.key[:9], turn.delivery) == ("telegram", "notice-1-", Delivery.PENDING)
        assert (turn.article_id, turn.language, turn.received_at) == (article_id, "zh-Hans", NOON)
        assert (await session.scalars(select(Notice))).one().turn_id == turn.id


async def test_a_scam_is_told_with_what_to_do_for_who_has_paid(database: Database) -> None:
    await verdict(database, await asked(database, "1"), kind="scam_alert")
    await notifier(database).put_into_words(NOON)
    (reply,) = await replies(database)
    assert reply.text.startswith("🚨 诈骗｜")
    assert tokens(reply)[0] == "aid:money-sent"


async def test_a_correction_says_so_to_who_had_heard_and_is_a_verdict_to_who_had_not(database: Database) -> None:
    rumour_id = await asked(database, "1", "2")
    article_id = await verdict(database, rumour_id)
    one = Notifier(database, VAULT, "UTC", pushing=frozenset({"telegram"}))
    async with database.transaction() as session:
        silent = await resident(session, "2")
        await residents.set_told(session, silent, told=False)
    assert await one.put_into_words(NOON) == 1
    async with database.transaction() as session:
        await residents.set_told(session, silent, told=True)
    await tell(database, rumour_id, Reason.CORRECTION, change=2, article=article_id)
    assert await one.put_into_words(NOON) == 2

    _, corrected, first = await replies(database)
    assert corrected.text.splitlines()[:2] == [
        "❌ 假｜“喝高度白酒可以杀死体内的病毒”",
        f"我们更正了之前的结论，请以这一条为准。{ASKED}。",
    ]
    assert first.text.splitlines()[1] == f"{ASKED}。现在查清楚了。"


async def test_a_withdrawal_is_told_to_who_had_heard_and_is_no_news_to_who_had_not(database: Database) -> None:
    heard = item(Reason.WITHDRAWAL, heard=True)
    wording = Wording("zh-Hans", "UTC")
    assert words(heard, None, wording, 1).text.startswith("❓ 之前的结论撤回了，先别照着做\n您之前问过 R1。")
    assert words(replace(heard, heard=False), None, wording, 1).text.startswith("❓ 还没有结论，仍在查证")

    rumour_id = await asked(database, "1")
    article_id = await verdict(database, rumour_id)
    await notifier(database).put_into_words(NOON)
    await tell(database, rumour_id, Reason.WITHDRAWAL, change=1, article=article_id)
    await notifier(database).put_into_words(NOON)
    reply = (await replies(database))[-1]
    assert reply.text.startswith("❓ 之前的结论撤回了")
    assert (reply.article, tokens(reply)) == (None, ["hush:1"])


def item(reason: Reason, **fields: Any) -> ToSay:
    given = ToSay(
        id=1,
        reason=reason,
        attempts=0,
        rumour_id=1,
        canned=None,
        article_id=None,
        said=None,
        heard=False,
        resident_id=1,
        channel="telegram",
        language=None,
    )
    return replace(given, **fields)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CANNED)
def test_every_canned_reply_can_be_said_and_says_what_was_asked(name: str, language: str) -> None:
    reply = words(item(Reason.NOT_A_CLAIM, canned=name, said="加微信领奖"), None, Wording(language, "UTC"), 1)
    assert "R1" in reply.text.splitlines()[1]
    assert ("加微信领奖" in reply.text) == (language != "zh-Hant")
    assert is_traditional(reply.text) == (language == "zh-Hant")
    assert tokens(reply) == ["hush:1"]


def test_a_canned_reply_nobody_knows_is_that_it_cannot_be_checked() -> None:
    wording = Wording("zh-Hans", "UTC")
    assert words(item(Reason.NOT_A_CLAIM, canned="?"), None, wording, 1).text.startswith("❓ 这个说法查不出真假")


async def test_notices_are_in_the_language_of_the_resident(database: Database) -> None:
    rumour_id = await asked(database, "1", "2")
    async with database.transaction() as session:
        await residents.set_language(session, await resident(session, "2"), "en")
    await tell(database, rumour_id, Reason.STILL_UNSURE)
    await notifier(database).put_into_words(NOON)
    chinese, english = await replies(database)
    assert chinese.text.startswith("❓ 还没有结论")
    assert english.text.startswith("❓ No conclusion yet")
    assert (english.language, english.choices[0][0].label) == ("en", "Tell me no more")


async def test_what_is_out_of_date_waits_until_it_is_renewed(database: Database) -> None:
    article_id = await verdict(database, await asked(database, "1"), review_by="2026-11-22")
    tomorrow = NOON + timedelta(days=1)
    assert await notifier(database).put_into_words(tomorrow) == 0
    async with database.transaction() as session:
        (await session.get_one(Article, article_id)).review_by = date(2026, 12, 1)
    assert await notifier(database).put_into_words(tomorrow) == 1


@pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
async def test_two_processes_that_tell_at_once_tell_everything_once(database: Database) -> None:
    rumour_id = await asked(database, *(str(number) for number in range(250)))
    await asyncio.gather(*(notifier(database).look_at_the_clock(NOON + rumours.ANSWERED_WITHIN) for _ in range(3)))

    async def all_of_it(one: Notifier) -> int:
        done = 0
        while count := await one.put_into_words(NOON):
            done += count
        return done

    done = await asyncio.gather(*(all_of_it(notifier(database)) for _ in range(3)))
    assert sum(done) == 250
    async with database.reading() as session:
        assert await notices.progress(session, rumour_id) == Told(sending=250)
        assert len(set(await session.scalars(select(Turn.resident_id).where(Turn.route == "notice")))) == 250


async def test_what_failed_gets_a_turn_of_its_own_and_three_are_the_most(database: Database) -> None:
    await tell(database, await asked(database, "1"), Reason.STILL_UNSURE)
    now = NOON
    for _ in range(5):
        await notifier(database).put_into_words(now)
        async with database.transaction() as session:
            await session.execute(update(Turn).where(Turn.route == "notice").values(delivery=Delivery.FAILED))
        now += timedelta(hours=2)
        await notifier(database).look_at_the_clock(now)
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).where(Turn.route == "notice")) == 3


async def test_after_somebody_is_forgotten_the_others_still_hear(database: Database) -> None:
    """SQLite gives the id of a deleted notice again, while its turn stays."""
    rumour_id = await asked(database, "1")
    await tell(database, rumour_id, Reason.STILL_UNSURE)
    assert await notifier(database).put_into_words(NOON) == 1
    async with database.transaction() as session:
        await residents.forget(session, 1)
        await rumours.join(session, await seen(session, await resident(session, "2"), SAID), rumour_id)
    await verdict(database, rumour_id)
    assert await notifier(database).put_into_words(NOON) == 1


async def test_the_web_pages_notices_wait_for_the_visit_and_then_say_the_newest(database: Database) -> None:
    rumour_id = await asked(database, "visitor", channel="web")
    article_id = await verdict(database, rumour_id)
    one = notifier(database)
    assert await one.put_into_words(NOON) == 0
    assert await one.collect("web", "somebody else") == []
    async with database.transaction() as session:
        (await session.get_one(Article, article_id)).claim = "井水有毒。"
    (reply,) = await one.collect("web", "visitor")
    assert reply.text.startswith("❌ 假｜“井水有毒”")
    assert await one.collect("web", "visitor") == []
    async with database.reading() as session:
        assert await notices.progress(session, rumour_id) == Told(delivered=1)
        assert (await session.get_one(Turn, reply.turn)).reply is None


async def test_a_resident_who_asked_hears_and_the_buttons_of_a_notice_work(quick_parts: Parts) -> None:
    parts = quick_parts
    someone = Resident(parts.conversation)
    logged = await someone.writes("柳树村的小学要停课一个月", forwarded=True)
    rumour_id = int((logged.rumour or "")[1:])
    article_id = await verdict(parts.database, rumour_id)
    assert await parts.notifier.put_into_words(datetime.now(UTC)) == 1
    (reply,) = await replies(parts.database)

    assert (await someone.presses(f"full:{article_id}")).text.startswith("❌ 假｜")
    assert (await someone.presses(f"up:{reply.turn}")).text.startswith("谢谢您")
    assert (await someone.presses("hush:1")).text.startswith("好，有了结论也不再告诉您")
    await tell(parts.database, rumour_id, Reason.CORRECTION, change=2, article=article_id)
    assert await parts.notifier.put_into_words(datetime.now(UTC)) == 0


async def test_the_clock_runs_by_itself(quick_parts: Parts) -> None:
    someone = Resident(quick_parts.conversation)
    await someone.writes("柳树村的小学要停课一个月", forwarded=True)
    late = datetime.now(UTC) + rumours.ANSWERED_WITHIN
    running = asyncio.create_task(
        keep_telling(Notifier(quick_parts.database, quick_parts.vault, "UTC", pushing=PUSHING), lambda: late)
    )
    async with asyncio.timeout(5):
        while True:
            if told := await replies(quick_parts.database):
                break
            await asyncio.sleep(0.02)
    running.cancel()
    assert told[0].text.startswith("❓ 还没有结论")
