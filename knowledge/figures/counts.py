"""Count a period: what can be told apart is counted together by the database, and summed up here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.figures.scope import (
    FROM_RESIDENTS,
    UNASKED,
    WAIT,
    Period,
    Scope,
    in_regions,
    is_answered,
    is_new,
    within,
)
from knowledge.models import Article, Band, Feedback, Rumour, RumourStatus, Sighting, Topic, Turn

TOP = 10
"""Entries of a list of what comes first."""
# Columns of a message or rumour that are counted together; the last is how many.
_Cube = Sequence[Any]
_Select = Select[*tuple[Any, ...]]
_T = TypeVar("_T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something."""

    of: str
    count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The main numbers of a period."""

    messages: int
    asked: int
    sure: int
    rated: int
    helpful: int
    new: int
    verdicts: int
    median_wait: timedelta | None
    """Half of the rumours answered had their verdict this long after they were first seen, or sooner."""
    ninety_wait: timedelta | None
    """The same for nine of ten."""

    @property
    def sure_share(self) -> float | None:
        """Part of the questions that had a sure answer at once, from 0 to 1."""
        return self.sure / self.asked if self.asked else None

    @property
    def helpful_share(self) -> float | None:
        """Part of the ratings that say it helped, from 0 to 1."""
        return self.helpful / self.rated if self.rated else None


@dataclass(frozen=True, slots=True)
class StepCounts:
    """The counts of one day or week."""

    period: Period
    messages: int
    asked: int
    sure: int
    rated: int
    helpful: int
    new: int
    verdicts: int


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """An article, how many messages it answered, and what residents thought of that."""

    id: int
    slug: str
    title: str
    topic: Topic
    count: int
    helpful: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class RumourCounts:
    """A rumour, how often it was received in the period, and in as many days before."""

    id: int
    text: str
    status: RumourStatus
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class RegionCounts:
    """A region's rumours."""

    region: str
    new: int
    verdicts: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a period."""

    scope: Scope
    totals: Totals
    before: Totals
    """Of as many days before."""
    steps: Sequence[StepCounts]
    routes: Sequence[Count]
    channels: Sequence[Count]
    bands: Sequence[Count]
    reasons: Sequence[Count]
    topics: Sequence[Count]
    articles: Sequence[ArticleCounts]
    states: Sequence[Count]
    regions: Sequence[RegionCounts]
    rumours: Sequence[RumourCounts]

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened."""
        return not (self.totals.messages or self.totals.rated or self.totals.new or self.totals.verdicts)


async def of(session: AsyncSession, scope: Scope) -> Figures:
    """All figures of a period."""
    steps = scope.period.steps()
    messages = await _messages(session, steps)
    ratings, new, verdicts = await _others(session, scope, steps)
    articles = await _articles(session, scope.period)
    ours = [row for row in messages if row.route not in UNASKED]
    return Figures(
        scope=scope,
        totals=await _totals(session, scope, _three(messages), ratings, new, verdicts),
        before=await _totals_of(session, replace(scope, period=scope.period.before())),
        steps=_steps(steps, messages, ratings, new, verdicts),
        routes=_counts(_by(ours, lambda row: row.route)),
        channels=_counts(_by(ours, lambda row: row.channel)),
        bands=_listed(_by(ours, lambda row: row.band), Band),
        reasons=_counts(_by(ratings, lambda row: row.reason if row.helpful is False else None)),
        topics=_counts(_sum((article.topic, article.count) for article in articles)),
        articles=articles[:TOP],
        states=_listed(_by(new, lambda row: row.status), RumourStatus, without=RumourStatus.MERGED),
        regions=_regions(new, verdicts),
        rumours=await _top_rumours(session, scope),
    )


def _step_of(column: Any, steps: Sequence[Period], first: int = 0) -> ColumnElement[int]:
    """The number of the step a moment falls into, found by halving.

    Compares moments only: neither database has to know the time zone or when its clocks are changed.
    """
    if len(steps) == 1:
        return literal_column(str(first), Integer)
    half = len(steps) // 2
    early, late = _step_of(column, steps[:half], first), _step_of(column, steps[half:], first + half)
    return case((column < steps[half].start, early), else_=late)


