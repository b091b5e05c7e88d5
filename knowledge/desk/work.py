"""What people do with a rumour.

Every change names the version of the rumour it was decided on: when somebody else was quicker, nothing happens and it
is said who. Every change leaves an audit row. The caller commits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from knowledge import articles, editing, notices, rumours, trend
from knowledge.article_content import ArticleContent
from knowledge.errors import NoDraft, NotAllowed, NotFound, RumourChanged, RumourNotFound
from knowledge.models import (
    UNSETTLED,
    Article,
    ArticleRevision,
    AuditRow,
    Feedback,
    Follower,
    Harm,
    NoteKind,
    Person,
    Reason,
    Role,
    Rumour,
    RumourNote,
    RumourStatus,
    Sighting,
    Status,
    Turn,
    Verdict,
)
from knowledge.models.base import table_of
from knowledge.people import Actor

DEBUNKS = frozenset({Role.DEBUNKER})
ADVISES = frozenset({Role.EXPERT})
CANNED = ("advert", "chat", "not_checkable", "private", "elsewhere")
"""Replies to what is no claim; their sentences are `canned-` and the name."""
DISAPPOINTING = 3
"""From so many bad ratings on, more than good ones, an answered rumour is looked at again."""
_GRAVE = frozenset({Role.EXPERT})
"""Who must have signed off a "false" where belief or disbelief may cost a life."""
_SETTLED = (RumourStatus.ANSWERED, RumourStatus.NOT_A_CLAIM)


@dataclass(frozen=True, slots=True)
class Step:
    """Who does something with which version of a rumour, and when."""

    actor: Actor
    version: int
    at: datetime


async def claim(session: AsyncSession, rumour_id: int, step: Step) -> Rumour:
    """Take a rumour on.

    Raises: RumourNotFound, NotAllowed, RumourChanged.
    """
    rumour = await _take(session, rumour_id, step, UNSETTLED)
    return await _assign(session, rumour, step, step.actor.id, "rumour.claim")


async def assign(session: AsyncSession, rumour_id: int, person_id: int, step: Step) -> Rumour:
    """Give a rumour to a debunker.

    Raises: RumourNotFound, NotAllowed, RumourChanged; NotFound, when there is no such debunker, or not in its region.
    """
    rumour = await _take(session, rumour_id, step, UNSETTLED)
    await _person(session, person_id, DEBUNKS, rumour.region)
    return await _assign(session, rumour, step, person_id, "rumour.assign", to=person_id)


async def release(session: AsyncSession, rumour_id: int, step: Step) -> Rumour:
    """Put a rumour back for anybody to take.

    Raises: RumourNotFound, NotAllowed, RumourChanged.
    """
    rumour = await _take(session, rumour_id, step, UNSETTLED)
    rumour.assigned_to_id = None
    if rumour.status is RumourStatus.CLAIMED:
        rumour.status = RumourStatus.OPEN
    return await _done(session, rumour, step, "rumour.release")


async def rate(session: AsyncSession, rumour_id: int, harm: Harm, region: str, step: Step) -> Rumour:
    """Say how much harm a rumour does, and where it goes round.

    Raises: RumourNotFound, NotAllowed, RumourChanged.
    """
    rumour = await _take(session, rumour_id, step, UNSETTLED)
    if not step.actor.may(DEBUNKS, region or None):
        raise NotAllowed("That region is not one of yours.")
    rumour.harm, rumour.region = harm, region[:40]
    return await _done(session, rumour, step, "rumour.rate", harm=harm.name.lower(), region=region)


async def add_note(session: AsyncSession, rumour_id: int, text: str, step: Step) -> None:
    """Write something down for colleagues; changes nothing else, so any version will do.

    Raises: RumourNotFound, NotAllowed.
    """
    rumour = await _seen(session, rumour_id, step.actor, DEBUNKS | ADVISES)
    await _note(session, rumour, NoteKind.NOTE, text, step)


async def ask_expert(session: AsyncSession, rumour_id: int, expert_id: int, text: str, step: Step) -> None:
    """Put a question to an expert.

    Raises: RumourNotFound, NotAllowed; NotFound, when there is no such expert.
    """
    rumour = await _seen(session, rumour_id, step.actor, DEBUNKS)
    await _person(session, expert_id, ADVISES, rumour.region)
    await _note(session, rumour, NoteKind.QUESTION, text, step, to=expert_id)


async def answer_as_expert(session: AsyncSession, rumour_id: int, text: str, step: Step) -> None:
    """An expert's answer.

    Raises: RumourNotFound, NotAllowed.
    """
    rumour = await _seen(session, rumour_id, step.actor, ADVISES)
    await _note(session, rumour, NoteKind.ANSWER, text, step)


async def merge(session: AsyncSession, rumour_id: int, into_id: int, step: Step) -> Rumour:
    """Let another rumour, which says the same, hold the sightings of this one. Gives the other.

    Raises: RumourNotFound, NotAllowed, RumourChanged, also when the other one is merged itself.
    """
    await rumours.lock(session)
    rumour = await _take(session, rumour_id, step, UNSETTLED)
    into = await _seen(session, into_id, step.actor, DEBUNKS, hold=True)
    if into.id == rumour.id or into.status is RumourStatus.MERGED:
        raise RumourChanged(into.ref)
    await session.execute(update(Sighting).where(Sighting.rumour_id == rumour.id).values(rumour_id=into.id))
    await _move_followers(session, rumour.id, into.id)
    into.sightings += rumour.sightings
    into.first_seen, into.last_seen = min(into.first_seen, rumour.first_seen), max(into.last_seen, rumour.last_seen)
    into.trend = trend.together(into.trend, rumour.trend)
    into.harm = max(into.harm, rumour.harm)
    if into.settled_at is None:
        into.article_id = into.article_id or rumour.article_id  # a draft goes along
    into.version += 1
    rumour.status, rumour.merged_into_id, rumour.sightings = RumourStatus.MERGED, into.id, 0
    rumour.assigned_to_id, rumour.settled_at = None, step.at
    await _done(session, rumour, step, "rumour.merge", into=into.id)
    _audit(session, into, step, "rumour.merged", from_=rumour.id)
    if into.status is RumourStatus.ANSWERED and into.article_id is not None:
        await _tell(session, into, Reason.VERDICT, step)
    elif into.status is RumourStatus.NOT_A_CLAIM:
        await notices.tell(session, into.id, Reason.NOT_A_CLAIM, at=step.at)
    return into


async def split(session: AsyncSession, rumour_id: int, sighting_ids: Iterable[int], step: Step) -> Rumour:
    """Make a rumour of its own of some sightings, which say something else. Gives the new one.

    Raises: RumourNotFound, NotAllowed, RumourChanged; NotFound, when none or all of its sightings are named.
    """
    await rumours.lock(session)
    rumour = await _take(session, rumour_id, step, UNSETTLED)
    chosen = list(
        await session.scalars(
            select(Sighting)
            .where(Sighting.rumour_id == rumour_id, Sighting.id.in_(list(sighting_ids)))
            .order_by(Sighting.id)
        )
    )
    numbers = [sighting.id for sighting in chosen]
    left = list(
        await session.scalars(
            select(Sighting.received_at).where(Sighting.rumour_id == rumour_id, Sighting.id.not_in(numbers))
        )
    )
    if not chosen or not left:
        raise NotFound("Choose some of the sightings, but not all of them.")
    times = [sighting.received_at for sighting in chosen]
    made = Rumour(
        kind=chosen[0].kind,
        status=RumourStatus.OPEN,
        text=chosen[0].text,
        sightings=len(chosen),
        first_seen=min(times),
        last_seen=max(times),
        trend=_trend_of(times),
        harm=rumour.harm,
        region=rumour.region,
        acknowledge_due=step.at + rumours.ACKNOWLEDGED_WITHIN,
        answer_due=step.at + rumours.ANSWERED_WITHIN,
    )
    session.add(made)
    await session.flush()
    for sighting in chosen:
        sighting.rumour_id = made.id
    rumour.sightings, rumour.trend = len(left), _trend_of(left)
    rumour.first_seen, rumour.last_seen = min(left), max(left)
    _audit(session, made, step, "rumour.split_off", from_=rumour.id)
    await _done(session, rumour, step, "rumour.split", into=made.id, sightings=len(chosen))
    return made


async def not_a_claim(session: AsyncSession, rumour_id: int, canned: str, step: Step) -> Rumour:
    """There is nothing to check: whoever asked gets a canned reply.

    Raises: RumourNotFound, NotAllowed, RumourChanged; NotFound, when there is no such reply.
    """
    if canned not in CANNED:
        raise NotFound(f"There is no canned reply {canned!r}.")
    rumour = await _take(session, rumour_id, step, UNSETTLED)
    rumour.canned = canned
    await _settle(session, rumour, RumourStatus.NOT_A_CLAIM, step, "rumour.not_a_claim", canned=canned)
    await notices.tell(session, rumour.id, Reason.NOT_A_CLAIM, at=step.at)
    return rumour


async def link(session: AsyncSession, rumour_id: int, slug: str, step: Step) -> Rumour:
    """An article that is published already settles it: everybody who waits is told at once.

    Raises: RumourNotFound, NotAllowed, RumourChanged; ArticleNotFound; NotFound, when the article is not published.
    """
    rumour = await _take(session, rumour_id, step, UNSETTLED)
    article = await articles.get(session, slug)
    if article.status is not Status.PUBLISHED:
        raise NotFound(f"The article {slug!r} is not published.")
    rumour.article_id = article.id
    await _settle(session, rumour, RumourStatus.ANSWERED, step, "rumour.link", article=article.id)
    await _tell(session, rumour, Reason.VERDICT, step)
    return rumour


async def draft(session: AsyncSession, rumour_id: int, content: ArticleContent, step: Step) -> ArticleRevision:
    """Begin the article that is to settle a rumour; whoever does works on the rumour from now on.

    Raises: RumourNotFound, NotAllowed, RumourChanged; EditConflict, when there is an article of that name.
    """
    rumour = await _take(session, rumour_id, step, UNSETTLED, roles=editing.EDITS_DEBUNKS)
    revision = await editing.save_draft(session, step.actor, content, base=0, at=step.at)
    rumour.article_id = revision.article_id
    await _assign(session, rumour, step, rumour.assigned_to_id or step.actor.id, "rumour.draft")
    return revision


async def submit(session: AsyncSession, rumour_id: int, step: Step) -> Rumour:
    """Ask for a second person's word on the draft.

    Raises: RumourNotFound, NotAllowed, RumourChanged; NotFound, when there is no article; NoDraft, when it has none.
    """
    rumour = await _take(session, rumour_id, step, UNSETTLED, roles=editing.EDITS_DEBUNKS)
    article = await _article(session, rumour)
    if (await editing.newest(session, article.slug)).status is not Status.DRAFT:
        raise NoDraft(article.slug)
    rumour.status = RumourStatus.REVIEW
    return await _done(session, rumour, step, "rumour.submit")


async def sign_off(session: AsyncSession, rumour_id: int, revision: int, step: Step) -> Rumour:
    """Say that the draft may be published.

    Raises: RumourNotFound, NotAllowed, OwnWork, RumourChanged, EditConflict; NotFound, when there is no draft.
    """
    rumour = await _take(session, rumour_id, step, UNSETTLED, roles=editing.SIGNS)
    article = await _article(session, rumour)
    await editing.sign_off(session, step.actor, article.slug, revision, at=step.at)
    return await _done(session, rumour, step, "rumour.sign_off", revision=revision)


async def publish(session: AsyncSession, rumour_id: int, revision: int, step: Step) -> Rumour:
    """Publish the draft: residents find it at once, and everybody who asked is told.

    Where residents knew the article already, everybody who was told what it said before hears of the correction.

    Raises: RumourNotFound, NotAllowed, SignOffMissing, RumourChanged, EditConflict; NotFound, when there is no draft.
    """
    rumour = await _take(session, rumour_id, step, UNSETTLED, roles=editing.EDITS_DEBUNKS)
    article = await _article(session, rumour)
    known = article.status is Status.PUBLISHED
    await editing.publish(session, step.actor, article.slug, revision, needs=await _needs(session, article))
    await _settle(session, rumour, RumourStatus.ANSWERED, step, "rumour.publish", article=article.id)
    if known:
        await _tell_again(session, article, Reason.CORRECTION, step.at)
    else:
        await _tell(session, rumour, Reason.VERDICT, step)
    return rumour


async def correct(session: AsyncSession, slug: str, revision: int, actor: Actor, at: datetime) -> Article:
    """Publish a new revision of an article that residents know: all who were told the old one hear of it.

    Raises: ArticleNotFound, NotAllowed, SignOffMissing, EditConflict.
    """
    article = await articles.get(session, slug)
    known = article.status is Status.PUBLISHED
    published = await editing.publish(session, actor, slug, revision, needs=await _needs(session, article))
    if known:
        await _tell_again(session, published, Reason.CORRECTION, at)
    return published


async def withdraw(session: AsyncSession, slug: str, actor: Actor, at: datetime) -> Article:
    """Take an article away from residents: all who were told it hear so, and its rumours are open again.

    Raises: ArticleNotFound, NotAllowed.
    """
    article = await articles.get(session, slug)
    editing.must_edit(actor, article.kind)
    known = article.status is Status.PUBLISHED
    article = await articles.retire(session, slug, by=await session.get_one(Person, actor.id))
    if known:
        await _tell_again(session, article, Reason.WITHDRAWAL, at)
    await _reopen_all(session, Rumour.article_id == article.id, "rumour.reopen", actor.id, at, reason="withdrawn")
    return article


async def reopen(session: AsyncSession, rumour_id: int, step: Step) -> Rumour:
    """Put a settled rumour back on the desk.

    Raises: RumourNotFound, NotAllowed, RumourChanged.
    """
    rumour = await _take(session, rumour_id, step, _SETTLED)
    _open_again(rumour, step.at)
    return await _done(session, rumour, step, "rumour.reopen")


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


async def _take(
    session: AsyncSession,
    rumour_id: int,
    step: Step,
    states: Iterable[RumourStatus],
    *,
    roles: frozenset[Role] = DEBUNKS,
) -> Rumour:
    """The rumour, held until the commit and in the state and version the step was decided on."""
    rumour = await _seen(session, rumour_id, step.actor, roles, hold=True)
    if rumour.version != step.version or rumour.status not in states:
        last = await session.scalar(
            select(Person.name)
            .join(AuditRow, AuditRow.by_id == Person.id)
            .where(AuditRow.subject == "rumour", AuditRow.subject_id == rumour_id)
            .order_by(AuditRow.id.desc())
            .limit(1)
        )
        raise RumourChanged(rumour.ref, last or "")
    return rumour


async def _seen(
    session: AsyncSession, rumour_id: int, actor: Actor, roles: frozenset[Role], *, hold: bool = False
) -> Rumour:
    rumour = await session.get(Rumour, rumour_id, with_for_update=hold or None, populate_existing=hold)
    if rumour is None:
        raise RumourNotFound(f"R{rumour_id}")
    if not actor.may(roles, rumour.region or None):
        raise NotAllowed("Your roles do not allow this, or not in this rumour's region.")
    return rumour


async def _assign(
    session: AsyncSession, rumour: Rumour, step: Step, person_id: int, action: str, **details: object
) -> Rumour:
    rumour.assigned_to_id = person_id
    if rumour.status is RumourStatus.OPEN:
        rumour.status = RumourStatus.CLAIMED
    return await _done(session, rumour, step, action, **details)


async def _settle(
    session: AsyncSession, rumour: Rumour, status: RumourStatus, step: Step, action: str, **details: object
) -> None:
    rumour.status, rumour.settled_at = status, step.at
    await _done(session, rumour, step, action, **details)


async def _done(session: AsyncSession, rumour: Rumour, step: Step, action: str, **details: object) -> Rumour:
    rumour.version += 1
    _audit(session, rumour, step, action, **details)
    await session.flush()
    return rumour


def _audit(session: AsyncSession, rumour: Rumour, step: Step, action: str, **details: object) -> None:
    plain = {name.rstrip("_"): value for name, value in details.items()}
    session.add(
        AuditRow(action=action, subject="rumour", subject_id=rumour.id, details=plain, by_id=step.actor.id, at=step.at)
    )


async def _note(
    session: AsyncSession, rumour: Rumour, kind: NoteKind, text: str, step: Step, to: int | None = None
) -> None:
    if not text.strip():
        raise NotFound("Write something first.")
    session.add(
        RumourNote(rumour_id=rumour.id, kind=kind, text=text.strip(), by_id=step.actor.id, to_id=to, at=step.at)
    )
    _audit(session, rumour, step, f"rumour.{kind}")
    await session.flush()


async def _person(session: AsyncSession, person_id: int, roles: frozenset[Role], region: str) -> None:
    person = await session.scalar(
        select(Person).where(Person.id == person_id, Person.active).options(selectinload(Person.roles))
    )
    if person is None or not Actor.of(person).may(roles, region or None):
        raise NotFound("There is nobody of that kind, or not for this region.")


async def _article(session: AsyncSession, rumour: Rumour) -> Article:
    article = await session.get(Article, rumour.article_id) if rumour.article_id else None
    if article is None:
        raise NotFound(f"{rumour.ref} has no draft yet.")
    return article


async def _tell(session: AsyncSession, rumour: Rumour, reason: Reason, step: Step) -> None:
    article = await _article(session, rumour)
    newest = await editing.newest(session, article.slug)
    await notices.tell(session, rumour.id, reason, at=step.at, article_id=article.id, change=newest.number)


async def _tell_again(session: AsyncSession, article: Article, reason: Reason, at: datetime) -> None:
    newest = await editing.newest(session, article.slug)
    await notices.tell_article(session, article.id, reason, at=at, change=newest.number)


async def _needs(session: AsyncSession, article: Article) -> frozenset[Role]:
    """Of which roles somebody must have signed the newest revision off."""
    newest = await editing.newest(session, article.slug)
    if newest.content.get("verdict") not in (Verdict.FALSE, Verdict.SCAM):
        return frozenset()
    grave = select(Rumour.id).where(Rumour.article_id == article.id, Rumour.harm >= Harm.HIGH).limit(1)
    return _GRAVE if await session.scalar(grave) else frozenset()


async def _move_followers(session: AsyncSession, from_id: int, into_id: int) -> None:
    table = table_of(Follower)
    there = select(table.c.resident_id).where(table.c.rumour_id == into_id)
    moving = select(table.c.resident_id, table.c.since).where(
        table.c.rumour_id == from_id, table.c.resident_id.not_in(there)
    )
    rows = [{"rumour_id": into_id, "resident_id": r, "since": since} for r, since in await session.execute(moving)]
    if rows:
        await session.execute(insert(table), rows)
    await session.execute(delete(Follower).where(Follower.rumour_id == from_id))


async def _reopen_all(
    session: AsyncSession, which: Any, action: str, by_id: int | None, at: datetime, **details: object
) -> int:
    found = list(await session.scalars(select(Rumour).where(which, Rumour.status == RumourStatus.ANSWERED)))
    for rumour in found:
        _open_again(rumour, at)
        rumour.version += 1
        session.add(
            AuditRow(action=action, subject="rumour", subject_id=rumour.id, details=details, by_id=by_id, at=at)
        )
    await session.flush()
    return len(found)


def _open_again(rumour: Rumour, at: datetime) -> None:
    rumour.status = RumourStatus.CLAIMED if rumour.assigned_to_id else RumourStatus.OPEN
    rumour.settled_at, rumour.canned = None, None
    rumour.acknowledge_due, rumour.answer_due = at + rumours.ACKNOWLEDGED_WITHIN, at + rumours.ANSWERED_WITHIN


def _trend_of(times: Iterable[datetime]) -> float:
    values = [trend.of_sighting(at) for at in times]
    total = values[0]
    for value in values[1:]:
        total = trend.together(total, value)
    return total
