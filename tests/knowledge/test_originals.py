"""What was received is sealed, looked at with a reason by those who may, and soon gone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import originals, residents, rumours
from knowledge.database import Database
from knowledge.errors import KnowledgeError, NotAllowed, NotFound, ReasonMissing
from knowledge.models import AuditRow, Original, Person, Role, Rumour
from knowledge.people import Actor
from tests.factories import NOON, VAULT, resident, seen

TEXT = "加我微信 abc12345，电话 13812345678"
UNTIL = NOON + timedelta(days=30)
WHY = "核对骗子的号码"


async def kept(session: AsyncSession, address: str = "1") -> int:
    """The id of a sighting whose original is kept."""
    message = await seen(session, await resident(session, address), "加我微信 [账号]，电话 [手机号]")
    await rumours.open_rumour(session, message)
    await originals.keep(session, VAULT, message.turn_id, TEXT, UNTIL)
    sighting = await rumours.sighting_of(session, message.turn_id)
    assert sighting is not None
    return sighting.id


async def somebody(session: AsyncSession, role: Role = Role.DEBUNKER, region: str = "") -> Actor:
    """A person at work with one role."""
    person = Person(login=f"{role}-{region}", name="某人", active=True)
    session.add(person)
    await session.flush()
    return Actor(person.id, person.login, person.name, frozenset({(role, region)}))


async def count(session: AsyncSession, table: type[Original] | type[AuditRow]) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_debunker_with_a_reason_sees_what_was_received_and_the_look_is_written_down(database: Database) -> None:
    async with database.transaction() as session:
        sighting_id, debunker = await kept(session), await somebody(session)
        assert await originals.look(session, VAULT, sighting_id, debunker, f" {WHY} ", NOON) == TEXT
    async with database.reading() as session:
        row = (await session.scalars(select(AuditRow))).one()
        assert (row.action, row.subject, row.subject_id) == ("original.look", "sighting", sighting_id)
        assert (row.by_id, row.at, row.details) == (debunker.id, NOON, {"reason": WHY, "rumour_id": 1})
        sealed = await session.scalar(select(Original.sealed))
        assert sealed is not None
        assert b"13812345678" not in sealed


@pytest.mark.parametrize("role", [Role.EDITOR, Role.EXPERT])
async def test_nobody_else_sees_it_whether_it_is_there_or_not(database: Database, role: Role) -> None:
    async with database.transaction() as session:
        sighting_id, other = await kept(session), await somebody(session, role)
        for asked in (sighting_id, 999):
            with pytest.raises(NotAllowed):
                await originals.look(session, VAULT, asked, other, WHY, NOON)
        assert await count(session, AuditRow) == 0


async def test_a_debunker_of_one_region_sees_those_of_that_region_only(database: Database) -> None:
    async with database.transaction() as session:
        sighting_id, debunker = await kept(session), await somebody(session, region="衢州市")
        await session.execute(update(Rumour).values(region="义乌市"))
        with pytest.raises(NotAllowed):
            await originals.look(session, VAULT, sighting_id, debunker, WHY, NOON)
        await session.execute(update(Rumour).values(region="衢州市"))
        assert await originals.look(session, VAULT, sighting_id, debunker, WHY, NOON) == TEXT


@pytest.mark.parametrize(
    ("reason", "at", "refused"),
    [("", NOON, ReasonMissing), ("   看看   ", NOON, ReasonMissing), (WHY, UNTIL, NotFound)],
    ids=["no reason", "short reason", "kept long enough"],
)
async def test_no_look_without_a_reason_or_after_its_time(
    database: Database, reason: str, at: datetime, refused: type[KnowledgeError]
) -> None:
    async with database.transaction() as session:
        sighting_id, debunker = await kept(session), await somebody(session)
        with pytest.raises(refused):
            await originals.look(session, VAULT, sighting_id, debunker, reason, at)
        assert await count(session, AuditRow) == 0


async def test_originals_go_in_time(database: Database) -> None:
    async with database.transaction() as session:
        await kept(session)
        assert await originals.let_go(session, UNTIL - timedelta(seconds=1)) == 0
        assert await originals.let_go(session, UNTIL) == 1
        assert await count(session, Original) == 0


async def test_forget_me_takes_the_residents_originals_along_and_nobody_elses(database: Database) -> None:
    async with database.transaction() as session:
        await kept(session, "1")
        other = await kept(session, "2")
        await residents.forget(session, await resident(session, "1"))
        assert list(await session.scalars(select(Original.sighting_id))) == [other]


async def test_what_left_no_sighting_leaves_no_original(database: Database) -> None:
    async with database.transaction() as session:
        message = await seen(session, await resident(session))
        await originals.keep(session, VAULT, message.turn_id, TEXT, UNTIL)
        assert await count(session, Original) == 0
