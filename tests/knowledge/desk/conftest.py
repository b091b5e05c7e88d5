"""People at the desk, and a rumour two residents asked about."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import rumours
from knowledge.database import Database
from knowledge.desk.steps import Step
from knowledge.models import Notice, Person, PersonRole, Reason, Role, Rumour
from knowledge.people import Actor
from tests import factories
from tests.factories import NOON


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works there."""

    writer: Actor
    reader: Actor
    expert: Actor
    editor: Actor
    local: Actor
    """A debunker of one region only."""
    admin: Actor


async def person(session: AsyncSession, login: str, role: Role, region: str = "") -> Actor:
    """Somebody with this role."""
    made = Person(login=login, name=login.title(), roles=[PersonRole(role=role, region=region)])
    session.add(made)
    await session.flush()
    return Actor.of(made)


@pytest.fixture
async def desk(database: Database) -> Desk:
    """Everybody."""
    async with database.transaction() as session:
        return Desk(
            writer=await person(session, "writer", Role.DEBUNKER),
            reader=await person(session, "reader", Role.DEBUNKER),
            expert=await person(session, "expert", Role.EXPERT),
            editor=await person(session, "editor", Role.EDITOR),
            local=await person(session, "local", Role.DEBUNKER, "柯城区"),
            admin=await person(session, "admin", Role.ADMINISTRATOR),
        )


def step(actor: Actor, version: int = 0) -> Step:
    """Something this person does at noon."""
    return Step(actor, version, NOON)


async def asked(session: AsyncSession, *texts: str, first: int = 1) -> Rumour:
    """A rumour, each text sent by a resident of its own."""
    people = [await factories.resident(session, str(number)) for number in range(first, first + len(texts))]
    await rumours.lock(session)
    number = await rumours.open_rumour(session, await factories.seen(session, people[0], texts[0]))
    for resident, text in zip(people[1:], texts[1:], strict=True):
        await rumours.join(session, await factories.seen(session, resident, text), number)
    return await session.get_one(Rumour, number, populate_existing=True)


async def told(session: AsyncSession) -> list[tuple[int, Reason]]:
    """Who is to hear what, by resident."""
    rows = await session.execute(select(Notice.resident_id, Notice.reason).order_by(Notice.id))
    return [(resident, reason) for resident, reason in rows]
