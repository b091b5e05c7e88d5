"""What the people at the desk hear in their own chat: who hears what, once.

Only whoever has linked a chat hears anything. Plain functions that take a session; the caller commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload

from knowledge.database import upsert
from knowledge.models import (
    UNSETTLED,
    Alert,
    AlertReason,
    Person,
    PersonRole,
    Resident,
    Role,
    Rumour,
    RumourNote,
    RumourStatus,
    Turn,
)
from knowledge.models.base import table_of
from knowledge.people import Actor

HOTTEST = 10
"""How many of the rumours nobody works on may be called hot at a time: more would be noise, and are in the queue."""
DUE_WITHIN = timedelta(hours=6)
"""How long before an answer is due whoever works on it hears so."""
DUE_UNTIL = timedelta(days=7)
"""How long after: a bot that was off for a day still says so, but not of last month's."""
_INSERT = upsert(lambda insert: insert(table_of(Alert)).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTell:
    """A waiting alert with all that is needed to put it into words."""

    id: int
    reason: AlertReason
    attempts: int
    actor: Actor
    rumour: Rumour
    resident_id: int
    channel: str
    language: str | None
    """The language the person chose in the chat, or last spoke there."""
    assigned_to: str | None
    """The name of who works on the rumour."""
    question: str | None
    """What an expert is asked."""


async def tell(
    session: AsyncSession,
    person_ids: Iterable[int],
    rumour: Rumour,
    reason: AlertReason,
    *,
    change: int,
    at: datetime,
) -> None:
    """Let these people hear of a rumour, as far as they have a chat; the same change again tells nobody twice."""
    wanted = list(person_ids)
    linked = await session.scalars(
        select(Person.id).where(Person.id.in_(wanted), Person.active, Person.resident_id.is_not(None))
    )
    rows = [
        {"person_id": number, "rumour_id": rumour.id, "reason": reason, "change": change, "attempts": 0, "at": at}
        for number in linked
    ]
    if rows:
        await session.execute(_INSERT(session), rows)


async def tell_holders(
    session: AsyncSession,
    roles: Iterable[Role],
    rumour: Rumour,
    reason: AlertReason,
    *,
    change: int,
    at: datetime,
    but: Iterable[int] = (),
) -> None:
    """Let everybody hear of a rumour who holds one of these roles where it goes round, except some."""
    holding = select(PersonRole.person_id).where(PersonRole.role.in_(list(roles)))
    if rumour.region:
        holding = holding.where(PersonRole.region.in_(["", rumour.region]))
    holders = set(await session.scalars(holding)) - set(but)
    await tell(session, holders, rumour, reason, change=change, at=at)


async def hottest(session: AsyncSession, hot: int) -> Sequence[Rumour]:
    """What nobody works on and many ask about, from `hot` sightings on, hottest first; at most `HOTTEST`."""
    found = await session.scalars(
        select(Rumour)
        .where(Rumour.settled_at.is_(None), Rumour.status == RumourStatus.OPEN)
        .order_by(Rumour.trend.desc(), Rumour.id.desc())
        .limit(HOTTEST)
    )
    return [rumour for rumour in found if rumour.sightings >= hot]


async def look_around(session: AsyncSession, now: datetime, *, hot: int) -> None:
    """Tell debunkers of what became hot, from `hot` sightings on, and whoever works on a rumour when it is due."""
    if await session.scalar(select(Person.id).where(Person.resident_id.is_not(None)).limit(1)) is None:
        return
    for rumour in await hottest(session, hot):
        await tell_holders(session, [Role.DEBUNKER], rumour, AlertReason.HOT, change=0, at=now)
    due = await session.scalars(
        select(Rumour).where(
            Rumour.settled_at.is_(None),
            Rumour.assigned_to_id.is_not(None),
            Rumour.answer_due <= now + DUE_WITHIN,
            Rumour.answer_due > now - DUE_UNTIL,
        )
    )
    for rumour in list(due):
        if rumour.assigned_to_id is not None and rumour.answer_due is not None:
            # A rumour that was opened again is due again.
            hour = int(rumour.answer_due.timestamp()) // 3600
            await tell(session, [rumour.assigned_to_id], rumour, AlertReason.DUE, change=hour, at=now)


async def is_waiting(session: AsyncSession) -> bool:
    """Whether there is anything to put into words."""
    return await session.scalar(_sayable().limit(1)) is not None


async def to_say(session: AsyncSession, *, limit: int) -> Sequence[ToTell]:
    """The next alerts, oldest first, held for this session until it commits.

    What is no longer so is passed over: somebody works on it, or it is settled.
    """
    held = (await session.scalars(_sayable().limit(limit).with_for_update(of=Alert, skip_locked=True))).all()
    spoken = (
        select(Turn.language)
        .where(Turn.resident_id == Resident.id, Turn.language != "")
        .order_by(Turn.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    working, asked = aliased(Person), (Alert.reason == AlertReason.QUESTION) & (RumourNote.id == Alert.change)
    language = func.coalesce(Resident.language, spoken)
    rows = await session.execute(
        select(Alert, Person, Rumour, Resident, language, working.name, RumourNote.text)
        .join(Person, Person.id == Alert.person_id)
        .join(Rumour, Rumour.id == Alert.rumour_id)
        .join(Resident, Resident.id == Person.resident_id)
        .outerjoin(working, working.id == Rumour.assigned_to_id)
        .outerjoin(RumourNote, asked)
        .where(Alert.id.in_(held))
        .options(selectinload(Person.roles))
        .order_by(Alert.id)
    )
    return [
        ToTell(
            id=alert.id,
            reason=alert.reason,
            attempts=alert.attempts,
            actor=Actor.of(person),
            rumour=rumour,
            resident_id=resident.id,
            channel=resident.channel,
            language=spoken_there,
            assigned_to=name,
            question=question,
        )
        for alert, person, rumour, resident, spoken_there, name, question in rows
    ]


def _sayable() -> Select[Any]:
    return (
        select(Alert.id)
        .join(Person, Person.id == Alert.person_id)
        .join(Rumour, Rumour.id == Alert.rumour_id)
        .where(
            Alert.turn_id.is_(None),
            Person.active,
            Person.resident_id.is_not(None),
            Rumour.status.in_(UNSETTLED),
            or_(Alert.reason != AlertReason.HOT, Rumour.status == RumourStatus.OPEN),
            or_(Alert.reason.not_in((AlertReason.ASSIGNED, AlertReason.DUE)), Rumour.assigned_to_id == Person.id),
            or_(Alert.reason != AlertReason.REVIEW, Rumour.status == RumourStatus.REVIEW),
        )
        .order_by(Alert.id)
    )
