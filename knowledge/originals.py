"""What was received before personal data were removed: sealed, kept for a short while, looked at with a reason.

Plain functions that take a session; the caller commits.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.errors import NotAllowed, NotFound, ReasonMissing
from knowledge.models import AuditRow, Original, Role, Rumour, Sighting
from knowledge.people import Actor
from knowledge.protection import Vault

SHORTEST_REASON = 5
LONGEST_REASON = 200


async def keep(session: AsyncSession, vault: Vault, turn_id: int, text: str, until: datetime) -> None:
    """Keep what was received as the message of a turn that left a sighting. The caller commits."""
    sighting_id = await session.scalar(select(Sighting.id).where(Sighting.turn_id == turn_id))
    if sighting_id is not None:
        session.add(Original(sighting_id=sighting_id, sealed=vault.seal(text), kept_until=until))
        await session.flush()


async def look(session: AsyncSession, vault: Vault, sighting_id: int, by: Actor, reason: str, at: datetime) -> str:
    """What was received, for a debunker who says why it is needed; the look is written down. The caller commits.

    Raises: NotAllowed, ReasonMissing, NotFound, UnreadableAddress.
    """
    reason = reason.strip()
    row = await session.execute(
        select(Original.sealed, Rumour.region, Rumour.id)
        .join(Sighting, Sighting.id == Original.sighting_id)
        .outerjoin(Rumour, Rumour.id == Sighting.rumour_id)
        .where(Original.sighting_id == sighting_id, Original.kept_until > at)
    )
    found = row.one_or_none()
    # Who may look at none is not told either whether there is one.
    if not may_look(by, found.region if found else None):
        raise NotAllowed("Only debunkers may look at what was received.", "original")
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing(SHORTEST_REASON)
    if found is None:
        raise NotFound("What was received is not kept any more, or nothing was removed from it.", "original")
    session.add(
        AuditRow(
            at=at,
            by_id=by.id,
            action="original.look",
            subject="sighting",
            subject_id=sighting_id,
            details={"reason": reason[:LONGEST_REASON], "rumour_id": found.id},
        )
    )
    await session.flush()
    return vault.open(found.sealed)


def may_look(actor: Actor, region: str | None) -> bool:
    """Whether somebody may look at what was received for a rumour of this region, empty for none in particular.

    Whoever is bound to a region sees what belongs to that region, and not what belongs to none yet. None asks whether
    they may look at any at all.
    """
    return actor.may({Role.DEBUNKER}, region)


async def let_go(session: AsyncSession, now: datetime) -> int:
    """Delete what has been kept long enough; how many. The caller commits."""
    gone = await session.execute(delete(Original).where(Original.kept_until <= now))
    return int(getattr(gone, "rowcount", 0))
