"""Residents are found again, told what is held, and forgotten for good."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import func, select, update

from knowledge import residents, rumours, turns
from knowledge.database import Database
from knowledge.models import Base, Delivery, Feedback, Follower, Resident, Rumour, RumourStatus, Sighting, Turn
from tests.factories import NOON, VAULT, resident, saved_article, seen, turn


async def test_the_same_address_is_one_resident(database: Database) -> None:
    later = NOON + timedelta(days=3)
    async with database.transaction() as session:
        first = await residents.identify(session, VAULT, "telegram", "1001", NOON)
    async with database.transaction() as session:
        again = await residents.identify(session, VAULT, "telegram", "1001", later)
        other = await residents.identify(session, VAULT, "web", "1001", later)
    assert again == first
    assert other.id != first.id
    async with database.reading() as session:
        row = await session.get_one(Resident, first.id)
        assert (row.created_at, row.seen_at, row.language) == (NOON, later, None)
        assert VAULT.open(row.address) == "1001"
        assert row.key == VAULT.key_of("telegram", "1001")
        assert await session.scalar(select(func.count()).select_from(Resident)) == 2


async def test_many_first_messages_at_once_are_one_resident(database: Database) -> None:
    async def identify() -> int:
        async with database.transaction() as session:
            return await resident(session, "1001")

    assert len(set(await asyncio.gather(*(identify() for _ in range(8))))) == 1


async def test_a_chosen_language_is_kept_until_it_is_let_go(database: Database) -> None:
    async with database.transaction() as session:
        one, other = await resident(session, "1"), await resident(session, "2")
        await residents.set_language(session, one, "zh-Hant")
    async with database.transaction() as session:
        assert (await residents.identify(session, VAULT, "telegram", "1", NOON)).language == "zh-Hant"
        assert (await residents.identify(session, VAULT, "telegram", "2", NOON)).language is None
        assert (await residents.holdings(session, one)).language == "zh-Hant"
        await residents.set_language(session, one, None)
        assert (await residents.holdings(session, one)).language is None
    assert other != one


async def test_holdings_are_those_of_this_resident_newest_first(database: Database) -> None:
    async with database.transaction() as session:
        one, other = await resident(session, "1"), await resident(session, "2")
        first = await rumours.open_rumour(session, await seen(session, one, "井水有毒"))
        second = await rumours.open_rumour(session, await seen(session, other, "桥要塌了"))
        await rumours.record_sighting(session, await seen(session, one, "盐要涨价"))
        await turn(session, one)
        await rumours.follow(session, second, one, NOON)
        await rumours.follow(session, first, one, NOON)
    async with database.reading() as session:
        held = await residents.holdings(session, one)
        assert (held.turns, held.sightings, held.language) == (3, ["盐要涨价", "井水有毒"], None)
        assert [rumour.id for rumour in held.following] == [first, second]
        nobody = await residents.holdings(session, 999)
        assert (nobody.turns, nobody.sightings, nobody.following, nobody.language) == (0, [], [], None)


async def test_a_resident_waits_for_what_was_asked_or_followed_while_it_is_unsettled(database: Database) -> None:
    async with database.transaction() as session:
        one = await resident(session, "1")
        asked = await rumours.open_rumour(session, await seen(session, one, "井水有毒"))
        followed = await rumours.open_rumour(session, await seen(session, await resident(session, "2"), "桥要塌了"))
        settled = await rumours.open_rumour(session, await seen(session, one, "盐要涨价"))
        await rumours.follow(session, followed, one, NOON)
        await session.execute(update(Rumour).where(Rumour.id == settled).values(status=RumourStatus.ANSWERED))
        held = await residents.holdings(session, one)
        assert ([rumour.id for rumour in held.following], held.is_told) == ([asked, followed], True)
        await residents.set_told(session, one, told=False)
        held = await residents.holdings(session, one)
        assert (held.following, held.is_told) == ([], False)
        await residents.set_told(session, one, told=True)
        assert [rumour.id for rumour in (await residents.holdings(session, one)).following] == [asked]
        assert (await residents.identify(session, VAULT, "telegram", "1", NOON)).is_told


async def test_a_forgotten_resident_leaves_nothing_that_leads_back(database: Database) -> None:
    async with database.transaction() as session:
        article = await saved_article(session)
        one, other = await resident(session, "1001"), await resident(session, "1002")
        mine = await seen(session, one, "村口的井水有毒")
        rumour_id = await rumours.open_rumour(session, mine)
        await rumours.join(session, await seen(session, other, "井水不能喝"), rumour_id)
        await rumours.record_sighting(session, await seen(session, one, "白酒杀毒吗"), article_id=article.id)
        waiting = await turn(session, one)
        await turns.conclude(session, waiting, conclusion(one, article.id))
        for turn_id in (mine.turn_id, waiting):
            await turns.rate(session, turn_id, helpful=False, reason="other")
        others_turn = await turn(session, other)
        await turns.rate(session, others_turn, helpful=True)
        for resident_id in (one, other):
            await rumours.follow(session, rumour_id, resident_id, NOON)
    key = VAULT.key_of("telegram", "1001")

    async with database.transaction() as session:
        await residents.forget(session, one)

    async with database.reading() as session:
        assert (await session.scalars(select(Resident.id))).all() == [other]
        for model in (Turn, Sighting, Follower):
            assert await session.scalar(select(func.count()).where(model.resident_id == one)) == 0
        assert (await session.scalars(select(Feedback.turn_id))).all() == [others_turn]
        assert (await session.scalars(select(Follower.resident_id))).all() == [other]
        forgotten = (await session.scalars(select(Turn).where(Turn.id == waiting))).one()
        assert (forgotten.reply, forgotten.delivery, forgotten.article_id) == (None, Delivery.NONE, article.id)
        assert await turns.waiting(session, "telegram", 10) == []
        # No column of any table still holds the key or the address.
        for table in Base.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                assert key not in map(str, row)
                assert "1001" not in map(str, row)
        # What was said is kept, and belongs to nobody.
        rumour = (await session.scalars(select(Rumour))).one()
        assert (rumour.sightings, rumour.text) == (2, "村口的井水有毒")
        texts = await session.execute(select(Sighting.text, Sighting.resident_id).order_by(Sighting.id))
        assert [tuple(row) for row in texts] == [("村口的井水有毒", None), ("井水不能喝", other), ("白酒杀毒吗", None)]


async def test_whoever_comes_back_after_being_forgotten_is_new(database: Database) -> None:
    async with database.transaction() as session:
        before = await resident(session, "1001")
        await resident(session, "1002")
        await residents.set_language(session, before, "en")
        await residents.forget(session, before)
        await residents.forget(session, before)
        back = await residents.identify(session, VAULT, "telegram", "1001", NOON)
        assert back.language is None
        assert (await residents.holdings(session, back.id)).turns == 0


def conclusion(resident_id: int, article_id: int) -> turns.Conclusion:
    """A reply that still has to be sent."""
    return turns.Conclusion(
        resident_id=resident_id,
        language="zh-Hans",
        band=None,
        probability=None,
        article_id=article_id,
        reply={"text": "不能。"},
        delivery=Delivery.PENDING,
        ms=1.0,
    )