async def _cube(session: AsyncSession, chosen: _Select) -> _Cube:
    """How many rows there are of each kind.

    Grouped outside, because PostgreSQL takes equal parameters for different ones.
    """
    inner = chosen.subquery()
    return (await session.execute(select(*inner.c, func.count().label("n")).group_by(*inner.c))).all()


async def _messages(session: AsyncSession, steps: Sequence[Period]) -> _Cube:
    """Messages by step, route, channel and band.

    One query a step: SQLite sorts to group, and sorts many small heaps faster than a large one.
    """
    cube: list[Any] = []
    for number, step in enumerate(steps):
        numbered = literal_column(str(number), Integer).label("step")
        kinds = (Turn.route, Turn.channel, Turn.band)
        counted = select(numbered, *kinds, func.count().label("n")).where(within(Turn.received_at, step))
        cube += (await session.execute(counted.group_by(*kinds))).all()
    return cube


async def _others(session: AsyncSession, scope: Scope, steps: Sequence[Period]) -> tuple[_Cube, _Cube, _Cube]:
    """Ratings of messages, rumours first seen and rumours answered, by step and by what they can be told apart by."""
    ratings = (
        select(_step_of(Turn.received_at, steps).label("step"), Feedback.helpful, Feedback.reason)
        .select_from(Feedback)
        .join(Turn, Turn.id == Feedback.turn_id)
        .where(within(Turn.received_at, scope.period))
    )
    new = select(_step_of(Rumour.first_seen, steps).label("step"), Rumour.status, Rumour.region)
    verdicts = select(_step_of(Rumour.settled_at, steps).label("step"), Rumour.region)
    return (
        await _cube(session, ratings),
        await _cube(session, new.where(*is_new(scope))),
        await _cube(session, verdicts.where(*is_answered(scope))),
    )


async def _totals_of(session: AsyncSession, scope: Scope) -> Totals:
    """The totals alone, which need no grouping."""
    asked = case((Turn.band.is_not(None), 1), else_=0)
    sure = case((Turn.band == Band.SURE, 1), else_=0)
    counted = await session.execute(
        select(func.count(), func.sum(asked), func.sum(sure)).where(
            within(Turn.received_at, scope.period), FROM_RESIDENTS
        )
    )
    messages, questions, sure_ones = (int(number or 0) for number in counted.one())
    return await _totals(
        session, scope, (messages, questions, sure_ones), *await _others(session, scope, [scope.period])
    )


async def _totals(
    session: AsyncSession, scope: Scope, messages: tuple[int, int, int], ratings: _Cube, new: _Cube, verdicts: _Cube
) -> Totals:
    answered = _n(verdicts)
    return Totals(
        messages=messages[0],
        asked=messages[1],
        sure=messages[2],
        rated=_n(ratings),
        helpful=_n(row for row in ratings if row.helpful),
        new=_n(new),
        verdicts=answered,
        median_wait=await _wait(session, scope, answered, 50),
        ninety_wait=await _wait(session, scope, answered, 90),
    )


def _three(cube: _Cube) -> tuple[int, int, int]:
    """How many messages, how many of them questions, how many of those with a sure answer."""
    ours = [row for row in cube if row.route not in UNASKED]
    asked = [row for row in ours if row.band is not None]
    return _n(ours), _n(asked), _n(row for row in asked if row.band == Band.SURE)


def _steps(steps: Sequence[Period], *cubes: _Cube) -> list[StepCounts]:
    counted = []
    for number, step in enumerate(steps):
        messages, ratings, new, verdicts = ([row for row in cube if row.step == number] for cube in cubes)
        helpful = _n(row for row in ratings if row.helpful)
        counted.append(StepCounts(step, *_three(messages), _n(ratings), helpful, _n(new), _n(verdicts)))
    return counted


