"""How a rumour is settled, and how it comes back.

By an article that is there, by a debunk that a second person signed off, or by a canned reply. The caller commits.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import alerts, articles, editing, notices, rumours
from knowledge.article_content import ArticleContent
from knowledge.desk.steps import CANNED, Step, article_of, assign_to, begun, done, seen, take, tell, tell_canned
from knowledge.errors import DraftBegun, NoDraft, NotFound
from knowledge.models import (
    UNSETTLED,
    AlertReason,
    Article,
    ArticleRevision,
    AuditRow,
    Feedback,
    Harm,
    Person,
    Reason,
    Role,
    Rumour,
    RumourStatus,
    Status,
    Turn,
    Verdict,
)
from knowledge.people import Actor

DISAPPOINTING = 3
"""From so many bad ratings on, more than good ones, an answered rumour is looked at again."""
_GRAVE = frozenset({Role.EXPERT})
"""Who must have signed off a "false" where belief or disbelief may cost a life."""
_SETTLED = (RumourStatus.ANSWERED, RumourStatus.NOT_A_CLAIM)
_LINKED, _DRAFTED = "rumour.link", "rumour.draft"
_DECIDING = (_LINKED, _DRAFTED)
"""By which of these a rumour came to its article."""
_READ = ("title", "claim", "verdict", "short_answer", "what_to_do", "when_to_call", "body")
"""What residents read of an article; where none of it has changed, there is nothing to tell them."""


async def not_a_claim(session: AsyncSession, rumour_id: int, canned: str, step: Step) -> Rumour:
    """There is nothing to check: whoever asked gets a canned reply.

    Raises: RumourNotFound, NotAllowed, RumourChanged; NotFound, when there is no such reply.
    """
    if canned not in CANNED:
        raise NotFound(f"There is no canned reply {canned!r}.")
    rumour = await take(session, rumour_id, step, UNSETTLED)
    rumour.canned = canned
    await _settle(session, rumour, RumourStatus.NOT_A_CLAIM, step, "rumour.not_a_claim", canned=canned)
    await tell_canned(session, rumour, canned, step)
    return rumour


async def link(session: AsyncSession, rumour_id: int, slug: str, step: Step) -> Rumour:
    """An article that is published already settles it: everybody who waits is told at once.

    Raises: RumourNotFound, NotAllowed, RumourChanged; ArticleNotFound; NotFound, when the article is not published;
    ArticleOverdue; SignOffMissing, where it takes an expert's word that none has given.
    """
    rumour = await take(session, rumour_id, step, UNSETTLED)
    article = await articles.get(session, slug)
    if article.status is not Status.PUBLISHED:
        raise NotFound(f"The article {slug!r} is not published.", "unpublished")
    editing.must_last(slug, article.review_by, step.at)
    rumour.article_id = article.id
    await editing.must_have_been_signed(session, article, await _needs(session, article))
    await _settle(session, rumour, RumourStatus.ANSWERED, step, _LINKED, article=article.id)
    await tell(session, rumour, Reason.VERDICT, step)
    return rumour


async def draft(session: AsyncSession, rumour_id: int, content: ArticleContent, step: Step) -> ArticleRevision:
    """Begin the article that is to settle a rumour; whoever does works on the rumour from now on.

    It takes the place of one that was withdrawn, or that settled the rumour before it was opened again.

    Raises: RumourNotFound, NotAllowed, RumourChanged; EditConflict, when there is an article of that name; DraftBegun,
    when the rumour has a draft: whoever asked is told of one article, and the other would tell nobody.
    """
    rumour = await seen(session, rumour_id, step.actor, editing.EDITS_DEBUNKS, hold=True)
    if (other := await begun(session, rumour)) is not None:
        raise DraftBegun(rumour.ref, other.slug)
    rumour = await take(session, rumour_id, step, UNSETTLED, roles=editing.EDITS_DEBUNKS)
    revision = await editing.save_draft(session, step.actor, content, base=0, at=step.at)
    rumour.article_id = revision.article_id
    await assign_to(session, rumour, step, rumour.assigned_to_id or step.actor.id, _DRAFTED)
    return revision


async def submit(session: AsyncSession, rumour_id: int, step: Step) -> Rumour:
    """Ask for a second person's word on the draft; who wrote part of it says so on the article too.

    Raises: RumourNotFound, NotAllowed, RumourChanged; NotFound, when there is no article; NoDraft, when it has none.
    """
    rumour = await take(session, rumour_id, step, UNSETTLED, roles=editing.EDITS_DEBUNKS)
    article = await article_of(session, rumour)
    newest = await editing.newest(session, article.slug)
    if newest.status is not Status.DRAFT:
        raise NoDraft(article.slug)
    writers = await editing.writers(session, newest)
    if step.actor.id in writers:
        await editing.submit(session, step.actor, article.slug, newest.number, at=step.at)
    rumour.status = RumourStatus.REVIEW
    await alerts.tell_holders(
        session,
        editing.SIGNS,
        rumour,
        AlertReason.REVIEW,
        change=newest.number,
        at=step.at,
        but=writers,
    )
    return await done(session, rumour, step, "rumour.submit")


async def ask_anew(session: AsyncSession, slug: str, base: int, actor: Actor, at: datetime) -> None:
    """Once revision `base` of an article is not the newest any more, nobody waits for a word on it: it has to be asked
    for again.

    Raises: ArticleNotFound.
    """
    newest = await editing.newest(session, slug)
    if newest.number != base:
        waiting = (Rumour.article_id == newest.article_id) & (Rumour.status == RumourStatus.REVIEW)
        for rumour in list(await session.scalars(select(Rumour).where(waiting))):
            await _back_to_work(session, rumour, Step(actor, rumour.version, at), "rumour.rewrite")


async def sign_off(session: AsyncSession, rumour_id: int, revision: int, step: Step) -> Rumour:
    """Say that the draft may be published.

    Raises: RumourNotFound, NotAllowed, OwnWork, RumourChanged, EditConflict; NotFound, when there is no draft.
    """
    rumour = await take(session, rumour_id, step, UNSETTLED, roles=editing.SIGNS)
    article = await article_of(session, rumour)
    await editing.sign_off(session, step.actor, article.slug, revision, at=step.at)
    if rumour.assigned_to_id is not None:
        await alerts.tell(session, [rumour.assigned_to_id], rumour, AlertReason.SIGNED, change=revision, at=step.at)
    return await done(session, rumour, step, "rumour.sign_off", revision=revision)


async def publish(session: AsyncSession, rumour_id: int, revision: int, step: Step) -> Rumour:
    """Publish the draft: residents find it at once, and everybody who asked is told.

    Where residents knew the article already, everybody who was told what it said before hears of the correction; where
    it says the same, only those who have not heard that yet.

    Raises: RumourNotFound, NotAllowed, SignOffMissing, RumourChanged, EditConflict, ArticleOverdue; NotFound, when
    there is no draft.
    """
    rumour = await take(session, rumour_id, step, UNSETTLED, roles=editing.EDITS_DEBUNKS)
    article = await article_of(session, rumour)
    known, read, told = article.status is Status.PUBLISHED, _read(article), await _last_published(session, article)
    needs = await _needs(session, article)
    await editing.publish(session, step.actor, article.slug, revision, needs=needs, at=step.at)
    await _settle(session, rumour, RumourStatus.ANSWERED, step, "rumour.publish", article=article.id)
    if not known:
        await tell(session, rumour, Reason.VERDICT, step)
    elif _read(article) != read:
        await _tell_again(session, article, Reason.CORRECTION, step.at)
    else:
        await notices.tell(session, rumour.id, Reason.VERDICT, at=step.at, article_id=article.id, change=told)
    return rumour


async def correct(session: AsyncSession, slug: str, revision: int, actor: Actor, at: datetime) -> Article:
    """Publish a new revision of an article that residents know.

    Where it settles a rumour, all who asked about that or had the old one as an answer hear of it; else nobody does,
    nor where what they read stays as it was.

    Raises: ArticleNotFound, NotAllowed, SignOffMissing, EditConflict, ArticleOverdue.
    """
    article = await articles.get(session, slug)
    known, read = article.status is Status.PUBLISHED, _read(article)
    needs = await _needs(session, article)
    published = await editing.publish(session, actor, slug, revision, needs=needs, at=at)
    if known and _read(published) != read:
        await _tell_again(session, published, Reason.CORRECTION, at)
    return published


async def withdraw(session: AsyncSession, slug: str, actor: Actor, at: datetime) -> Article:
    """Take an article away from residents; its rumours are open again, and rid of a draft that nobody ever read.

    Where it settles a rumour, all who asked about that or had it as an answer hear so; else nobody does.

    Raises: ArticleNotFound, NotAllowed.
    """
    article = await articles.get(session, slug)
    editing.must_edit(actor, article.kind)
    known, drafted = article.status is Status.PUBLISHED, article.status is Status.DRAFT
    article = await articles.retire(session, slug, by=await session.get_one(Person, actor.id))
    if known:
        await _tell_again(session, article, Reason.WITHDRAWAL, at)
    unsettled = (Rumour.article_id == article.id) & Rumour.status.in_(UNSETTLED)
    for rumour in list(await session.scalars(select(Rumour).where(unsettled))):
        if drafted:
            rumour.article_id = None
        await _back_to_work(session, rumour, Step(actor, rumour.version, at), "rumour.drop")
    await _reopen_all(session, Rumour.article_id == article.id, "rumour.reopen", actor.id, at, reason="withdrawn")
    return article


async def reopen(session: AsyncSession, rumour_id: int, step: Step) -> Rumour:
    """Put a settled rumour back on the desk. Whoever has not heard yet how it was settled does not any more.

    Raises: RumourNotFound, NotAllowed, RumourChanged.
    """
    rumour = await take(session, rumour_id, step, _SETTLED)
    await notices.call_back(session, rumour.id)
    await _open_again(session, rumour, step.at)
    return await done(session, rumour, step, "rumour.reopen")


async def reopen_disappointing(session: AsyncSession, at: datetime) -> int:
    """Put what was answered and then rated badly (`DISAPPOINTING`) back on the desk; how many. The caller commits."""
    bad = func.sum(case((Feedback.helpful, 0), else_=1))
    good = func.sum(case((Feedback.helpful, 1), else_=0))
    rated = select(Turn.article_id).join(Feedback).group_by(Turn.article_id).having(bad >= DISAPPOINTING)
    badly_rated = list(await session.scalars(rated.where(Turn.article_id.is_not(None))))  # few, of many rumours
    disappointing = (
        select(Rumour.id)
        .join(Turn, Turn.article_id == Rumour.article_id)
        .join(Feedback, Feedback.turn_id == Turn.id)
        .where(
            Rumour.article_id.in_(badly_rated),
            Rumour.status == RumourStatus.ANSWERED,
            Feedback.at > Rumour.settled_at,
        )
        .group_by(Rumour.id)
        .having(bad >= DISAPPOINTING, bad > good)
    )
    return await _reopen_all(session, Rumour.id.in_(disappointing), "rumour.reopen", None, at, reason="ratings")


async def _settle(
    session: AsyncSession, rumour: Rumour, status: RumourStatus, step: Step, action: str, **details: object
) -> None:
    rumour.status, rumour.settled_at = status, step.at
    await done(session, rumour, step, action, **details)


async def _back_to_work(session: AsyncSession, rumour: Rumour, step: Step, action: str) -> None:
    rumour.status = _unsettled(rumour)
    await done(session, rumour, step, action)


def _unsettled(rumour: Rumour) -> RumourStatus:
    return RumourStatus.CLAIMED if rumour.assigned_to_id else RumourStatus.OPEN


def _read(article: Article) -> list[object]:
    return [getattr(article, name) for name in _READ]


async def _last_published(session: AsyncSession, article: Article) -> int:
    """The id of the revision that residents read; 0 where they read none."""
    published = select(func.max(ArticleRevision.id)).where(
        ArticleRevision.article_id == article.id, ArticleRevision.status == Status.PUBLISHED
    )
    return await session.scalar(published) or 0


async def _tell_again(session: AsyncSession, article: Article, reason: Reason, at: datetime) -> None:
    newest = await editing.newest(session, article.slug)
    await notices.tell_article(session, article.id, reason, at=at, change=newest.id)


async def _needs(session: AsyncSession, article: Article) -> frozenset[Role]:
    """Of which roles somebody must have signed the newest revision off."""
    newest = await editing.newest(session, article.slug)
    if newest.content.get("verdict") not in (Verdict.FALSE, Verdict.SCAM):
        return frozenset()
    grave = select(Rumour.id).where(Rumour.article_id == article.id, Rumour.harm >= Harm.HIGH).limit(1)
    return _GRAVE if await session.scalar(grave) else frozenset()


async def _reopen_all(
    session: AsyncSession, which: Any, action: str, by_id: int | None, at: datetime, **details: object
) -> int:
    found = list(await session.scalars(select(Rumour).where(which, Rumour.status == RumourStatus.ANSWERED)))
    for rumour in found:
        await _open_again(session, rumour, at)
        rumour.version += 1
        session.add(
            AuditRow(action=action, subject="rumour", subject_id=rumour.id, details=details, by_id=by_id, at=at)
        )
    await session.flush()
    return len(found)


async def _open_again(session: AsyncSession, rumour: Rumour, at: datetime) -> None:
    decided = await session.scalar(
        select(AuditRow.action)
        .where(AuditRow.subject == "rumour", AuditRow.subject_id == rumour.id, AuditRow.action.in_(_DECIDING))
        .order_by(AuditRow.id.desc())
        .limit(1)
    )
    if decided == _LINKED:
        rumour.article_id = None  # it was written about something else, perhaps; a debunk can be begun instead
    rumour.status = _unsettled(rumour)
    rumour.settled_at, rumour.canned = None, None
    rumour.acknowledge_due, rumour.answer_due = at + rumours.ACKNOWLEDGED_WITHIN, at + rumours.ANSWERED_WITHIN
