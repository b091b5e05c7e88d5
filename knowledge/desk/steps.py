"""What every step at the desk begins and ends with: the rumour as it was decided on, and a trace of who did what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import editing, notices
from knowledge.errors import NotAllowed, NotFound, RumourChanged, RumourNotFound
from knowledge.models import (
    Article,
    AuditRow,
    Person,
    Reason,
    Role,
    Rumour,
    RumourStatus,
    Status,
)
from knowledge.people import Actor

CANNED = ("advert", "chat", "not_checkable", "private", "elsewhere")
"""Replies to what is no claim; their sentences are `canned-` and the name."""
DEBUNKS = frozenset({Role.DEBUNKER})
ADVISES = frozenset({Role.EXPERT})


@dataclass(frozen=True, slots=True)
class Step:
    """Who does something with which version of a rumour, and when."""

    actor: Actor
    version: int
    at: datetime


async def take(
    session: AsyncSession,
    rumour_id: int,
    step: Step,
    states: Iterable[RumourStatus],
    *,
    roles: frozenset[Role] = DEBUNKS,
) -> Rumour:
    """The rumour, held until the commit and in the state and version the step was decided on."""
    rumour = await seen(session, rumour_id, step.actor, roles, hold=True)
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


async def seen(
    session: AsyncSession, rumour_id: int, actor: Actor, roles: frozenset[Role], *, hold: bool = False
) -> Rumour:
    """The rumour, if somebody may see to it.

    Raises: RumourNotFound, NotAllowed.
    """
    rumour = await session.get(Rumour, rumour_id, with_for_update=hold or None, populate_existing=hold)
    if rumour is None:
        raise RumourNotFound(f"R{rumour_id}")
    if not actor.may(roles, rumour.region or None):
        raise NotAllowed("Your roles do not allow this, or not in this rumour's region.", "elsewhere")
    return rumour


async def assign_to(
    session: AsyncSession, rumour: Rumour, step: Step, person_id: int, action: str, **details: object
) -> Rumour:
    """Let a person work on the rumour."""
    rumour.assigned_to_id = person_id
    if rumour.status is RumourStatus.OPEN:
        rumour.status = RumourStatus.CLAIMED
    return await done(session, rumour, step, action, **details)


async def done(session: AsyncSession, rumour: Rumour, step: Step, action: str, **details: object) -> Rumour:
    """The rumour has changed: a new version, and who did it."""
    rumour.version += 1
    record(session, rumour, step, action, **details)
    await session.flush()
    return rumour


def record(session: AsyncSession, rumour: Rumour, step: Step, action: str, **details: object) -> None:
    """Leave an audit row."""
    plain = {name.rstrip("_"): value for name, value in details.items()}
    session.add(
        AuditRow(action=action, subject="rumour", subject_id=rumour.id, details=plain, by_id=step.actor.id, at=step.at)
    )


async def article_of(session: AsyncSession, rumour: Rumour) -> Article:
    """The article of a rumour, or the draft of one.

    Raises: NotFound.
    """
    article = await session.get(Article, rumour.article_id) if rumour.article_id else None
    if article is None:
        raise NotFound(f"{rumour.ref} has no draft yet.", "draft")
    return article


async def begun(session: AsyncSession, rumour: Rumour) -> Article | None:
    """The article somebody is writing for a rumour; none where it has none, or where what it has is published or
    withdrawn."""
    article = await session.get(Article, rumour.article_id) if rumour.article_id else None
    if article is None or (await editing.newest(session, article.slug)).status is not Status.DRAFT:
        return None
    return article


async def tell(session: AsyncSession, rumour: Rumour, reason: Reason, step: Step) -> None:
    """Let everybody who asked hear what the article of the rumour says now."""
    article = await article_of(session, rumour)
    newest = await editing.newest(session, article.slug)
    await notices.tell(session, rumour.id, reason, at=step.at, article_id=article.id, change=newest.id)


async def tell_canned(session: AsyncSession, rumour: Rumour, canned: str, step: Step) -> None:
    """Let everybody who asked hear one of the `CANNED` replies.

    Opened again and settled with another one, it is told again; with the same one there is nothing new.
    """
    await notices.tell(session, rumour.id, Reason.NOT_A_CLAIM, at=step.at, change=CANNED.index(canned))


async def tell_merged(session: AsyncSession, rumour: Rumour, into: Rumour, step: Step) -> None:
    """Let those who asked about a rumour hear what settled the one that it is about to be merged into, if anything did.
    What still waited to be said of the first is not said any more."""
    await notices.call_back(session, rumour.id)
    if into.status is RumourStatus.ANSWERED and into.article_id is not None:
        article = await article_of(session, into)
        change = (await editing.newest(session, article.slug)).id
        await notices.tell_merged(
            session, rumour.id, into.id, Reason.VERDICT, at=step.at, article_id=article.id, change=change
        )
    elif into.canned is not None:
        change = CANNED.index(into.canned)
        await notices.tell_merged(session, rumour.id, into.id, Reason.NOT_A_CLAIM, at=step.at, change=change)
