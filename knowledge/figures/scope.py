"""What is counted: which days, whose regions, and what each number stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, extract, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.desk.queue import regions_of
from knowledge.errors import NotAllowed
from knowledge.models import Rumour, RumourStatus, Turn
from knowledge.people import Actor

LONGEST = timedelta(days=3 * 366)
"""No period is longer."""
UNASKED = ("notice", "alert")
"""The routes of what the bot says by itself."""
_BY_DAY_UP_TO = 14
"""Days; a longer period goes by weeks."""
FROM_RESIDENTS = Turn.route.not_in(UNASKED)
_UNMERGED = Rumour.status.in_([status for status in RumourStatus if status is not RumourStatus.MERGED])
"""Says which instead of which not, so that the index is of use."""
WAIT = extract("epoch", Rumour.settled_at) - extract("epoch", Rumour.first_seen)


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to another, both counted, by the calendar of the office."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.last - self.first <= LONGEST:
            raise ValueError(f"A period has its days in order and at most {LONGEST.days} of them.")
        if self.first.year < 2000 or self.last.year > 2999:
            raise ValueError("A period lies between the years 2000 and 2999.")

    @property
    def start(self) -> datetime:
        """The moment its first day begins."""
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The moment after it is over."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    def before(self) -> Period:
        """As many days just before it."""
        days = self.last - self.first + timedelta(days=1)
        return replace(self, first=self.first - days, last=self.last - days)

    def steps(self) -> Sequence[Period]:
        """Its days, or when there are many its weeks from Monday; the first and the last may not be whole."""
        steps, first = [], self.first
        by_day = self.last - self.first < timedelta(days=_BY_DAY_UP_TO)
        while first <= self.last:
            last = first if by_day else first + timedelta(days=6 - first.weekday())
            steps.append(replace(self, first=first, last=min(last, self.last)))
            first = last + timedelta(days=1)
        return steps


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted."""

    period: Period
    regions: frozenset[str] | None = None
    """Regions of the rumours; the empty one is that of a rumour that goes round everywhere. None are all."""


def scope(actor: Actor, period: Period, region: str = "") -> Scope:
    """What somebody sees: one region, or all they work in.

    Raises: NotAllowed, for a region that is not theirs.
    """
    own = regions_of(actor)
    if region and own is not None and region not in own:
        raise NotAllowed("That region is not one of yours.")
    if region:
        return Scope(period, frozenset({region}))
    return Scope(period, None if own is None else own | {""})


class Figure(StrEnum):
    """What a number counts."""

    MESSAGES = "messages"
    """Everything residents sent."""
    ROUTE = "route"
    CHANNEL = "channel"
    ASKED = "asked"
    """Messages an answer was searched for."""
    BAND = "band"
    RATED = "rated"
    RATING = "rating"
    """`yes` or `no`: it helped."""
    REASON = "reason"
    """Why it did not help."""
    TOPIC = "topic"
    """Messages answered with an article of it."""
    ARTICLE = "article"
    """Messages answered with it, by its id."""
    ARTICLE_HELPFUL = "article_helpful"
    ARTICLE_UNHELPFUL = "article_unhelpful"
    RECEIVED = "received"
    """Sightings of one rumour, by its id."""
    NEW = "new"
    """Rumours first seen; a merged one is another's."""
    STATE = "state"
    REGION = "region"
    VERDICTS = "verdicts"
    """Rumours that were answered, whenever they were first seen."""
    REGION_VERDICTS = "region_verdicts"


OF_MESSAGES = frozenset(Figure) - {Figure.NEW, Figure.STATE, Figure.REGION, Figure.VERDICTS, Figure.REGION_VERDICTS}
"""The rows of these are messages, those of the others rumours."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Names the rows behind a number."""

    figure: Figure
    of: str = ""
    """Which one of its kind: a route, a band, an id."""


async def regions(session: AsyncSession, actor: Actor) -> Sequence[str]:
    """The regions somebody can choose from: those that rumours have, or their own."""
    own = regions_of(actor)
    if own is not None:
        return sorted(own)
    return list(await session.scalars(select(Rumour.region).where(Rumour.region != "").distinct().order_by("region")))


def within(column: Any, period: Period) -> ColumnElement[bool]:
    inside: ColumnElement[bool] = (column >= period.start) & (column < period.end)
    return inside


def in_regions(scope: Scope) -> Sequence[ColumnElement[bool]]:
    return () if scope.regions is None else (Rumour.region.in_(sorted(scope.regions)),)


def is_new(scope: Scope) -> Sequence[ColumnElement[bool]]:
    return (_UNMERGED, within(Rumour.first_seen, scope.period), *in_regions(scope))


def is_answered(scope: Scope) -> Sequence[ColumnElement[bool]]:
    return (
        Rumour.status == RumourStatus.ANSWERED,
        within(Rumour.settled_at, scope.period),
        *in_regions(scope),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
