"""What residents may read at length: one whole article, and lists of those there are.

The same rule as for answers: only what is published and not past its review-by date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import articles
from knowledge.articles import ServedArticle
from knowledge.errors import ArticleNotFound, ArticleOverdue, ArticleRetired
from knowledge.models import Article, ArticleRevision, Kind, Status, Topic, Verdict

_QUOTES = "“”‘’\"'《》「」【】（）() "


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """An article as an entry of a list."""

    slug: str
    kind: Kind
    topic: Topic
    title: str
    verdict: Verdict | None
    season: Sequence[int]
    """Months in which it is asked most; empty is all year."""
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class WholeArticle:
    """Everything residents may read of one article."""

    served: ServedArticle
    second_reading: date | None
    """When somebody other than the writer checked it against its sources."""
    published_at: datetime
    """When residents could first see it."""
    related: Sequence[ListedArticle]
    """In the writer's order, without those that may not be shown."""


async def whole(session: AsyncSession, slug: str, today: date) -> WholeArticle:
    """The article with this slug, as residents may read it today.

    Raises: ArticleNotFound, also for a draft; ArticleRetired, ArticleOverdue.
    """
    article = await session.scalar(select(Article).where(Article.slug == slug))
    if article is None or article.status is Status.DRAFT:
        raise ArticleNotFound(slug)
    served = (await articles.servable(session, [article.id], today)).get(article.id)
    if served is None:
        raise ArticleRetired(slug) if article.status is Status.RETIRED else ArticleOverdue(slug)
    reading = article.second_reading
    return WholeArticle(
        served=served,
        second_reading=date.fromisoformat(reading["on"]) if reading else None,
        published_at=await _published_at(session, article),
        related=await _related(session, article.related, today),
    )


async def listed(session: AsyncSession, today: date, topic: Topic | None = None) -> Sequence[ListedArticle]:
    """The articles residents may read today, of one topic or of all, by title as a Chinese dictionary sorts."""
    query = _entries(today)
    if topic is not None:
        query = query.where(Article.topic == topic)
    return sorted(map(_entry, await session.execute(query)), key=_by_sound)


async def counts(session: AsyncSession, today: date) -> dict[Topic, int]:
    """How many articles of each topic residents may read today; every topic has a number."""
    query = select(Article.topic, func.count()).where(*_readable(today)).group_by(Article.topic)
    return dict.fromkeys(Topic, 0) | {topic: count for topic, count in await session.execute(query)}


async def changed_at(session: AsyncSession, today: date, zone: tzinfo) -> datetime | None:
    """When what residents may read last became another: an article changed, or one went past its review-by date.

    None as long as there are no articles. Days begin at midnight in the time zone.
    """
    changed: datetime | None = await session.scalar(select(func.max(Article.updated_at)))
    lapsed = await session.scalar(
        select(func.max(Article.review_by)).where(Article.status == Status.PUBLISHED, Article.review_by < today)
    )
    if changed is None or lapsed is None:
        return changed
    return max(changed, datetime.combine(lapsed + timedelta(days=1), time(), zone))


def _readable(today: date) -> tuple[ColumnElement[bool], ...]:
    return Article.status == Status.PUBLISHED, Article.review_by >= today


def _entries(today: date) -> Select[str, Kind, Topic, str, Verdict | None, list[int], datetime]:
    return select(
        Article.slug,
        Article.kind,
        Article.topic,
        Article.title,
        Article.verdict,
        Article.season,
        Article.updated_at,
    ).where(*_readable(today))


def _entry(row: Row[str, Kind, Topic, str, Verdict | None, list[int], datetime]) -> ListedArticle:
    return ListedArticle(*row)


async def _related(session: AsyncSession, slugs: Sequence[str], today: date) -> Sequence[ListedArticle]:
    if not slugs:
        return []
    rows = await session.execute(_entries(today).where(Article.slug.in_(slugs)))
    found = {row.slug: _entry(row) for row in rows}
    return [found[slug] for slug in slugs if slug in found]


async def _published_at(session: AsyncSession, article: Article) -> datetime:
    first = await session.scalar(
        select(ArticleRevision.at)
        .where(ArticleRevision.article_id == article.id, ArticleRevision.status == Status.PUBLISHED)
        .order_by(ArticleRevision.number)
        .limit(1)
    )
    # A revision is dated a moment after the change it records.
    return min(first or article.created_at, article.updated_at)


def _by_sound(article: ListedArticle) -> tuple[bytes, str]:
    # The national encoding has the common characters in the order of their sounds, which is how people look things up.
    return article.title.lstrip(_QUOTES).encode("gb18030", "replace"), article.slug
