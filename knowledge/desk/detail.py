"""All that is known of one rumour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import editing, notices
from knowledge.errors import RumourNotFound
from knowledge.models import (
    Article,
    ArticleRevision,
    AuditRow,
    Original,
    Person,
    Rumour,
    RumourNote,
    Sighting,
    Status,
    Turn,
)
from knowledge.notices import Told

PAGE = 50
"""Sightings on one page."""
_PEOPLE = ("to", "of")
"""Details of a step that are a person's id: to whom, and from whom, a rumour went."""
_VARIANTS = 20
_DAYS = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting as the desk sees it."""

    id: int
    text: str
    channel: str
    forwarded: bool
    at: datetime
    has_original: bool


@dataclass(frozen=True, slots=True)
class Sightings:
    """One page of the sightings of a rumour, the newest first."""

    seen: Sequence[Seen]
    page: int
    """From 1."""
    has_more: bool
    """Whether there is another page."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something somebody did with the rumour."""

    at: datetime
    by: str | None
    action: str
    details: dict[str, object]


@dataclass(frozen=True, slots=True)
class Note:
    """A note and who wrote it."""

    note: RumourNote
    by: str | None
    to: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """The article of a rumour, and how far it is."""

    article: Article
    newest: ArticleRevision
    signers: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Detail:
    """A rumour with everything around it."""

    rumour: Rumour
    assigned_to: Person | None
    sightings: Sightings
    variants: Sequence[tuple[str, int]]
    """Different wordings with how often each came, most often first."""
    days: Sequence[tuple[date, int]]
    """Sightings a day, the last `_DAYS` days up to the newest one."""
    channels: Sequence[tuple[str, int]]
    notes: Sequence[Note]
    history: Sequence[Event]
    told: Told
    merged: Sequence[Rumour]
    draft: Draft | None


async def of(session: AsyncSession, rumour_id: int, zone: tzinfo, page: int = 1) -> Detail:
    """Everything about a rumour, with one page of its sightings; days are those of the time zone.

    Raises: RumourNotFound.
    """
    rumour = await session.get(Rumour, rumour_id)
    if rumour is None:
        raise RumourNotFound(f"R{rumour_id}")
    return Detail(
        rumour=rumour,
        assigned_to=await session.get(Person, rumour.assigned_to_id) if rumour.assigned_to_id else None,
        sightings=await _sightings(session, rumour_id, max(1, page)),
        variants=await variants(session, rumour_id),
        days=await _days(session, rumour, zone),
        channels=await _channels(session, rumour_id),
        notes=await _notes(session, rumour_id),
        history=await _history(session, rumour_id),
        told=await notices.progress(session, rumour_id),
        merged=list(await session.scalars(select(Rumour).where(Rumour.merged_into_id == rumour_id))),
        draft=await draft_of(session, rumour),
    )


async def _sightings(session: AsyncSession, rumour_id: int, page: int) -> Sightings:
    rows = await session.execute(
        select(Sighting.id, Sighting.text, Turn.channel, Turn.forwarded, Sighting.received_at, Original.sighting_id)
        .join(Turn, Turn.id == Sighting.turn_id)
        .outerjoin(Original, Original.sighting_id == Sighting.id)
        .where(Sighting.rumour_id == rumour_id)
        .order_by(Sighting.id.desc())
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    found = [Seen(*row[:5], has_original=row[5] is not None) for row in rows]
    return Sightings(found[:PAGE], page, len(found) > PAGE)


async def variants(session: AsyncSession, rumour_id: int) -> list[tuple[str, int]]:
    """The different wordings of a rumour with how often each came, most often first."""
    count = func.count()
    rows = await session.execute(
        select(Sighting.text, count)
        .where(Sighting.rumour_id == rumour_id)
        .group_by(Sighting.text)
        .order_by(count.desc(), Sighting.text)
        .limit(_VARIANTS)
    )
    return [(text, number) for text, number in rows]


async def _days(session: AsyncSession, rumour: Rumour, zone: tzinfo) -> list[tuple[date, int]]:
    since = rumour.last_seen - timedelta(days=_DAYS)
    times = await session.scalars(
        select(Sighting.received_at).where(Sighting.rumour_id == rumour.id, Sighting.received_at >= since)
    )
    counts = Counter(at.astimezone(zone).date() for at in times)
    if not counts:
        return []
    first, last = min(counts), max(counts)
    length = min((last - first).days, _DAYS - 1)
    return [(day, counts[day]) for day in (last - timedelta(days=n) for n in range(length, -1, -1))]


async def _channels(session: AsyncSession, rumour_id: int) -> list[tuple[str, int]]:
    rows = await session.execute(
        select(Turn.channel, func.count())
        .join(Sighting, Sighting.turn_id == Turn.id)
        .where(Sighting.rumour_id == rumour_id)
        .group_by(Turn.channel)
        .order_by(Turn.channel)
    )
    return [(channel, number) for channel, number in rows]


async def _notes(session: AsyncSession, rumour_id: int) -> list[Note]:
    rows = await session.scalars(select(RumourNote).where(RumourNote.rumour_id == rumour_id).order_by(RumourNote.id))
    notes = list(rows)
    names = await _names(session, {number for note in notes for number in (note.by_id, note.to_id) if number})
    return [Note(note, names.get(note.by_id or 0), names.get(note.to_id or 0)) for note in notes]


async def _history(session: AsyncSession, rumour_id: int) -> list[Event]:
    rows = list(
        await session.scalars(
            select(AuditRow)
            .where(AuditRow.subject == "rumour", AuditRow.subject_id == rumour_id)
            .order_by(AuditRow.id.desc())
        )
    )
    names = await _names(
        session, {number for row in rows for number in (row.by_id, *map(row.details.get, _PEOPLE)) if number}
    )
    return [Event(row.at, names.get(row.by_id or 0), row.action, _named(row.details, names)) for row in rows]


def _named(details: dict[str, Any], names: dict[int, str]) -> dict[str, object]:
    """The details of a step with the names of the people in them."""
    return {name: names.get(value, "") if name in _PEOPLE else value for name, value in details.items()}


async def _names(session: AsyncSession, ids: set[int]) -> dict[int, str]:
    rows = await session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {number: name for number, name in rows}


async def draft_of(session: AsyncSession, rumour: Rumour) -> Draft | None:
    """The article of a rumour as far as it is; none when nobody has begun one."""
    article = await session.get(Article, rumour.article_id) if rumour.article_id else None
    if article is None:
        return None
    newest = await editing.newest(session, article.slug)
    # What was signed off is the draft; publishing it made a revision of its own.
    signed = newest.number if newest.status is Status.DRAFT else newest.number - 1
    return Draft(article, newest, await editing.signers(session, article.id, signed))
