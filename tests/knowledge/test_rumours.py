"""Every sighting counts once, and what many say at once becomes one rumour."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import residents, rumours
from knowledge.database import Database
from knowledge.errors import RumourNotFound
from knowledge.models import Follower, Rumour, RumourKind, RumourStatus, Sighting
from tests.factories import NOON, resident, saved_article, seen


async def the_sighting(session: AsyncSession, turn_id: int) -> Sighting:
    """The sighting a turn left."""
    sighting = await rumours.sighting_of(session, turn_id)
    assert sighting is not None
    return sighting


async def test_a_rumour_opens_with_its_first_sighting(database: Database) -> None:
    async with database.transaction() as session:
        first = await seen(session, await resident(session), "井水有毒", kind=RumourKind.QUESTION)
        rumour_id = await rumours.open_rumour(session, first)
    async with database.reading() as session:
        rumour = await session.get_one(Rumour, rumour_id)
        assert (rumour.text, rumour.sightings, rumour.kind) == ("井水有毒", 1, RumourKind.QUESTION)
        assert (rumour.status, rumour.first_seen, rumour.last_seen) == (RumourStatus.OPEN, NOON, NOON)
        assert rumour.ref == f"R{rumour_id}"
        sighting = await the_sighting(session, first.turn_id)
        assert (sighting.text, sighting.rumour_id, sighting.article_id) == ("井水有毒", rumour_id, None)
        assert (sighting.resident_id, sighting.kind, sighting.received_at) == (first.resident_id, first.kind, NOON)


async def test_joining_counts_and_keeps_the_first_words(database: Database) -> None:
    later = NOON + timedelta(hours=2)
    async with database.transaction() as session:
        one, other = await resident(session, "1"), await resident(session, "2")
        rumour_id = await rumours.open_rumour(session, await seen(session, one, "井水有毒"))
        unrelated = await rumours.open_rumour(session, await seen(session, one, "桥要塌"))
        assert await rumours.join(session, await seen(session, other, "井水不能喝"), rumour_id) == 2
        assert await rumours.join(session, await seen(session, one, "水有毒", received_at=later), rumour_id) == 3
    async with database.reading() as session:
        rumour = await session.get_one(Rumour, rumour_id)
        assert (rumour.text, rumour.sightings, rumour.first_seen, rumour.last_seen) == ("井水有毒", 3, NOON, later)
        assert (await session.get_one(Rumour, unrelated)).sightings == 1
        rows = await session.scalars(select(Sighting.text).where(Sighting.rumour_id == rumour_id).order_by(Sighting.id))
        assert rows.all() == ["井水有毒", "井水不能喝", "水有毒"]


async def test_a_rumour_that_does_not_exist_can_be_neither_joined_nor_followed(database: Database) -> None:
    async with database.transaction() as session:
        one = await resident(session)
        something = await seen(session, one)
        with pytest.raises(RumourNotFound, match="There is no rumour R404"):
            await rumours.join(session, something, 404)
        with pytest.raises(RumourNotFound, match="There is no rumour R404"):
            await rumours.follow(session, 404, one, NOON)
        assert await rumours.sighting_of(session, something.turn_id) is None


async def test_a_turn_leaves_one_sighting(database: Database) -> None:
    async with database.transaction() as session:
        something = await seen(session, await resident(session))
        await rumours.record_sighting(session, something)
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            await rumours.open_rumour(session, something)
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Rumour)) == 0


async def test_many_who_say_the_same_at_once_open_one_rumour(database: Database, database_url: str) -> None:
    """Two workers, each of which looks for the rumour under the lock before it opens one."""
    other = Database(database_url)
    async with database.transaction() as session:
        one = await resident(session)
        sightings = [await seen(session, one, "井水有毒") for _ in range(12)]

    async def record(through: Database, sighting: rumours.Seen) -> int:
        async with through.transaction() as session:
            await rumours.lock(session)
            known = await rumours.opened_after(session, 0)
            await asyncio.sleep(0.002)
            if known:
                return await rumours.join(session, sighting, known[0][0])
            await rumours.open_rumour(session, sighting)
            return 1

    pairs = zip((database, other) * 6, sightings, strict=True)
    counts = await asyncio.gather(*(record(through, sighting) for through, sighting in pairs))
    await other.close()
    assert sorted(counts) == list(range(1, 13))
    async with database.reading() as session:
        assert (await session.scalars(select(Rumour.sightings))).all() == [12]


async def test_joins_at_once_are_all_counted_even_without_the_lock(database: Database) -> None:
    async with database.transaction() as session:
        one = await resident(session)
        rumour_id = await rumours.open_rumour(session, await seen(session, one))
        sightings = [await seen(session, one) for _ in range(8)]

    async def join(sighting: rumours.Seen) -> int:
        async with database.transaction() as session:
            return await rumours.join(session, sighting, rumour_id)

    assert sorted(await asyncio.gather(*map(join, sightings))) == list(range(2, 10))


async def test_following_twice_is_following_once(database: Database) -> None:
    async with database.transaction() as session:
        one, other = await resident(session, "1"), await resident(session, "2")
        rumour_id = await rumours.open_rumour(session, await seen(session, one))
        await rumours.follow(session, rumour_id, one, NOON)
        await rumours.follow(session, rumour_id, one, NOON + timedelta(days=1))
        await rumours.follow(session, rumour_id, other, NOON)
    async with database.reading() as session:
        rows = await session.scalars(select(Follower).order_by(Follower.resident_id))
        assert [(row.rumour_id, row.resident_id, row.since) for row in rows] == [
            (rumour_id, one, NOON),
            (rumour_id, other, NOON),
        ]


async def test_following_from_two_phones_at_once_is_following_once(database: Database) -> None:
    async with database.transaction() as session:
        one = await resident(session)
        rumour_id = await rumours.open_rumour(session, await seen(session, one))

    async def follow() -> None:
        async with database.transaction() as session:
            await rumours.follow(session, rumour_id, one, NOON)

    await asyncio.gather(*(follow() for _ in range(6)))
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Follower)) == 1


async def test_a_sighting_is_tied_to_the_article_that_was_meant(database: Database) -> None:
    async with database.transaction() as session:
        article = await saved_article(session)
        something = await seen(session, await resident(session))
        await rumours.record_sighting(session, something)
        await rumours.tie_to_article(session, await the_sighting(session, something.turn_id), article.id)
    async with database.reading() as session:
        assert (await the_sighting(session, something.turn_id)).article_id == article.id


async def test_what_is_untied_can_be_recorded_anew(database: Database) -> None:
    async with database.transaction() as session:
        article = await saved_article(session)
        something = await seen(session, await resident(session), "井水有毒", kind=RumourKind.QUESTION)
        await rumours.record_sighting(session, something, article_id=article.id)
        untied = await rumours.untie(session, await the_sighting(session, something.turn_id))
        assert untied == something
        assert await rumours.sighting_of(session, something.turn_id) is None
        rumour_id = await rumours.open_rumour(session, untied)
    async with database.reading() as session:
        rows = await session.scalars(select(Sighting))
        assert [(row.text, row.article_id, row.rumour_id) for row in rows] == [("井水有毒", None, rumour_id)]


async def test_untying_from_a_rumour_counts_it_down(database: Database) -> None:
    async with database.transaction() as session:
        one = await resident(session)
        rumour_id = await rumours.open_rumour(session, await seen(session, one))
        joined = await seen(session, one)
        await rumours.join(session, joined, rumour_id)
        await rumours.untie(session, await the_sighting(session, joined.turn_id))
    async with database.reading() as session:
        assert await session.scalar(select(Rumour.sightings)) == 1
        assert await session.scalar(select(func.count()).select_from(Sighting)) == 1


async def test_what_a_forgotten_resident_said_can_still_be_untied(database: Database) -> None:
    async with database.transaction() as session:
        one = await resident(session)
        something = await seen(session, one)
        await rumours.record_sighting(session, something)
        await residents.forget(session, one)
    async with database.transaction() as session:
        untied = await rumours.untie(session, await the_sighting(session, something.turn_id))
        assert untied.resident_id is None
        await rumours.open_rumour(session, untied)


async def test_the_queue_is_ordered_by_demand_newest_first_among_equals(database: Database) -> None:
    async with database.transaction() as session:
        one = await resident(session)
        a, b, c, closed = [await rumours.open_rumour(session, await seen(session, one, name)) for name in "甲乙丙丁"]
        await rumours.join(session, await seen(session, one), b)
        for _ in range(3):
            await rumours.join(session, await seen(session, one), closed)
        await session.execute(update(Rumour).where(Rumour.id == closed).values(status=RumourStatus.ANSWERED))
    async with database.reading() as session:
        assert [(rumour.id, rumour.sightings) for rumour in await rumours.by_demand(session)] == [
            (b, 2),
            (c, 1),
            (a, 1),
        ]
        assert [rumour.id for rumour in await rumours.by_demand(session, limit=1)] == [b]
        assert await rumours.opened_after(session, a) == [(b, "乙"), (c, "丙")]
        assert await rumours.opened_after(session, c) == []


async def test_what_was_settled_lately_may_be_opened_again_and_is_known_at_the_start(database: Database) -> None:
    async with database.transaction() as session:
        one = await resident(session)
        ids = [await rumours.open_rumour(session, await seen(session, one, text)) for text in "甲乙丙丁"]
        late = NOON - rumours.REOPENED_WITHIN
        for number, status, settled in (
            (ids[0], RumourStatus.ANSWERED, late + timedelta(seconds=1)),
            (ids[1], RumourStatus.ANSWERED, late),
            (ids[2], RumourStatus.MERGED, NOON),
        ):
            await session.execute(update(Rumour).where(Rumour.id == number).values(status=status, settled_at=settled))
        assert await rumours.standing(session, NOON) == [(ids[0], "甲"), (ids[3], "丁")]
