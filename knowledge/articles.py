"""What can be done with articles. Plain functions that take a session; the caller commits.

Every change takes the next number of one counter, so that the search index can ask for what is new since the number
it knows. The counter's row is locked until the commit: numbers become visible in order, and none is ever missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from knowledge.article_content import ArticleContent, SecondReading, SourceContent
from knowledge.database import upsert
from knowledge.errors import ArticleNotFound
from knowledge.models import (
    Article,
    ArticleRevision,
    ArticleSource,
    AuditRow,
    Counter,
    Kind,
    Person,
    Status,
    Topic,
    Verdict,
)
from knowledge.models.base import now, table_of

_CHANGES = "article_changes"
_OWN_FIELDS = tuple(name for name in ArticleContent.model_fields if name != "sources")

_LOCK_CHANGES = upsert(
    lambda insert: insert(table_of(Counter)).on_conflict_do_update(
        index_elements=["name"], set_={"value": table_of(Counter).c.value}
    )
)
_COUNT_UP = upsert(
    lambda insert: (
        insert(table_of(Counter))
        .on_conflict_do_update(index_elements=["name"], set_={"value": table_of(Counter).c.value + 1})
        .returning(table_of(Counter).c.value)
    )
)
_ARTICLES, _SOURCES = table_of(Article), table_of(ArticleSource)
_SHOWN = (
    "id",
    "slug",
    "kind",
    "topic",
    "title",
    "claim",
    "verdict",
    "short_answer",
    "what_to_do",
    "when_to_call",
    "body",
    "review_by",
    "updated_at",
    "regions",
    "single_source",
)
_SERVABLE = (
    select(
        *(_ARTICLES.c[name] for name in _SHOWN),
        _SOURCES.c.title.label("source_title"),
        _SOURCES.c.publisher,
        _SOURCES.c.url,
        _SOURCES.c.date,
    )
    .join(_SOURCES, _SOURCES.c.article_id == _ARTICLES.c.id)
    .where(
        _ARTICLES.c.id.in_(bindparam("ids", expanding=True)),
        _ARTICLES.c.status == Status.PUBLISHED,
        _ARTICLES.c.review_by >= bindparam("today"),
    )
    .order_by(_ARTICLES.c.id, _SOURCES.c.position)
)


@dataclass(frozen=True, slots=True)
class ServedSource:
    """A source as residents see it."""

    title: str
    publisher: str
    url: str
    date: str | None


@dataclass(frozen=True, slots=True)
class ServedArticle:
    """What residents may see of an article, read without the mapper because every answer reads one."""

    id: int
    slug: str
    kind: Kind
    topic: Topic
    title: str
    claim: str | None
    verdict: Verdict | None
    short_answer: str
    what_to_do: Sequence[str]
    when_to_call: str | None
    body: str
    review_by: date
    updated_at: datetime
    regions: Sequence[str]
    """Where it holds; empty is the whole country."""
    single_source: bool
    sources: Sequence[ServedSource]

    @classmethod
    def as_if_published(cls, content: ArticleContent, at: datetime) -> ServedArticle:
        """What residents would see of a draft; it has no id."""
        return cls(
            id=0,
            slug=content.slug,
            kind=content.kind,
            topic=content.topic,
            title=content.title,
            claim=content.claim,
            verdict=content.verdict,
            short_answer=content.short_answer,
            what_to_do=content.what_to_do,
            when_to_call=content.when_to_call,
            body=content.body,
            review_by=content.review_by,
            updated_at=at,
            regions=content.regions,
            single_source=content.single_source,
            sources=[ServedSource(s.title, s.publisher, s.url, s.date) for s in content.sources],
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One article that changed: its text for the index, or none when it must leave the index."""

    number: int
    article_id: int
    content: ArticleContent | None


async def save(
    session: AsyncSession,
    content: ArticleContent,
    *,
    status: Status | None = None,
    by: Person | None = None,
    at: datetime | None = None,
) -> Article:
    """Add an article or bring one up to `content`, keeping the revision. The caller commits.

    Without `status` a new article is a draft and an old one stays what it was. Saving what is there already changes
    nothing and leaves no revision.
    """
    await lock_changes(session)
    article = await session.scalar(_fresh().where(Article.slug == content.slug))
    if article is None:
        article = Article(slug=content.slug, status=status or Status.DRAFT, sources=[])
    elif content_of(article) == content and status in (None, article.status):
        return article
    for name in _OWN_FIELDS:
        setattr(article, name, _plain(getattr(content, name)))
    article.status = status or article.status
    _set_sources(article, content.sources)
    article.change = await _next_change(session)
    session.add(article)
    await add_revision(session, article, content, article.status, "article.save", by, at)
    return article


async def publish(session: AsyncSession, slug: str, *, by: Person | None = None) -> Article:
    """Let residents see an article. The caller commits.

    Raises: ArticleNotFound.
    """
    return await _set_status(session, slug, Status.PUBLISHED, by)


async def retire(session: AsyncSession, slug: str, *, by: Person | None = None) -> Article:
    """Take an article away from residents for good; its past stays. The caller commits.

    Raises: ArticleNotFound.
    """
    return await _set_status(session, slug, Status.RETIRED, by)


async def get(session: AsyncSession, slug: str) -> Article:
    """The article with this slug, sources and all.

    Raises: ArticleNotFound.
    """
    article = await session.scalar(_with_parts().where(Article.slug == slug))
    if article is None:
        raise ArticleNotFound(slug)
    return article


