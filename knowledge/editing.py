"""How an article comes to be published: drafts, a second person's word, publication.

A draft is a revision. Residents go on seeing what was published last until a revision is published, and a revision is
published only once somebody who wrote nothing of it has signed it off. Plain functions that take a session; the caller
commits.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import articles
from knowledge.article_content import ArticleContent
from knowledge.errors import ArticleNotFound, EditConflict, NotAllowed, OwnWork, SignOffMissing
from knowledge.models import (
    Article,
    ArticleRevision,
    AuditRow,
    Kind,
    Person,
    PersonRole,
    Role,
    SignOff,
    Status,
)
from knowledge.people import Actor

EDITS_ALL = frozenset({Role.EDITOR})
EDITS_DEBUNKS = frozenset({Role.EDITOR, Role.DEBUNKER})
SIGNS = frozenset({Role.EDITOR, Role.DEBUNKER, Role.EXPERT})
_JUDGED = (Kind.DEBUNK, Kind.SCAM_ALERT)


def may_edit(actor: Actor, kind: Kind) -> bool:
    """Whether somebody may write articles of this kind: editors all, debunkers what judges a claim."""
    return actor.may(EDITS_DEBUNKS if kind in _JUDGED else EDITS_ALL)


async def newest(session: AsyncSession, slug: str) -> ArticleRevision:
    """The newest revision of an article, published or not.

    Raises: ArticleNotFound.
    """
    revision = await session.scalar(
        select(ArticleRevision)
        .join(Article)
        .where(Article.slug == slug)
        .order_by(ArticleRevision.number.desc())
        .limit(1)
    )
    if revision is None:
        raise ArticleNotFound(slug)
    return revision


async def save_draft(
    session: AsyncSession, actor: Actor, content: ArticleContent, *, base: int, at: datetime
) -> ArticleRevision:
    """Keep a draft, written on top of revision `base`; 0 for a new article. The caller commits.

    Saving what the newest revision says already keeps nothing new.

    Raises: NotAllowed; EditConflict, when somebody else has saved another revision meanwhile.
    """
    if not may_edit(actor, content.kind):
        raise NotAllowed("Your roles do not allow you to write this kind of article.")
    person = await session.get_one(Person, actor.id)
    await articles.lock_changes(session)
    article = await session.scalar(select(Article).where(Article.slug == content.slug))
    last = await newest(session, content.slug) if article else None
    if base != (last.number if last else 0):
        raise await _conflict(session, content.slug, last)
    if article is None or article.status is Status.DRAFT:
        await articles.save(session, content, by=person)
    elif last is None or last.content != content.model_dump(mode="json"):
        await articles.add_revision(session, article, content, Status.DRAFT, "article.draft", person)
    return await newest(session, content.slug)


async def sign_off(session: AsyncSession, actor: Actor, slug: str, revision: int, *, at: datetime) -> None:
    """Say that the newest revision may be published. The caller commits.

    Raises: ArticleNotFound, NotAllowed; OwnWork, to whoever wrote any of it; EditConflict, when it is not the newest.
    """
    if not actor.may(SIGNS):
        raise NotAllowed("Your roles do not allow you to sign articles off.")
    last = await _the_newest(session, slug, revision)
    if actor.id in await _writers(session, last.article_id):
        raise OwnWork(slug)
    if await session.get(SignOff, (last.article_id, revision, actor.id)) is None:
        session.add(SignOff(article_id=last.article_id, revision=revision, person_id=actor.id, at=at))
        session.add(
            AuditRow(
                action="article.sign_off",
                subject="article",
                subject_id=last.article_id,
                details={"revision": revision},
                by_id=actor.id,
                at=at,
            )
        )
        await session.flush()


async def signers(session: AsyncSession, article_id: int, revision: int) -> list[Person]:
    """Who signed a revision off, first signer first."""
    rows = await session.scalars(
        select(Person)
        .join(SignOff, SignOff.person_id == Person.id)
        .where(SignOff.article_id == article_id, SignOff.revision == revision)
        .order_by(SignOff.at)
    )
    return list(rows)


async def publish(
    session: AsyncSession, actor: Actor, slug: str, revision: int, *, needs: frozenset[Role] = frozenset()
) -> Article:
    """Let residents see the newest revision. The caller commits.

    `needs` names roles of which the person who signed must hold one; empty asks for none in particular.

    Raises: ArticleNotFound, NotAllowed; EditConflict, when it is not the newest; SignOffMissing.
    """
    last = await _the_newest(session, slug, revision)
    content = ArticleContent.model_validate(last.content)
    if not may_edit(actor, content.kind):
        raise NotAllowed("Your roles do not allow you to publish this kind of article.")
    # Counted anew: somebody who signed first and wrote afterwards has not read it as a second person.
    signed = SignOff.person_id.not_in(await _writers(session, last.article_id))
    statement = (
        select(func.count())
        .select_from(SignOff)
        .where(SignOff.article_id == last.article_id, SignOff.revision == revision, signed)
    )
    if needs:
        statement = statement.where(
            SignOff.person_id.in_(select(PersonRole.person_id).where(PersonRole.role.in_({*needs, Role.ADMINISTRATOR})))
        )
    if not await session.scalar(statement):
        raise SignOffMissing(slug, needs)
    return await articles.save(session, content, status=Status.PUBLISHED, by=await session.get_one(Person, actor.id))


async def _the_newest(session: AsyncSession, slug: str, revision: int) -> ArticleRevision:
    last = await newest(session, slug)
    if last.number != revision:
        raise await _conflict(session, slug, last)
    return last


async def _writers(session: AsyncSession, article_id: int) -> set[int]:
    """Who has written anything that residents do not see yet."""
    published = (
        select(func.coalesce(func.max(ArticleRevision.number), 0))
        .where(ArticleRevision.article_id == article_id, ArticleRevision.status == Status.PUBLISHED)
        .scalar_subquery()
    )
    rows = await session.scalars(
        select(ArticleRevision.by_id).where(
            ArticleRevision.article_id == article_id,
            ArticleRevision.number > published,
            ArticleRevision.by_id.is_not(None),
        )
    )
    return {number for number in rows if number is not None}


async def _conflict(session: AsyncSession, slug: str, last: ArticleRevision | None) -> EditConflict:
    by = await session.get(Person, last.by_id) if last and last.by_id else None
    return EditConflict(slug, last.number if last else 0, by.name if by else "", last.at if last else None)
