"""How an article comes to be published: drafts, a second person's word, publication.

A draft is a revision. Residents go on seeing what was published last until a revision is published, and a revision is
published only once somebody who wrote nothing of it has signed it off. A writer's own signature says that the draft is
ready to be read, and never counts. Plain functions that take a session; the caller commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import articles
from knowledge.article_content import ArticleContent
from knowledge.article_rules import LONGEST_VALIDITY
from knowledge.errors import (
    ArticleNotFound,
    ArticleOverdue,
    BadReviewDate,
    DraftPending,
    EditConflict,
    NoDraft,
    NotAllowed,
    NotFound,
    OwnWork,
    SignOffMissing,
)
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


def must_edit(actor: Actor, *kinds: Kind) -> None:
    """Raises: NotAllowed, to who may not write articles of all these kinds."""
    if not all(may_edit(actor, kind) for kind in kinds):
        raise NotAllowed("Your roles do not allow you to write this kind of article.", "kind")


async def newest(session: AsyncSession, slug: str) -> ArticleRevision:
    """The newest revision of an article, published or not.

    Raises: ArticleNotFound.
    """
    revision = await session.scalar(_revisions(slug).limit(1))
    if revision is None:
        raise ArticleNotFound(slug)
    return revision


async def revision_of(session: AsyncSession, slug: str, number: int) -> ArticleRevision:
    """One revision of an article.

    Raises: NotFound.
    """
    revision = await session.scalar(_revisions(slug).where(ArticleRevision.number == number))
    if revision is None:
        raise NotFound(f"{slug!r} has no revision {number}.", "revision")
    return revision


async def history(session: AsyncSession, slug: str) -> Sequence[tuple[ArticleRevision, str | None]]:
    """Every revision of an article with the name of who made it, newest first."""
    rows = await session.execute(
        _revisions(slug)
        .with_only_columns(ArticleRevision, Person.name)
        .outerjoin(Person, Person.id == ArticleRevision.by_id)
    )
    return [(revision, name) for revision, name in rows]


async def save_draft(
    session: AsyncSession, actor: Actor, content: ArticleContent, *, base: int, at: datetime
) -> ArticleRevision:
    """Keep a draft, written on top of revision `base`; 0 for a new article. The caller commits.

    Saving what the newest revision says already keeps nothing new.

    Raises: NotAllowed; EditConflict, when somebody else has saved another revision meanwhile.
    """
    must_edit(actor, content.kind)
    person = await session.get_one(Person, actor.id)
    article = await _locked(session, content.slug)
    last = await newest(session, content.slug) if article else None
    if article and last:
        must_edit(actor, article.kind, Kind(last.content["kind"]))
    if base != (last.number if last else 0):
        raise await _conflict(session, content.slug, last)
    if article is None or article.status is Status.DRAFT:
        await articles.save(session, content, by=person, at=at)
    elif last is None or last.content != content.model_dump(mode="json"):
        await articles.add_revision(session, article, content, Status.DRAFT, "article.draft", person, at)
    return await newest(session, content.slug)


async def restore(session: AsyncSession, actor: Actor, slug: str, number: int, *, base: int, at: datetime) -> None:
    """Make an old revision the newest draft again. The caller commits.

    Raises: NotAllowed, EditConflict; NotFound; pydantic.ValidationError, when the rules have changed since.
    """
    old = await revision_of(session, slug, number)
    await save_draft(session, actor, ArticleContent.model_validate(old.content), base=base, at=at)


async def discard(session: AsyncSession, actor: Actor, slug: str, revision: int, *, at: datetime) -> None:
    """Give a draft up: what was published before counts as the newest again; the draft stays in the history.

    Raises: ArticleNotFound, NotAllowed, EditConflict; NoDraft, also when there is nothing published to go back to.
    """
    article = await _locked(session, slug)
    last = await _draft(session, slug, revision)
    if article is None or article.status is Status.DRAFT:
        raise NoDraft(slug)
    must_edit(actor, article.kind, Kind(last.content["kind"]))
    # What residents read stays as it is, and so does its date.
    unchanged = article.updated_at
    served = articles.content_of(await articles.get(session, slug))
    person = await session.get_one(Person, actor.id)
    await articles.add_revision(session, article, served, article.status, "article.discard", person, at)
    article.updated_at = unchanged


async def submit(session: AsyncSession, actor: Actor, slug: str, revision: int, *, at: datetime) -> None:
    """Say of one's own draft that it is ready to be read by a second person. The caller commits.

    Raises: ArticleNotFound, NoDraft, EditConflict; NotAllowed, to who wrote nothing of it.
    """
    last = await _draft(session, slug, revision)
    if actor.id not in await writers(session, last):
        raise NotAllowed("Only who wrote part of the draft can ask for a second person's word.", "writer")
    await _sign(session, actor, last, "article.submit", at)


async def sign_off(session: AsyncSession, actor: Actor, slug: str, revision: int, *, at: datetime) -> None:
    """Say that the newest revision may be published. The caller commits.

    Raises: ArticleNotFound, NoDraft, NotAllowed; OwnWork, to whoever wrote any of it; EditConflict, when it is not the
    newest.
    """
    if not actor.may(SIGNS):
        raise NotAllowed("Your roles do not allow you to sign articles off.", "sign")
    last = await _draft(session, slug, revision)
    if actor.id in await writers(session, last):
        raise OwnWork(slug)
    await _sign(session, actor, last, "article.sign_off", at)


async def signers(session: AsyncSession, article_id: int, revision: int) -> list[Person]:
    """Whose signature under a revision counts, first signer first."""
    last = await session.scalar(
        select(ArticleRevision).where(ArticleRevision.article_id == article_id, ArticleRevision.number == revision)
    )
    # Who signed first and wrote afterwards has not read it as a second person, so the writers are looked for anew.
    authors = await writers(session, last) if last else set()
    rows = await session.scalars(
        select(Person)
        .join(SignOff, SignOff.person_id == Person.id)
        .where(SignOff.article_id == article_id, SignOff.revision == revision, Person.id.not_in(authors))
        .order_by(SignOff.at, Person.id)
    )
    return list(rows)


async def writers(session: AsyncSession, revision: ArticleRevision) -> set[int]:
    """Who wrote any of a revision since residents last saw the article."""
    published = (
        select(func.coalesce(func.max(ArticleRevision.number), 0))
        .where(
            ArticleRevision.article_id == revision.article_id,
            ArticleRevision.number < revision.number,
            ArticleRevision.status == Status.PUBLISHED,
        )
        .scalar_subquery()
    )
    rows = await session.scalars(
        select(ArticleRevision.by_id).where(
            ArticleRevision.article_id == revision.article_id,
            ArticleRevision.number > published,
            ArticleRevision.number <= revision.number,
            ArticleRevision.status == Status.DRAFT,
            ArticleRevision.by_id.is_not(None),
        )
    )
    return {number for number in rows if number is not None}


async def publish(
    session: AsyncSession,
    actor: Actor,
    slug: str,
    revision: int,
    *,
    needs: frozenset[Role] = frozenset(),
    at: datetime,
) -> Article:
    """Let residents see the newest revision. The caller commits.

    `needs` names roles of which one person who signed must hold one; empty asks for none in particular.

    Raises: ArticleNotFound, NoDraft, NotAllowed; EditConflict, when it is not the newest; SignOffMissing;
    ArticleOverdue.
    """
    article = await _locked(session, slug)
    last = await _draft(session, slug, revision)
    content = ArticleContent.model_validate(last.content)
    must_edit(actor, content.kind)
    await _must_be_signed(session, slug, last.article_id, revision, needs)
    must_last(slug, content.review_by, at)
    person = await session.get_one(Person, actor.id)
    published = await articles.save(session, content, status=Status.PUBLISHED, by=person, at=at)
    if article and (await newest(session, slug)).number == revision:
        # It says what residents read already; the draft is done with all the same.
        await articles.add_revision(session, article, content, Status.PUBLISHED, "article.save", person, at)
    return published


async def must_have_been_signed(session: AsyncSession, article: Article, needs: frozenset[Role]) -> None:
    """What was published by a signature needs one of these roles among those who signed it last; what came with the
    program was never signed here.

    Raises: SignOffMissing.
    """
    signed = await session.scalar(select(func.max(SignOff.revision)).where(SignOff.article_id == article.id))
    if needs and signed is not None:
        await _must_be_signed(session, article.slug, article.id, signed, needs)


async def _must_be_signed(
    session: AsyncSession, slug: str, article_id: int, revision: int, needs: frozenset[Role]
) -> None:
    people = [person.id for person in await signers(session, article_id, revision)]
    if needs:
        holders = select(PersonRole.person_id).where(PersonRole.role.in_({*needs, Role.ADMINISTRATOR}))
        people = list(await session.scalars(select(Person.id).where(Person.id.in_(people), Person.id.in_(holders))))
    if not people:
        raise SignOffMissing(slug, needs)


def must_last(slug: str, review_by: date, at: datetime) -> None:
    """An article that nobody may be shown settles nothing.

    Raises: ArticleOverdue; on its last day too, which is over already where clocks are ahead of UTC.
    """
    if review_by <= at.date():
        raise ArticleOverdue(slug)


async def reviewed(
    session: AsyncSession, actor: Actor, slug: str, review_by: date, *, today: date, at: datetime
) -> None:
    """Somebody looked at a published article and its sources again, and nothing has to change but the next date.

    Nothing that residents read as advice changes, so nobody signs it off. `today` is the day where they work. The
    caller commits.

    Raises: ArticleNotFound, NotAllowed, NoDraft when it is not published, DraftPending, BadReviewDate.
    """
    article = await _locked(session, slug)
    if article is None:
        raise ArticleNotFound(slug)
    must_edit(actor, article.kind)
    last = await newest(session, slug)
    if article.status is not Status.PUBLISHED or last.status is Status.DRAFT:
        raise DraftPending(slug)
    if not today < review_by <= today + LONGEST_VALIDITY:
        raise BadReviewDate((today + LONGEST_VALIDITY).isoformat())
    content = articles.content_of(await articles.get(session, slug)).model_copy(update={"review_by": review_by})
    await articles.save(session, content, by=await session.get_one(Person, actor.id), at=at)


def _revisions(slug: str) -> Select[ArticleRevision]:
    return select(ArticleRevision).join(Article).where(Article.slug == slug).order_by(ArticleRevision.number.desc())


async def _locked(session: AsyncSession, slug: str) -> Article | None:
    """The article as it is now; nobody else changes one until the commit."""
    await articles.lock_changes(session)
    statement = select(Article).where(Article.slug == slug).execution_options(populate_existing=True)
    article: Article | None = await session.scalar(statement)
    return article


async def _draft(session: AsyncSession, slug: str, revision: int) -> ArticleRevision:
    """The draft of this number, if it is the newest revision.

    Raises: ArticleNotFound, EditConflict, NoDraft.
    """
    last = await newest(session, slug)
    if last.number != revision:
        raise await _conflict(session, slug, last)
    if last.status is not Status.DRAFT:
        raise NoDraft(slug)
    return last


async def _sign(session: AsyncSession, actor: Actor, draft: ArticleRevision, action: str, at: datetime) -> None:
    if await session.get(SignOff, (draft.article_id, draft.number, actor.id)) is not None:
        return
    session.add(SignOff(article_id=draft.article_id, revision=draft.number, person_id=actor.id, at=at))
    session.add(
        AuditRow(
            action=action,
            subject="article",
            subject_id=draft.article_id,
            details={"revision": draft.number},
            by_id=actor.id,
            at=at,
        )
    )
    await session.flush()


async def _conflict(session: AsyncSession, slug: str, last: ArticleRevision | None) -> EditConflict:
    by = await session.get(Person, last.by_id) if last and last.by_id else None
    return EditConflict(slug, last.number if last else 0, by.name if by else "", last.at if last else None)
