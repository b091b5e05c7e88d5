"""Count a period. Each table is read once; what can be told apart is counted together and summed up here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.figures.scope import FROM_RESIDENTS, NOTICE, WAIT, Period, Scope, in_regions, is_answered, is_new, within
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


async def of(session: AsyncSession, scope: Scope) -> Figures:
    """All figures of a period."""
    steps = scope.period.steps()
    messages, new, verdicts = await _counted(session, scope, steps)
    articles = await _articles(session, scope.period)
    return Figures(
        scope=scope,
        totals=await _totals(session, scope, messages, new, verdicts),
        before=await _totals_of(session, replace(scope, period=scope.period.before())),
        steps=[
            _step(step, *([row for row in rows if row.step == number] for rows in (messages, new, verdicts)))
            for number, step in enumerate(steps)
        ],
        routes=_counts(_by(messages, _route)),
        channels=_counts(_by(messages, lambda row: row.channel if row.route != NOTICE else None)),
        bands=_listed(_by(messages, lambda row: row.band), Band),
        reasons=_counts(_by(messages, lambda row: row.reason if row.helpful is False else None)),
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
        return literal_column(str(first))
    half = len(steps) // 2
    early, late = _step_of(column, steps[:half], first), _step_of(column, steps[half:], first + half)
    return case((column < steps[half].start, early), else_=late)


async def _cube(session: AsyncSession, chosen: _Select) -> _Cube:
    """How many rows there are of each kind.

    Grouped outside, because PostgreSQL takes equal parameters for different ones.
    """
    inner = chosen.subquery()
    return (await session.execute(select(*inner.c, func.count().label("n")).group_by(*inner.c))).all()


async def _counted(session: AsyncSession, scope: Scope, steps: Sequence[Period]) -> tuple[_Cube, _Cube, _Cube]:
    """Messages, rumours first seen and rumours answered, counted by step and by what they can be told apart by."""
    messages = (
        select(
            _step_of(Turn.received_at, steps).label("step"),
            Turn.route,
            Turn.channel,
            Turn.band,
            Feedback.helpful,
            Feedback.reason,
        )
        .outerjoin(Feedback, Feedback.turn_id == Turn.id)
        .where(within(Turn.received_at, scope.period))
    )
    new = select(_step_of(Rumour.first_seen, steps).label("step"), Rumour.status, Rumour.region)
    verdicts = select(_step_of(Rumour.settled_at, steps).label("step"), Rumour.region)
    return (
        await _cube(session, messages),
        await _cube(session, new.where(*is_new(scope))),
        await _cube(session, verdicts.where(*is_answered(scope))),
    )


async def _totals_of(session: AsyncSession, scope: Scope) -> Totals:
    return await _totals(session, scope, *await _counted(session, scope, [scope.period]))


async def _totals(session: AsyncSession, scope: Scope, messages: _Cube, new: _Cube, verdicts: _Cube) -> Totals:
    counted = _step(scope.period, messages, new, verdicts)
    return Totals(
        messages=counted.messages,
        asked=counted.asked,
        sure=counted.sure,
        rated=counted.rated,
        helpful=counted.helpful,
        new=counted.new,
        verdicts=counted.verdicts,
        median_wait=await _wait(session, scope, counted.verdicts, 50),
        ninety_wait=await _wait(session, scope, counted.verdicts, 90),
    )


def _step(period: Period, messages: _Cube, new: _Cube, verdicts: _Cube) -> StepCounts:
    return StepCounts(
        period=period,
        messages=sum(row.n for row in messages if row.route != NOTICE),
        asked=sum(row.n for row in messages if row.band is not None and row.route != NOTICE),
        sure=sum(row.n for row in messages if row.band == Band.SURE and row.route != NOTICE),
        rated=sum(row.n for row in messages if row.helpful is not None),
        helpful=sum(row.n for row in messages if row.helpful),
        new=sum(row.n for row in new),
        verdicts=sum(row.n for row in verdicts),
    )


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
    received = (
        select(Sighting.rumour_id, count)
        .where(within(Sighting.received_at, scope.period), Sighting.rumour_id.is_not(None))
        .group_by(Sighting.rumour_id)
        .subquery()
    )
    found = (
        await session.execute(
            select(Rumour.id, Rumour.text, Rumour.status, received.c.n)
            .join(received, received.c.rumour_id == Rumour.id)
            .where(*in_regions(scope))
            .order_by(received.c.n.desc(), Rumour.id)
            .limit(TOP)
        )
    ).all()
    earlier = await session.execute(
        select(Sighting.rumour_id, count)
        .where(Sighting.rumour_id.in_([row.id for row in found]), within(Sighting.received_at, scope.period.before()))
        .group_by(Sighting.rumour_id)
    )
    before = {rumour_id: n for rumour_id, n in earlier}
    return [RumourCounts(row.id, row.text, row.status, row.n, before.get(row.id, 0)) for row in found]


def _route(row: Any) -> str | None:
    return row.route if row.route != NOTICE else None


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
