"""Whether the pages that articles rest on can still be opened: what was found, and what an editor says of it.

Nothing here opens a page; `scripts.commands.link_check` does. Plain functions that take a session; the caller commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import editing
from knowledge.database import upsert
from knowledge.errors import NotAllowed, NotFound
from knowledge.models import Article, ArticleSource, AuditRow, LinkState, Person, SourceLink, Status
from knowledge.models.base import table_of
from knowledge.people import Actor

RECHECK_AFTER = timedelta(days=30)
"""How long the machine's last look counts."""
HAND_HOLDS = timedelta(days=90)
"""How long a person's word stands against the machine: some servers tell programs something else than people."""
BROKEN = (LinkState.DEAD, LinkState.UNREACHABLE)
_BY_HAND = (LinkState.WORKS, LinkState.DEAD)


class Problem(StrEnum):
    """Why there was no answer to judge a page by."""

    DNS = "dns"
    """The name of the server leads nowhere."""
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"
    """The server cannot prove to be the right one."""
    ENCRYPTION = "encryption"
    """It speaks an encryption that only browsers still take."""
    CONNECTION = "connection"
    REDIRECTS = "redirects"
    """It leads round in a circle, or to something that is no web page."""
    NOT_PUBLIC = "not_public"
    """It leads into a private network, where nothing is asked."""
    ADDRESS = "address"
    """It is no address of a web page."""


class Show(StrEnum):
    """Which sources to list."""

    BROKEN = "broken"
    MOVED = "moved"
    UNCLEAR = "unclear"
    BY_HAND = "by_hand"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one look at an address found."""

    url: str
    state: LinkState
    status_code: int | None = None
    problem: Problem | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class Citing:
    """An article that names a source."""

    slug: str
    title: str
    review_by: date


@dataclass(slots=True)
class Link:
    """The address of a source, what is known of it, and the articles that name it."""

    url: str
    title: str
    publisher: str
    found: SourceLink | None
    """None when nobody has looked yet."""
    by: str | None
    """Who said so by hand."""
    articles: list[Citing] = field(default_factory=list)
    """The one to be reviewed first at the top."""


async def to_check(
    session: AsyncSession,
    now: datetime,
    *,
    older_than: timedelta = RECHECK_AFTER,
    broken_only: bool = False,
) -> list[str]:
    """The addresses of the sources of articles in use whose last look is at least so long ago, or never was.

    With `broken_only` those that are listed as broken, and no others. What a person has said within `HAND_HOLDS` is
    left alone.
    """
    machine = SourceLink.by_hand.is_(False) & (SourceLink.checked_at <= now - older_than)
    hand = SourceLink.by_hand.is_(True) & (SourceLink.checked_at <= now - HAND_HOLDS)
    query = _cited(select(ArticleSource.url).distinct()).outerjoin(SourceLink, SourceLink.url == ArticleSource.url)
    never = () if broken_only else (SourceLink.id.is_(None),)
    query = query.where(or_(*never, machine, hand)).order_by(ArticleSource.url)
    if broken_only:
        query = query.where(SourceLink.state.in_(BROKEN))
    return list(await session.scalars(query))


async def record(session: AsyncSession, found: Iterable[Checked], at: datetime) -> None:
    """Keep what the machine found. The caller commits.

    An answer that says nothing does not bring a dead page back to life; a word somebody has given meanwhile stands.
    """
    by_url = {one.url: one for one in found}
    await session.execute(_ADD(session), [_new(one.url, one.state, at) for one in by_url.values()])
    for row in await session.scalars(_held(by_url)):
        one = by_url[row.url]
        if row.by_hand and row.checked_at > at - HAND_HOLDS:
            continue
        keeps = row.state is LinkState.DEAD and one.state is LinkState.UNCLEAR
        _set(row, row.state if keeps else one.state, at)
        row.status_code, row.problem, row.moved_to = one.status_code, one.problem, one.moved_to
        row.by_id, row.by_hand = None, False
    await session.flush()


async def mark(session: AsyncSession, actor: Actor, url: str, state: LinkState, at: datetime) -> None:
    """An editor has looked: the source works, or is dead. Leaves an audit row; the caller commits.

    Raises: NotAllowed, to who is no editor; NotFound, when no article in use names it, or for another state.
    """
    if not may_mark(actor):
        raise NotAllowed("Only editors may say whether a source works.", "source")
    if state not in _BY_HAND or url not in await citing(session, [url]):
        raise NotFound("No article in use names this source.", "source")
    was = await session.scalar(select(SourceLink.state).where(SourceLink.url == url))
    await session.execute(_ADD(session), [_new(url, state, at)])
    row = (await session.scalars(_held([url]))).one()
    _set(row, state, at)
    row.status_code = row.problem = row.moved_to = None
    row.by_id, row.by_hand = actor.id, True
    await session.flush()
    session.add(
        AuditRow(
            at=at,
            by_id=actor.id,
            action=f"source.{state}",
            subject="source",
            subject_id=row.id,
            details={"url": url, "was": was.value if was else None},
        )
    )
    await session.flush()


def may_mark(actor: Actor) -> bool:
    """Whether somebody's word on a source counts."""
    return actor.may(editing.EDITS_ALL)


