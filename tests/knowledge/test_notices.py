"""Everybody who asked hears of it once, and only what still holds."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import carried, notices, residents, rumours
from knowledge.database import Database
from knowledge.models import Delivery, Notice, Reason, Resident, Rumour, RumourStatus, Sighting, Turn
from knowledge.notices import Told, ToSay
from tests.factories import NOON, VAULT, resident, saved_article, seen, turn

TODAY = date(2026, 11, 22)
CHANNELS = ("telegram",)


async def a_rumour(session: AsyncSession, *askers: str) -> int:
    """A rumour these addresses asked about."""
    ids = [await resident(session, address) for address in askers]
    rumour_id = await rumours.open_rumour(session, await seen(session, ids[0]))
    for other in ids[1:]:
        await rumours.join(session, await seen(session, other), rumour_id)
    return rumour_id


async def waiting(session: AsyncSession) -> list[ToSay]:
    """What can be put into words for Telegram."""
    return list(await notices.to_say(session, CHANNELS, TODAY, limit=100))


async def say_all(session: AsyncSession, delivery: Delivery = Delivery.SENT) -> None:
    """Put into words what waits, and have it fare so."""
    for item in await waiting(session):
        turn_id = await turn(session, item.resident_id, route="notice")
        await session.execute(update(Turn).where(Turn.id == turn_id).values(delivery=delivery))
        await carried.attach(session, Notice, item.id, turn_id)


async def reasons(session: AsyncSession) -> list[Reason]:
    """Why whom is told, in order."""
    return list(await session.scalars(select(Notice.reason).order_by(Notice.id)))


async def test_everybody_who_asked_is_told_once(database: Database) -> None:
    async with database.transaction() as session:
        article = await saved_article(session)
        rumour_id = await a_rumour(session, "1", "2", "2")
        await a_rumour(session, "stranger")
        await rumours.follow(session, rumour_id, await resident(session, "follower"), NOON)
        told = await notices.tell(session, rumour_id, Reason.VERDICT, at=NOON, article_id=article.id, change=1)
        again = await notices.tell(session, rumour_id, Reason.VERDICT, at=NOON, article_id=article.id, change=1)
    assert (told, again) == (3, 0)
    async with database.reading() as session:
        rows = (await session.scalars(select(Notice).order_by(Notice.id))).all()
        assert [(row.article_id, row.change, row.attempts, row.at) for row in rows] == [(article.id, 1, 0, NOON)] * 3
        assert await notices.progress(session, rumour_id) == Told(waiting=3)


async def test_who_does_not_want_to_be_told_or_is_forgotten_is_not(database: Database) -> None:
    async with database.transaction() as session:
        rumour_id = await a_rumour(session, "1", "2", "3")
        await residents.set_told(session, await resident(session, "1"), told=False)
        await residents.forget(session, await resident(session, "2"))
        assert await notices.tell(session, rumour_id, Reason.NOT_A_CLAIM, at=NOON) == 1
        await residents.set_told(session, await resident(session, "3"), told=False)
        assert await waiting(session) == []
        await residents.set_told(session, await resident(session, "3"), told=True)
        assert len(await waiting(session)) == 1
        await residents.forget(session, await resident(session, "3"))
        assert await reasons(session) == []


async def test_only_the_newest_word_is_said(database: Database) -> None:
    async with database.transaction() as session:
        article = await saved_article(session)
        rumour_id = await a_rumour(session, "1")
        await notices.tell(session, rumour_id, Reason.STILL_UNSURE, at=NOON)
        await notices.tell(session, rumour_id, Reason.VERDICT, at=NOON, article_id=article.id, change=1)
        await notices.tell_article(session, article.id, Reason.CORRECTION, at=NOON, change=2)
        await notices.tell(session, rumour_id, Reason.CORRECTION, at=NOON, article_id=article.id, change=2)
        assert [(item.reason, item.heard) for item in await waiting(session)] == [(Reason.CORRECTION, False)]


async def test_a_correction_reaches_who_heard_and_who_was_answered_by_the_article_once_each(database: Database) -> None:
    async with database.transaction() as session:
        article = await saved_article(session)
        first, second = await a_rumour(session, "1"), await a_rumour(session, "1", "2")
        await session.execute(update(Rumour).values(article_id=article.id, status=RumourStatus.ANSWERED))
        for rumour_id in (first, second):
            await notices.tell(session, rumour_id, Reason.VERDICT, at=NOON, article_id=article.id, change=1)
        await say_all(session)
        later = await resident(session, "3")
        await rumours.record_sighting(session, await seen(session, later, "井水有毒吗"), article_id=article.id)
        assert await notices.tell_article(session, article.id, Reason.CORRECTION, at=NOON, change=2) == 3
        found = await waiting(session)
    assert [(item.rumour_id, item.heard) for item in found] == [(first, True), (second, True), (first, True)]
    assert found[2].said == "井水有毒吗"


async def test_an_article_that_settles_nothing_tells_nobody(database: Database) -> None:
    async with database.transaction() as session:
        article = await saved_article(session)
        assert await notices.tell_article(session, article.id, Reason.WITHDRAWAL, at=NOON, change=2) == 0


async def test_what_cannot_be_shown_today_waits_and_holds_up_nothing(database: Database) -> None:
    async with database.transaction() as session:
        expired = await saved_article(session, review_by="2026-11-21")
        for address in ("1", "2", "3"):
            rumour_id = await a_rumour(session, address)
            await notices.tell(session, rumour_id, Reason.VERDICT, at=NOON, article_id=expired.id, change=1)
        sayable = await a_rumour(session, "4")
        await notices.tell(session, sayable, Reason.WITHDRAWAL, at=NOON, article_id=expired.id, change=2)
        found = await notices.to_say(session, CHANNELS, TODAY, limit=2)
        assert [item.rumour_id for item in found] == [sayable]
        assert len(await notices.to_say(session, CHANNELS, TODAY - timedelta(days=1), limit=9)) == 4
        assert await notices.is_waiting(session, CHANNELS, TODAY)
        assert not await notices.is_waiting(session, ("web",), TODAY)


async def test_what_is_said_has_the_residents_own_words_and_language(database: Database) -> None:
    async with database.transaction() as session:
        one, other = await resident(session, "1"), await resident(session, "2")
        rumour_id = await rumours.open_rumour(session, await seen(session, one, "井水有毒"))
        await rumours.join(session, await seen(session, other, "井水不能喝"), rumour_id)
        await session.execute(update(Turn).where(Turn.resident_id == other).values(language="zh-Hant"))
        await residents.set_language(session, one, "en")
        follower = await resident(session, "3")
        await rumours.follow(session, rumour_id, follower, NOON)
        await session.execute(update(Rumour).values(canned="advert"))
        await notices.tell(session, rumour_id, Reason.NOT_A_CLAIM, at=NOON)
        found = {item.resident_id: item for item in await waiting(session)}
    assert (found[one].said, found[one].language, found[one].canned) == ("井水有毒", "en", "advert")
    assert (found[other].said, found[other].language) == ("井水不能喝", "zh-Hant")
    assert (found[follower].said, found[follower].language) == (None, None)


async def test_a_residents_own_notices_are_found_by_key(database: Database) -> None:
    async with database.transaction() as session:
        rumour_id = await a_rumour(session, "1", "2")
        await notices.tell(session, rumour_id, Reason.STILL_UNSURE, at=NOON)
        key = VAULT.key_of("telegram", "2")
        assert await notices.is_waiting_for(session, key, TODAY)
        assert not await notices.is_waiting_for(session, VAULT.key_of("web", "2"), TODAY)
        (found,) = await notices.to_say_to(session, key, TODAY, limit=5)
        assert found.resident_id == await resident(session, "2")


async def test_what_failed_is_tried_again_later_and_not_for_ever(database: Database) -> None:
    async with database.transaction() as session:
        rumour_id = await a_rumour(session, "1")
        await notices.tell(session, rumour_id, Reason.STILL_UNSURE, at=NOON)
        for attempt in range(1, carried.ATTEMPTS + 1):
            await say_all(session, Delivery.FAILED)
            assert await notices.progress(session, rumour_id) == Told(failed=1)
            assert await carried.try_again(session, Notice, NOON + timedelta(minutes=59)) == 0
            put_back = await carried.try_again(session, Notice, NOON + timedelta(hours=1))
            assert put_back == (attempt < carried.ATTEMPTS)
        assert await session.scalar(select(Notice.attempts)) == carried.ATTEMPTS


@pytest.mark.parametrize("delivery", [Delivery.PENDING, Delivery.SENDING, Delivery.SENT])
async def test_what_may_have_arrived_is_never_tried_again(database: Database, delivery: Delivery) -> None:
    async with database.transaction() as session:
        rumour_id = await a_rumour(session, "1")
        await notices.tell(session, rumour_id, Reason.STILL_UNSURE, at=NOON)
        await say_all(session, delivery)
        assert await carried.try_again(session, Notice, NOON + timedelta(days=9)) == 0
        expected = Told(delivered=1) if delivery is Delivery.SENT else Told(sending=1)
        assert await notices.progress(session, rumour_id) == expected


async def test_still_unsure_goes_out_before_the_answer_is_due_once_a_rumour(database: Database) -> None:
    due = NOON + rumours.ANSWERED_WITHIN
    async with database.transaction() as session:
        rumour_id, other = await a_rumour(session, "1", "2"), await a_rumour(session, "1")
        settled = await a_rumour(session, "3")
        await session.execute(update(Rumour).where(Rumour.id == settled).values(status=RumourStatus.ANSWERED))
        assert await notices.remind(session, due - timedelta(minutes=61)) == 0
        assert await notices.remind(session, due - timedelta(minutes=59)) == 3
        await rumours.join(session, await seen(session, await resident(session, "late")), rumour_id)
        await session.execute(update(Rumour).values(answer_due=due + timedelta(days=1)))
        assert await notices.remind(session, due + timedelta(days=1)) == 0
        found = await session.execute(select(Notice.rumour_id, Notice.reason).order_by(Notice.rumour_id))
        assert [tuple(row) for row in found] == [
            *[(rumour_id, Reason.STILL_UNSURE)] * 2,
            (other, Reason.STILL_UNSURE),
        ]


async def test_nobody_is_reminded_of_what_is_long_past(database: Database) -> None:
    async with database.transaction() as session:
        await a_rumour(session, "1")
        assert await notices.remind(session, NOON + rumours.ANSWERED_WITHIN + timedelta(days=8)) == 0


async def test_what_waits_for_somebody_who_never_comes_back_is_forgotten(database: Database) -> None:
    async with database.transaction() as session:
        rumour_id = await a_rumour(session, "1")
        assert await notices.tell(session, rumour_id, Reason.STILL_UNSURE, at=NOON) == 1
        await notices.let_go(session, NOON + notices.WAITS_FOR)
        assert await session.scalar(select(func.count()).select_from(Notice)) == 1
        await notices.let_go(session, NOON + notices.WAITS_FOR + timedelta(seconds=1))
        assert await session.scalar(select(func.count()).select_from(Notice)) == 0


async def test_ten_thousand_are_told_by_one_statement(database: Database) -> None:
    count = 10_000
    async with database.transaction() as session:
        rumour_id = await a_rumour(session, "1")
        sealed = VAULT.seal("x")
        base = {"channel": "telegram", "address": sealed, "is_told": True, "created_at": NOON, "seen_at": NOON}
        await session.execute(insert(Resident), [base | {"id": 100 + n, "key": f"k{n}"} for n in range(count)])
        plain = {"route": "claim", "language": "", "forwarded": False, "ms": 0.0, "delivery": Delivery.NONE}
        turns = [
            plain | {"id": 100 + n, "channel": "telegram", "key": f"t{n}", "received_at": NOON} for n in range(count)
        ]
        await session.execute(insert(Turn), turns)
        one = asdict(await seen(session, 100, turn_id=100))
        sightings = [one | {"turn_id": 100 + n, "resident_id": 100 + n, "rumour_id": rumour_id} for n in range(count)]
        await session.execute(insert(Sighting), sightings)
    async with database.transaction() as session:
        assert await notices.tell(session, rumour_id, Reason.STILL_UNSURE, at=NOON) == count + 1
        assert len(await notices.to_say(session, CHANNELS, TODAY, limit=100)) == 100