async def ids_of(session: AsyncSession, slugs: Iterable[str]) -> list[int]:
    """The ids of the articles with these slugs, as far as there are any."""
    return list(await session.scalars(select(Article.id).where(Article.slug.in_(list(slugs)))))


async def servable(session: AsyncSession, ids: Iterable[int], today: date) -> dict[int, ServedArticle]:
    """Those of the articles that may be shown to residents today, by id, with their sources.

    The index may be a moment behind; this is the last word on what is published and not past its review date.
    """
    wanted = list(ids)
    if not wanted:
        return {}
    rows = await session.execute(_SERVABLE, {"ids": wanted, "today": today})
    found: dict[int, ServedArticle] = {}
    for number, of_one in groupby(rows, key=itemgetter(0)):
        parts = list(of_one)
        sources = [ServedSource(*row[len(_SHOWN) :]) for row in parts]
        found[number] = ServedArticle(**dict(zip(_SHOWN, parts[0], strict=False)), sources=sources)
    return found


async def changes_since(session: AsyncSession, number: int) -> Sequence[Change]:
    """Every article changed after change `number`, oldest change first; 0 gives all of them."""
    rows = await session.scalars(_with_parts().where(Article.change > number).order_by(Article.change))
    return [
        Change(
            number=article.change,
            article_id=article.id,
            content=content_of(article) if article.status is Status.PUBLISHED else None,
        )
        for article in rows.unique()
    ]


async def last_change(session: AsyncSession) -> int:
    """The number of the newest change; 0 when there never was one."""
    return await session.scalar(select(Counter.value).where(Counter.name == _CHANGES)) or 0


async def all_contents(session: AsyncSession, status: Status = Status.PUBLISHED) -> Sequence[ArticleContent]:
    """Every article of that status, by slug."""
    rows = await session.scalars(_with_parts().where(Article.status == status).order_by(Article.slug))
    return [content_of(article) for article in rows.unique()]


async def subjects(session: AsyncSession) -> set[str]:
    """Every title and claim that an article has or once had."""
    content = ArticleRevision.content
    rows = await session.execute(select(content["title"].as_string(), content["claim"].as_string()).distinct())
    return {said for row in rows for said in row if said}


def content_of(article: Article) -> ArticleContent:
    """What a stored article says, as a value. It was valid when stored, so it is not checked again."""
    own: dict[str, Any] = {name: _as_content(getattr(article, name)) for name in _OWN_FIELDS}
    sources = tuple(
        SourceContent.model_construct(
            title=source.title, publisher=source.publisher, url=source.url, date=source.date, accessed=source.accessed
        )
        for source in article.sources
    )
    return ArticleContent.model_construct(**own, sources=sources)


def _with_parts() -> Select[Article]:
    return select(Article).options(joinedload(Article.sources))


def _fresh() -> Select[Article]:
    # As it is now, even where the session read it before somebody else changed it.
    return _with_parts().execution_options(populate_existing=True)


async def _set_status(session: AsyncSession, slug: str, status: Status, by: Person | None) -> Article:
    await lock_changes(session)
    article = await session.scalar(_fresh().where(Article.slug == slug))
    if article is None:
        raise ArticleNotFound(slug)
    if article.status is not status:
        article.status = status
        article.change = await _next_change(session)
        await add_revision(session, article, content_of(article), status, f"article.{status}", by)
    return article


def _set_sources(article: Article, sources: Sequence[SourceContent]) -> None:
    article.sources = [
        ArticleSource(position=position, **source.model_dump()) for position, source in enumerate(sources)
    ]


async def add_revision(
    session: AsyncSession,
    article: Article,
    content: ArticleContent,
    status: Status,
    action: str,
    by: Person | None,
    at: datetime | None = None,
) -> None:
    """Keep what an article says, or is to say, from this moment. The caller holds the lock, and commits."""
    by_id, at = by.id if by else None, at or now()
    if status is article.status:
        article.updated_at = at
    await session.flush()
    last = await session.scalar(
        select(ArticleRevision.number)
        .where(ArticleRevision.article_id == article.id)
        .order_by(ArticleRevision.number.desc())
        .limit(1)
    )
    number = (last or 0) + 1
    session.add_all(
        [
            ArticleRevision(
                article_id=article.id,
                number=number,
                content=content.model_dump(mode="json"),
                status=status,
                by_id=by_id,
                at=at,
            ),
            AuditRow(
                action=action,
                subject="article",
                subject_id=article.id,
                details={"revision": number},
                by_id=by_id,
                at=at,
            ),
        ]
    )
    await session.flush()


async def lock_changes(session: AsyncSession) -> None:
    """Let nobody else change an article until the commit.

    Without it, two people who save at the same time would each record what the other has just replaced.
    """
    await session.execute(_LOCK_CHANGES(session), {"name": _CHANGES, "value": 0})


async def _next_change(session: AsyncSession) -> int:
    result = await session.execute(_COUNT_UP(session), {"name": _CHANGES, "value": 1})
    return int(result.scalar_one())


def _plain(value: Any) -> Any:
    if isinstance(value, SecondReading):
        return value.model_dump(mode="json")
    return list(value) if isinstance(value, tuple) else value


def _as_content(value: Any) -> Any:
    if isinstance(value, dict):
        return SecondReading.model_validate(value)
    return tuple(value) if isinstance(value, list) else value