def _n(cube: Iterable[Any]) -> int:
    return sum(row.n for row in cube)


async def _wait(session: AsyncSession, scope: Scope, count: int, percent: int) -> timedelta | None:
    """How long so many of a hundred rumours, those that waited least, waited at most (nearest rank)."""
    if not count:
        return None
    place = -(-count * percent // 100) - 1
    waits = select(WAIT).where(*is_answered(scope)).order_by(WAIT).limit(1).offset(place)
    return timedelta(seconds=float(await session.scalar(waits) or 0))


async def _articles(session: AsyncSession, period: Period) -> list[ArticleCounts]:
    """Every article that answered a message, most often first."""
    counted = (
        select(
            Turn.article_id,
            func.count().label("n"),
            func.sum(case((Feedback.helpful.is_(True), 1), else_=0)).label("helpful"),
            func.sum(case((Feedback.helpful.is_(False), 1), else_=0)).label("unhelpful"),
        )
        .outerjoin(Feedback, Feedback.turn_id == Turn.id)
        .where(within(Turn.received_at, period), Turn.article_id.is_not(None), FROM_RESIDENTS)
        .group_by(Turn.article_id)
        .subquery()
    )
    found = await session.execute(
        select(
            Article.id,
            Article.slug,
            Article.title,
            Article.topic,
            counted.c.n,
            counted.c.helpful,
            counted.c.unhelpful,
        )
        .join(counted, counted.c.article_id == Article.id)
        .order_by(counted.c.n.desc(), Article.id)
    )
    return [ArticleCounts(*row[:4], *(int(number) for number in row[4:])) for row in found]


async def _top_rumours(session: AsyncSession, scope: Scope) -> list[RumourCounts]:
    """The rumours received most often in the period."""
    count = func.count().label("n")
    # Written as a sum, the id does not lead SQLite to the index on it, and so through all sightings ever.
    rumour = Sighting.rumour_id + 0
    received = (
        select(rumour.label("rumour"), count)
        .join(Turn, Turn.id == Sighting.turn_id)
        .where(within(Turn.received_at, scope.period), rumour.is_not(None))
        .group_by(rumour)
        .subquery()
    )
    chosen = (
        select(Rumour.id, Rumour.text, Rumour.status, received.c.n)
        .join(received, received.c.rumour == Rumour.id)
        .where(*in_regions(scope))
        .order_by(received.c.n.desc(), Rumour.id)
        .limit(TOP)
    )
    found = (await session.execute(chosen)).all()
    earlier = await session.execute(
        select(rumour, count)
        .join(Turn, Turn.id == Sighting.turn_id)
        .where(rumour.in_([row.id for row in found]), within(Turn.received_at, scope.period.before()))
        .group_by(rumour)
    )
    before = {rumour_id: n for rumour_id, n in earlier}
    return [RumourCounts(row.id, row.text, row.status, row.n, before.get(row.id, 0)) for row in found]


def _by(cube: _Cube, key: Callable[[Any], _T | None]) -> Counter[_T]:
    """How many there are by `key`, without those it gives None for."""
    return _sum((found, row.n) for row in cube if (found := key(row)) is not None)


def _sum(pairs: Any) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for key, number in pairs:
        total[key] += number
    return total


def _counts(counted: Counter[Any]) -> list[Count]:
    """Most first."""
    return [Count(str(of), n) for of, n in sorted(counted.items(), key=lambda pair: (-pair[1], str(pair[0])))]


def _listed(counted: Mapping[Any, int], members: type[StrEnum], without: StrEnum | None = None) -> list[Count]:
    """In the order of the members, those that do not occur too."""
    return [Count(member.value, counted.get(member, 0)) for member in members if member is not without]


def _regions(new: _Cube, verdicts: _Cube) -> list[RegionCounts]:
    first_seen, answered = (_by(cube, lambda row: row.region) for cube in (new, verdicts))
    return [RegionCounts(region, first_seen[region], answered[region]) for region in sorted({*first_seen, *answered})]