async def listed(session: AsyncSession, show: Show, text: str = "") -> list[Link]:
    """Sources of articles in use, those first whose articles must be reviewed first."""
    query = (
        _cited(select(ArticleSource, Article.slug, Article.title, Article.review_by, SourceLink, Person.name))
        .outerjoin(SourceLink, SourceLink.url == ArticleSource.url)
        .outerjoin(Person, Person.id == SourceLink.by_id)
        .order_by(Article.review_by, Article.slug, ArticleSource.position)
    )
    for condition in _SHOWN[show]:
        query = query.where(condition)
    if text:
        query = query.where(ArticleSource.url.in_(_with_words(text)))
    links: dict[str, Link] = {}
    for source, slug, title, review_by, found, by in await session.execute(query):
        link = links.setdefault(source.url, Link(source.url, source.title, source.publisher, found, by))
        citing = Citing(slug, title, review_by)
        if citing not in link.articles:
            link.articles.append(citing)
    return list(links.values())


async def last_look(session: AsyncSession) -> datetime | None:
    """When the machine last looked at any source."""
    moment: datetime | None = await session.scalar(
        select(func.max(SourceLink.checked_at)).where(SourceLink.by_hand.is_(False))
    )
    return moment


async def citing(session: AsyncSession, urls: Sequence[str]) -> dict[str, list[str]]:
    """The slugs of the articles in use that name each of these addresses."""
    query = _cited(select(ArticleSource.url, Article.slug).distinct()).where(ArticleSource.url.in_(list(urls)))
    found: dict[str, list[str]] = {}
    for url, slug in await session.execute(query.order_by(Article.slug)):
        found.setdefault(url, []).append(slug)
    return found


_SHOWN: dict[Show, tuple[ColumnElement[bool], ...]] = {
    Show.BROKEN: (SourceLink.state.in_(BROKEN),),
    Show.MOVED: (SourceLink.moved_to.is_not(None), SourceLink.state == LinkState.WORKS),
    Show.UNCLEAR: (SourceLink.state == LinkState.UNCLEAR,),
    Show.BY_HAND: (SourceLink.by_hand.is_(True),),
    Show.ALL: (),
}


_LINKS = table_of(SourceLink)
_ADD = upsert(lambda insert: insert(_LINKS).on_conflict_do_nothing(index_elements=["url"]))


def _new(url: str, state: LinkState, at: datetime) -> dict[str, Any]:
    return {"url": url, "state": state, "since": at, "checked_at": at, "by_hand": False}


def _held(urls: Iterable[str]) -> Select[SourceLink]:
    """The rows of these addresses, as they are now, held until the commit; always in one order."""
    query = select(SourceLink).where(SourceLink.url.in_(list(urls))).order_by(SourceLink.url).with_for_update()
    return query.execution_options(populate_existing=True)


def _with_words(text: str) -> Select[str]:
    """The addresses of the sources in which all these words occur."""
    query = select(ArticleSource.url)
    for word in text.split()[:5]:
        columns = (ArticleSource.title, ArticleSource.publisher, ArticleSource.url)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return query


def _set(row: SourceLink, state: LinkState, at: datetime) -> None:
    if row.state is not state:
        row.state, row.since = state, at
    row.checked_at = at


def _cited(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Of sources, those of articles that are not retired."""
    return query.join(Article, Article.id == ArticleSource.article_id).where(Article.status != Status.RETIRED)
