"""The articles as editors look at them: lists with facets, what is due, where it all comes from, what disappoints.

Residents' reading is elsewhere (`reading`); here drafts and overdue articles show too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import editing
from knowledge.models import (
    UNSETTLED,
    Article,
    ArticleRevision,
    ArticleSource,
    Feedback,
    Kind,
    Person,
    Rumour,
    SignOff,
    Status,
    Topic,
    Turn,
    Verdict,
)

PAGE = 50
"""Articles or sources on one page."""
DUE_WITHIN = timedelta(days=30)
STALE_AFTER = timedelta(days=365)
"""A source nobody has looked up for so long may say something else by now, or be gone."""


class Look(StrEnum):
    """Articles that need somebody."""

    DUE = "due"
    """Published, and to be reviewed within `DUE_WITHIN`."""
    OVERDUE = "overdue"
    """Published, and no longer served because nobody has reviewed it."""
    DRAFT = "draft"
    """There is a draft that is not published yet."""
    WAITING = "waiting"
    """The draft is said to be ready, or signed off."""
    SINGLE_SOURCE = "single_source"
    UNREAD = "unread"
    """Nobody has read it against its sources a second time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which articles to look at."""

    text: str = ""
    """Words that must all occur in title, claim, short answer or slug."""
    topic: Topic | None = None
    kind: Kind | None = None
    status: Status | None = None
    verdict: Verdict | None = None
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in a list of the editors."""

    slug: str
    kind: Kind
    topic: Topic
    title: str
    verdict: Verdict | None
    status: Status
    review_by: date
    updated_at: datetime
    has_draft: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the articles that the filters let through."""

    entries: Sequence[Entry]
    count: int
    page: int
    """From 1."""
    pages: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an article is on its way to residents."""

    article: Article
    newest: ArticleRevision
    by: str | None
    """Who made the newest revision."""
    writers: frozenset[int]
    """Who wrote any of the draft, by id."""
    is_submitted: bool
    """A writer says that the draft is ready to be read."""
    signers: Sequence[str]
    rumours: Sequence[Rumour]
    """Those on the desk that wait for this article."""

    @property
    def has_draft(self) -> bool:
        """Whether the newest revision waits to be published."""
        return self.newest.status is Status.DRAFT


@dataclass(slots=True)
class Source:
    """A page that articles rest on."""

    url: str
    title: str
    publisher: str
    accessed: date
    """When somebody last looked it up."""
    articles: list[tuple[str, str]] = field(default_factory=list)
    """Slug and title of each article that names it."""


@dataclass(frozen=True, slots=True)
class Rated:
    """What residents thought of the answers an article gave."""

    slug: str
    title: str
    helpful: int
    unhelpful: int
    reasons: Mapping[str, int]


_NEWEST = (
    select(ArticleRevision.article_id, func.max(ArticleRevision.number).label("number"))
    .group_by(ArticleRevision.article_id)
    .subquery()
)
_FACETS = {"topic": Article.topic, "kind": Article.kind, "status": Article.status, "verdict": Article.verdict}


