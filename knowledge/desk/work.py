"""What people do with a rumour on its way to a verdict.

Every change names the version of the rumour it was decided on: when somebody else was quicker, nothing happens and it
is said who. Every change leaves an audit row. The caller commits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from knowledge import alerts, rumours, trend
from knowledge.desk.steps import ADVISES, DEBUNKS, Step, assign_to, begun, done, record, seen, take, tell_merged
from knowledge.errors import DraftBegun, HarmKept, NotAllowed, NotFound, RumourChanged
from knowledge.models import (
    UNSETTLED,
    AlertReason,
    Follower,
    Harm,
    NoteKind,
    Person,
    Role,
    Rumour,
    RumourNote,
    RumourStatus,
    Sighting,
)
from knowledge.models.base import table_of
from knowledge.people import Actor


async def claim(session: AsyncSession, rumour_id: int, step: Step) -> Rumour:
    """Take a rumour on.

    Raises: RumourNotFound, NotAllowed, RumourChanged.
    """
    rumour = await take(session, rumour_id, step, UNSETTLED)
    return await assign_to(session, rumour, step, step.actor.id, "rumour.claim")


async def assign(session: AsyncSession, rumour_id: int, person_id: int, step: Step) -> Rumour:
    """Give a rumour to a debunker.

    Raises: RumourNotFound, NotAllowed, RumourChanged; NotFound, when there is no such debunker, or not in its region.
    """
    rumour = await take(session, rumour_id, step, UNSETTLED)
    await _person(session, person_id, DEBUNKS, rumour.region)
    await assign_to(session, rumour, step, person_id, "rumour.assign", to=person_id)
    if person_id != step.actor.id:
        await alerts.tell(session, [person_id], rumour, AlertReason.ASSIGNED, change=rumour.version, at=step.at)
    return rumour


async def release(session: AsyncSession, rumour_id: int, step: Step) -> Rumour:
    """Put a rumour back for anybody to take.

    Raises: RumourNotFound, NotAllowed, RumourChanged.
    """
    rumour = await take(session, rumour_id, step, UNSETTLED)
    rumour.assigned_to_id = None
    if rumour.status is RumourStatus.CLAIMED:
        rumour.status = RumourStatus.OPEN
    return await done(session, rumour, step, "rumour.release")


async def rate(session: AsyncSession, rumour_id: int, harm: Harm, region: str, step: Step) -> Rumour:
    """Say how much harm a rumour does, and where it goes round.

    Raises: RumourNotFound, NotAllowed, RumourChanged; HarmKept, when somebody without an expert's word makes light of
    high harm: that would let "false" out without it.
    """
    rumour = await take(session, rumour_id, step, UNSETTLED, roles=DEBUNKS | ADVISES)
    if rumour.harm >= Harm.HIGH > harm and not step.actor.may(ADVISES, rumour.region or None):
        raise HarmKept(rumour.ref)
    if not step.actor.may(DEBUNKS | ADVISES, region or None):
        raise NotAllowed("That region is not one of yours.", "region")
    rumour.harm, rumour.region = harm, region[:40]
    return await done(session, rumour, step, "rumour.rate", harm=harm.name.lower(), region=region)


async def add_note(session: AsyncSession, rumour_id: int, text: str, step: Step) -> None:
    """Write something down for colleagues; changes nothing else, so any version will do.

    Raises: RumourNotFound, NotAllowed.
    """
    rumour = await seen(session, rumour_id, step.actor, DEBUNKS | ADVISES)
    await _note(session, rumour, NoteKind.NOTE, text, step)


async def ask_expert(session: AsyncSession, rumour_id: int, expert_id: int, text: str, step: Step) -> None:
    """Put a question to an expert.

    Raises: RumourNotFound, NotAllowed; NotFound, when there is no such expert.
    """
    rumour = await seen(session, rumour_id, step.actor, DEBUNKS)
    await _person(session, expert_id, ADVISES, rumour.region)
    question = await _note(session, rumour, NoteKind.QUESTION, text, step, to=expert_id)
    await alerts.tell(session, [expert_id], rumour, AlertReason.QUESTION, change=question.id, at=step.at)


async def answer_as_expert(session: AsyncSession, rumour_id: int, text: str, step: Step) -> None:
    """An expert's answer.

    Raises: RumourNotFound, NotAllowed.
    """
    rumour = await seen(session, rumour_id, step.actor, ADVISES)
    await _note(session, rumour, NoteKind.ANSWER, text, step)


async def merge(session: AsyncSession, rumour_id: int, into_id: int, step: Step) -> Rumour:
    """Let another rumour, which says the same, hold the sightings of this one. Gives the other.

    Raises: RumourNotFound, NotAllowed, RumourChanged, also when the other one is merged itself; DraftBegun, when this
    one has a draft that the other cannot take on, being settled or having one of its own.
    """
    await rumours.lock(session)
    rumour = await take(session, rumour_id, step, UNSETTLED)
    into = await seen(session, into_id, step.actor, DEBUNKS, hold=True)
    if into.id == rumour.id or into.status is RumourStatus.MERGED:
        raise RumourChanged(into.ref)
    draft = await begun(session, rumour)
    if draft is not None and (into.settled_at is not None or await begun(session, into) is not None):
        raise DraftBegun(rumour.ref, draft.slug)
    await tell_merged(session, rumour, into, step)
    await session.execute(update(Sighting).where(Sighting.rumour_id == rumour.id).values(rumour_id=into.id))
    await _move_followers(session, rumour.id, into.id)
    into.sightings += rumour.sightings
    into.first_seen, into.last_seen = min(into.first_seen, rumour.first_seen), max(into.last_seen, rumour.last_seen)
    into.trend = trend.together(into.trend, rumour.trend)
    into.harm = max(into.harm, rumour.harm)
    if draft is not None:
        into.article_id = draft.id
    elif into.settled_at is None:
        into.article_id = into.article_id or rumour.article_id
    into.version += 1
    rumour.status, rumour.merged_into_id, rumour.sightings = RumourStatus.MERGED, into.id, 0
    rumour.assigned_to_id, rumour.settled_at = None, step.at
    await done(session, rumour, step, "rumour.merge", into=into.id)
    record(session, into, step, "rumour.merged", from_=rumour.id)
    return into


async def split(
    session: AsyncSession, rumour_id: int, sighting_ids: Iterable[int], step: Step, *, alike: bool = False
) -> Rumour:
    """Make a rumour of its own of some sightings, which say something else. Gives the new one.

    `alike` takes along every sighting of the same words.

    Raises: RumourNotFound, NotAllowed, RumourChanged; NotFound, when none or all of its sightings are named.
    """
    await rumours.lock(session)
    rumour = await take(session, rumour_id, step, UNSETTLED)
    held, named = Sighting.rumour_id == rumour_id, Sighting.id.in_(list(sighting_ids))
    going = Sighting.text.in_(select(Sighting.text).where(held, named)) if alike else named
    chosen = list(await session.scalars(select(Sighting).where(held, going).order_by(Sighting.id)))
    staying = list(
        await session.scalars(select(Sighting).where(held, ~going).order_by(Sighting.received_at, Sighting.id))
    )
    left = [sighting.received_at for sighting in staying]
    if not chosen or not left:
        raise NotFound("Choose some of the sightings, but not all of them.", "some")
    times = [sighting.received_at for sighting in chosen]
    made = Rumour(
        kind=chosen[0].kind,
        status=RumourStatus.OPEN,
        text=chosen[0].text,
        sightings=len(chosen),
        first_seen=min(times),
        last_seen=max(times),
        trend=_trend_of(times),
        harm=rumour.harm,
        region=rumour.region,
        acknowledge_due=step.at + rumours.ACKNOWLEDGED_WITHIN,
        answer_due=step.at + rumours.ANSWERED_WITHIN,
    )
    session.add(made)
    await session.flush()
    for sighting in chosen:
        sighting.rumour_id = made.id
    rumour.sightings, rumour.trend = len(left), _trend_of(left)
    rumour.first_seen, rumour.last_seen = min(left), max(left)
    if rumour.text not in {sighting.text for sighting in staying}:
        rumour.text = staying[0].text  # its own words went along with those split off
    record(session, made, step, "rumour.split_off", from_=rumour.id)
    await done(session, rumour, step, "rumour.split", into=made.id, sightings=len(chosen))
    return made


async def _note(
    session: AsyncSession, rumour: Rumour, kind: NoteKind, text: str, step: Step, to: int | None = None
) -> RumourNote:
    if not text.strip():
        raise NotFound("Write something first.", "text")
    note = RumourNote(rumour_id=rumour.id, kind=kind, text=text.strip(), by_id=step.actor.id, to_id=to, at=step.at)
    session.add(note)
    record(session, rumour, step, f"rumour.{kind}")
    await session.flush()
    return note


async def _person(session: AsyncSession, person_id: int, roles: frozenset[Role], region: str) -> None:
    person = await session.scalar(
        select(Person).where(Person.id == person_id, Person.active).options(selectinload(Person.roles))
    )
    if person is None or not Actor.of(person).may(roles, region or None):
        raise NotFound("There is nobody of that kind, or not for this region.", "person")


async def _move_followers(session: AsyncSession, from_id: int, into_id: int) -> None:
    table = table_of(Follower)
    there = select(table.c.resident_id).where(table.c.rumour_id == into_id)
    moving = select(table.c.resident_id, table.c.since).where(
        table.c.rumour_id == from_id, table.c.resident_id.not_in(there)
    )
    rows = [{"rumour_id": into_id, "resident_id": r, "since": since} for r, since in await session.execute(moving)]
    if rows:
        await session.execute(insert(table), rows)
    await session.execute(delete(Follower).where(Follower.rumour_id == from_id))


def _trend_of(times: Iterable[datetime]) -> float:
    values = [trend.of_sighting(at) for at in times]
    total = values[0]
    for value in values[1:]:
        total = trend.together(total, value)
    return total
