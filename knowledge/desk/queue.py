"""What is on the desk: rumours by demand, trend, harm, age or due time, narrowed by filters.

Written for a hundred thousand rumours: every order is that of an index, read from its end, and nothing is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from knowledge.models import Person, Rumour, RumourKind, RumourStatus, SavedView, Sighting
from knowledge.people import Actor

PAGE = 50
"""Rumours on one page."""
DEEPEST = 200
"""The last page that is shown; whoever wants more narrows the filters."""


class Group(StrEnum):
    """Which rumours to look at."""

    UNSETTLED = "unsettled"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    REVIEW = "review"
    SETTLED = "settled"


class Order(StrEnum):
    """What comes first."""

    DEMAND = "demand"
    TREND = "trend"
    HARM = "harm"
    AGE = "age"
    DUE = "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What to look at, and in which order."""

    group: Group = Group.UNSETTLED
    order: Order = Order.DEMAND
    kind: RumourKind | None = None
    harm: int = 0
    """The least harm."""
    region: str = ""
    text: str = ""
    """Words that all have to occur in one of its wordings."""
    assigned_to: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the queue."""

    rumours: Sequence[tuple[Rumour, str | None]]
    """Each with the name of who works on it."""
    page: int
    """From 1."""
    has_more: bool
    """Whether there is another page."""


_ORDERS: dict[Order, Sequence[Any]] = {
    Order.DEMAND: (Rumour.sightings.desc(), Rumour.id.desc()),
    Order.TREND: (Rumour.trend.desc(), Rumour.id.desc()),
    Order.HARM: (Rumour.harm.desc(), Rumour.sightings.desc(), Rumour.id.desc()),
    Order.AGE: (Rumour.first_seen, Rumour.id),
    Order.DUE: (Rumour.answer_due, Rumour.id),
}
_LATEST_FIRST = (Rumour.settled_at.desc(), Rumour.id.desc())


async def listed(session: AsyncSession, actor: Actor, filters: Filters, *, now: datetime, page: int = 1) -> Listed:
    """One page of the rumours that the filters let through and the actor's regions allow.

    Settled ones come in the order they were settled in, the latest first.
    """
    page = max(1, min(page, DEEPEST))
    rows = await session.execute(
        _chosen(actor, filters, now)
        .with_only_columns(Rumour, Person.name)
        .outerjoin(Person, Person.id == Rumour.assigned_to_id)
        .order_by(*(_LATEST_FIRST if filters.group is Group.SETTLED else _ORDERS[filters.order]))
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    found = [(rumour, name) for rumour, name in rows]
    return Listed(found[:PAGE], page, len(found) > PAGE and page < DEEPEST)


def _chosen(actor: Actor, filters: Filters, now: datetime) -> Select[Any]:
    chosen = select(Rumour).where(*_group(actor, filters.group, now))
    if filters.kind:
        chosen = chosen.where(Rumour.kind == filters.kind)
    if filters.harm:
        chosen = chosen.where(Rumour.harm >= filters.harm)
    if filters.region:
        chosen = chosen.where(Rumour.region == filters.region)
    if filters.assigned_to:
        chosen = chosen.where(Rumour.assigned_to_id == filters.assigned_to)
    if words := filters.text.split()[:5]:
        chosen = chosen.where(Rumour.id.in_(_saying(words)))
    if (regions := regions_of(actor)) is not None:
        chosen = chosen.where(Rumour.region.in_(["", *regions]))
    return chosen


def _group(actor: Actor, group: Group, now: datetime) -> Sequence[ColumnElement[bool]]:
    unsettled = Rumour.settled_at.is_(None)
    if group is Group.SETTLED:
        return (Rumour.settled_at.is_not(None), Rumour.status != RumourStatus.MERGED)
    if group is Group.REVIEW:
        return (unsettled, Rumour.status == RumourStatus.REVIEW)
    if group is Group.MINE:
        return (unsettled, Rumour.assigned_to_id == actor.id)
    if group is Group.UNASSIGNED:
        return (unsettled, Rumour.status == RumourStatus.OPEN)
    if group is Group.OVERDUE:
        late = (Rumour.status == RumourStatus.OPEN) & (Rumour.acknowledge_due < now)
        return (unsettled, or_(Rumour.answer_due < now, late))
    return (unsettled,)


def _saying(words: Sequence[str]) -> CompoundSelect[Any]:
    # A selection of its own, so that SQLite reads through the tables as they lie: where a word is rare, looking up
    # every text in the order of an index takes five times as long.
    said = aliased(Rumour)
    return union_all(
        select(said.id).where(*_containing(said.text, words)),
        select(Sighting.rumour_id).where(*_containing(Sighting.text, words)),
    )


def _containing(text: InstrumentedAttribute[str], words: Sequence[str]) -> list[ColumnElement[bool]]:
    return [text.contains(word, autoescape=True) for word in words]


def regions_of(actor: Actor) -> frozenset[str] | None:
    """The regions somebody is bound to; none for whoever works everywhere."""
    held = frozenset(region for _, region in actor.roles)
    return None if "" in held else held


async def views(session: AsyncSession, actor: Actor, room: str) -> Sequence[SavedView]:
    """The filters somebody has kept for a room, by name."""
    rows = await session.scalars(
        select(SavedView).where(SavedView.person_id == actor.id, SavedView.room == room).order_by(SavedView.name)
    )
    return list(rows)


async def save_view(session: AsyncSession, actor: Actor, room: str, name: str, query: str) -> None:
    """Keep filters under a name; the same name again replaces them, no filters forget it. The caller commits."""
    view = await session.scalar(
        select(SavedView).where(SavedView.person_id == actor.id, SavedView.room == room, SavedView.name == name[:40])
    )
    if view is not None and not query:
        await session.delete(view)
    elif view is not None:
        view.query = query[:400]
    elif query:
        session.add(SavedView(person_id=actor.id, room=room, name=name[:40], query=query[:400]))
    await session.flush()