async def listed(session: AsyncSession, filters: Filters, today: date, page: int = 1) -> Listed:
    """One page of the articles, those that must be reviewed first at the top."""
    chosen = _chosen(filters, today)
    count = await session.scalar(chosen.with_only_columns(func.count())) or 0
    pages = max(1, -(-count // PAGE))
    page = max(1, min(page, pages))
    rows = await session.execute(
        _entries(chosen).order_by(Article.review_by, Article.slug).limit(PAGE).offset((page - 1) * PAGE)
    )
    return Listed([Entry(*row) for row in rows], count, page, pages)


async def facets(session: AsyncSession, filters: Filters, today: date) -> dict[str, dict[str, int]]:
    """How many articles each value of a facet would leave, the other facets staying as they are."""
    found: dict[str, dict[str, int]] = {}
    for name, column in _FACETS.items():
        without: dict[str, Any] = {name: None}
        chosen = _chosen(replace(filters, **without), today)
        rows = await session.execute(chosen.with_only_columns(column, func.count()).group_by(column))
        found[name] = {value.value: count for value, count in rows if value is not None}
    found["look"] = {}
    for look in Look:
        chosen = _chosen(replace(filters, look=look), today)
        found["look"][look.value] = await session.scalar(chosen.with_only_columns(func.count())) or 0
    return found


async def standing(session: AsyncSession, slug: str) -> Standing:
    """How far an article is.

    Raises: ArticleNotFound.
    """
    newest = await editing.newest(session, slug)
    writers = await editing.writers(session, newest)
    by = await session.get(Person, newest.by_id) if newest.by_id else None
    signed = select(SignOff.person_id).where(SignOff.article_id == newest.article_id, SignOff.revision == newest.number)
    waiting = select(Rumour).where(Rumour.article_id == newest.article_id, Rumour.status.in_(UNSETTLED))
    return Standing(
        article=await session.get_one(Article, newest.article_id),
        newest=newest,
        by=by.name if by else None,
        writers=frozenset(writers),
        is_submitted=bool(writers & set(await session.scalars(signed))),
        signers=[person.name for person in await editing.signers(session, newest.article_id, newest.number)],
        rumours=list(await session.scalars(waiting.order_by(Rumour.id))),
    )


async def due(session: AsyncSession, today: date) -> list[Entry]:
    """What is published and overdue, or due soon, the longest overdue first."""
    chosen = _chosen(Filters(), today).where(
        Article.status == Status.PUBLISHED, Article.review_by <= today + DUE_WITHIN
    )
    rows = await session.execute(_entries(chosen).order_by(Article.review_by, Article.slug))
    return [Entry(*row) for row in rows]


async def sources(session: AsyncSession, today: date, *, text: str = "", stale: bool = False) -> list[Source]:
    """The pages that articles in use rest on, those not looked up for longest first."""
    query = (
        select(ArticleSource, Article.slug, Article.title)
        .join(Article, Article.id == ArticleSource.article_id)
        .where(Article.status != Status.RETIRED)
        .order_by(Article.slug, ArticleSource.position)
    )
    for word in text.split()[:5]:
        query = query.where(
            or_(
                *(c.icontains(word, autoescape=True) for c in (ArticleSource.title, ArticleSource.publisher)),
                ArticleSource.url.icontains(word, autoescape=True),
            )
        )
    found: dict[str, Source] = {}
    for row, slug, title in await session.execute(query):
        source = found.setdefault(row.url, Source(row.url, row.title, row.publisher, row.accessed))
        source.accessed = max(source.accessed, row.accessed)
        if (slug, title) not in source.articles:
            source.articles.append((slug, title))
    kept = [source for source in found.values() if not stale or is_stale(source.accessed, today)]
    return sorted(kept, key=lambda source: (source.accessed, source.url))


def is_stale(accessed: date, today: date) -> bool:
    """Whether a source should be looked up again."""
    return accessed < today - STALE_AFTER


async def disappointing(session: AsyncSession, since: datetime, limit: int = PAGE) -> list[Rated]:
    """The articles whose answers residents found unhelpful since then, the worst first, with their reasons."""
    unhelpful = func.sum(case((Feedback.helpful, 0), else_=1))
    counted = (
        select(Article.id, Article.slug, Article.title, func.count() - unhelpful, unhelpful)
        .join(Turn, Turn.article_id == Article.id)
        .join(Feedback, Feedback.turn_id == Turn.id)
        .where(Feedback.at >= since)
        .group_by(Article.id, Article.slug, Article.title)
        .having(unhelpful > 0)
        .order_by(unhelpful.desc(), Article.slug)
        .limit(limit)
    )
    rows = [tuple(row) for row in await session.execute(counted)]
    reasons: dict[int, dict[str, int]] = {row[0]: {} for row in rows}
    named = await session.execute(
        select(Turn.article_id, Feedback.reason, func.count())
        .join(Feedback, Feedback.turn_id == Turn.id)
        .where(
            Feedback.at >= since,
            Feedback.helpful.is_(False),
            Feedback.reason.is_not(None),
            Turn.article_id.in_(list(reasons)),
        )
        .group_by(Turn.article_id, Feedback.reason)
        .order_by(func.count().desc(), Feedback.reason)
    )
    for article_id, reason, count in named:
        if article_id and reason:  # always: the query says so
            reasons[article_id][reason] = count
    return [Rated(slug, title, int(good), int(bad), reasons[number]) for number, slug, title, good, bad in rows]


def _entries(chosen: Select[Any]) -> Any:
    return chosen.with_only_columns(
        Article.slug,
        Article.kind,
        Article.topic,
        Article.title,
        Article.verdict,
        Article.status,
        Article.review_by,
        Article.updated_at,
        (ArticleRevision.status == Status.DRAFT).label("has_draft"),
    )


def _chosen(filters: Filters, today: date) -> Select[Any]:
    chosen = (
        select(Article)
        .join(_NEWEST, _NEWEST.c.article_id == Article.id)
        .join(
            ArticleRevision,
            and_(ArticleRevision.article_id == Article.id, ArticleRevision.number == _NEWEST.c.number),
        )
    )
    for name, column in _FACETS.items():
        if (value := getattr(filters, name)) is not None:
            chosen = chosen.where(column == value)
    for word in filters.text.split()[:5]:
        columns = (Article.title, Article.claim, Article.short_answer, Article.slug)
        chosen = chosen.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return chosen.where(*_look(filters.look, today)) if filters.look else chosen


def _look(look: Look, today: date) -> Sequence[ColumnElement[bool]]:
    published = Article.status == Status.PUBLISHED
    draft = ArticleRevision.status == Status.DRAFT
    signed = exists().where(SignOff.article_id == Article.id, SignOff.revision == ArticleRevision.number)
    conditions: dict[Look, Sequence[ColumnElement[bool]]] = {
        Look.DUE: (published, Article.review_by >= today, Article.review_by <= today + DUE_WITHIN),
        Look.OVERDUE: (published, Article.review_by < today),
        Look.DRAFT: (draft,),
        Look.WAITING: (draft, signed),
        Look.SINGLE_SOURCE: (Article.status != Status.RETIRED, Article.single_source.is_(True)),
        Look.UNREAD: (Article.status != Status.RETIRED, Article.second_reading.is_(None)),
    }
    return conditions[look]
