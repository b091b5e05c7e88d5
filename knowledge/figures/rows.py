"""The rows behind a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.errors import NotFound
from knowledge.figures.scope import (
    FROM_RESIDENTS,
    OF_MESSAGES,
    WAIT,
    Figure,
    Ref,
    Scope,
    in_regions,
    is_answered,
    is_new,
    within,
)
from knowledge.models import Article, Band, Feedback, Rumour, RumourStatus, Sighting, Topic, Turn

PAGE = 50
"""Rows on one page."""
_Select = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message behind a number; never its text."""

    id: int
    at: datetime
    channel: str
    route: str
    band: Band | None
    article: str | None
    """Slug."""
    title: str | None
    helpful: bool | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class RumourRow:
    """A rumour behind a number."""

    id: int
    text: str
    status: RumourStatus
    region: str
    sightings: int
    first_seen: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of what a number counts."""

    count: int
    """How many there are on all pages."""
    page: int
    """From 1."""
    pages: int
    messages: Sequence[MessageRow] = ()
    rumours: Sequence[RumourRow] = ()


async def of(session: AsyncSession, scope: Scope, ref: Ref, page: int = 1) -> Rows:
    """What a number counts, latest first; rumours by how long they waited where that is the point.

    Raises: NotFound, for a number that does not exist.
    """
    chosen, order = _chosen(scope, ref)
    count = await session.scalar(chosen.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    pages = max(1, -(-count // PAGE))
    page = max(1, min(page, pages))
    found = (await session.execute(chosen.order_by(*order).limit(PAGE).offset((page - 1) * PAGE))).all()
    if ref.figure in OF_MESSAGES:
        return Rows(count, page, pages, messages=[MessageRow(*row) for row in found])
    return Rows(count, page, pages, rumours=[RumourRow(*row) for row in found])


_BY_MESSAGE: Mapping[Figure, Callable[[str], Sequence[ColumnElement[bool]]]] = {
    Figure.MESSAGES: lambda _: (FROM_RESIDENTS,),
    Figure.ROUTE: lambda of: (FROM_RESIDENTS, Turn.route == of),
    Figure.CHANNEL: lambda of: (FROM_RESIDENTS, Turn.channel == of),
    Figure.ASKED: lambda _: (FROM_RESIDENTS, Turn.band.is_not(None)),
    Figure.BAND: lambda of: (FROM_RESIDENTS, Turn.band == Band(of)),
    Figure.RATED: lambda _: (Feedback.helpful.is_not(None),),
    Figure.RATING: lambda of: (Feedback.helpful.is_({"yes": True, "no": False}[of]),),
    Figure.REASON: lambda of: (Feedback.helpful.is_(False), Feedback.reason == of),
    Figure.TOPIC: lambda of: (FROM_RESIDENTS, Article.topic == Topic(of)),
    Figure.ARTICLE: lambda of: (FROM_RESIDENTS, Turn.article_id == _id(of)),
    Figure.ARTICLE_HELPFUL: lambda of: (FROM_RESIDENTS, Turn.article_id == _id(of), Feedback.helpful.is_(True)),
    Figure.ARTICLE_UNHELPFUL: lambda of: (FROM_RESIDENTS, Turn.article_id == _id(of), Feedback.helpful.is_(False)),
    Figure.RECEIVED: lambda of: (Sighting.rumour_id == _id(of),),
}
_BY_RUMOUR: Mapping[Figure, Callable[[str], Sequence[ColumnElement[bool]]]] = {
    Figure.NEW: lambda _: (),
    Figure.STATE: lambda of: (Rumour.status == RumourStatus(of),),
    Figure.REGION: lambda of: (Rumour.region == of,),
    Figure.VERDICTS: lambda _: (),
    Figure.REGION_VERDICTS: lambda of: (Rumour.region == of,),
}


def _id(text: str) -> int:
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError("not an id")
    return number


def _chosen(scope: Scope, ref: Ref) -> tuple[_Select, Sequence[Any]]:
    try:
        if ref.figure in OF_MESSAGES:
            return _chosen_messages(scope, ref), (Turn.received_at.desc(), Turn.id.desc())
        answered = ref.figure in (Figure.VERDICTS, Figure.REGION_VERDICTS)
        order = (WAIT, Rumour.id) if answered else (Rumour.first_seen.desc(), Rumour.id.desc())
        chosen = select(
            Rumour.id,
            Rumour.text,
            Rumour.status,
            Rumour.region,
            Rumour.sightings,
            Rumour.first_seen,
            Rumour.settled_at,
        ).where(*(is_answered(scope) if answered else is_new(scope)), *_BY_RUMOUR[ref.figure](ref.of))
    except (ValueError, KeyError):
        raise NotFound(f"There is no figure {ref.figure} of {ref.of!r}.") from None
    return chosen, order


def _chosen_messages(scope: Scope, ref: Ref) -> _Select:
    chosen = (
        select(
            Turn.id,
            Turn.received_at,
            Turn.channel,
            Turn.route,
            Turn.band,
            Article.slug,
            Article.title,
            Feedback.helpful,
            Feedback.reason,
        )
        .outerjoin(Article, Article.id == Turn.article_id)
        .outerjoin(Feedback, Feedback.turn_id == Turn.id)
        .where(within(Turn.received_at, scope.period), *_BY_MESSAGE[ref.figure](ref.of))
    )
    if ref.figure is not Figure.RECEIVED:
        return chosen
    of_rumour = chosen.join(Sighting, Sighting.turn_id == Turn.id).join(Rumour, Rumour.id == Sighting.rumour_id)
    return of_rumour.where(*in_regions(scope))
