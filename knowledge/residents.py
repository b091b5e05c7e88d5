"""Residents: found again by a keyed hash, told what we hold, forgotten when they ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import upsert
from knowledge.models import UNSETTLED, Delivery, Feedback, Follower, Original, Resident, Rumour, Sighting, Turn
from knowledge.models.base import table_of
from knowledge.protection import Vault


def _identify(insert: Callable[[Any], Any]) -> Executable:
    table = table_of(Resident)
    statement = insert(table)
    updated = statement.on_conflict_do_update(index_elements=["key"], set_={"seen_at": statement.excluded.seen_at})
    identified: Executable = updated.returning(table.c.id, table.c.language, table.c.is_told)
    return identified


_IDENTIFY = upsert(_identify)


@dataclass(frozen=True, slots=True)
class Known:
    """What the conversation needs to know of a resident."""

    id: int
    language: str | None
    is_told: bool
    """Whether to be told what becomes of what was asked."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is kept of one resident."""

    turns: int
    sightings: list[str]
    """The redacted texts that are still tied to the resident, newest first."""
    following: list[Rumour]
    """The unsettled rumours whose outcome the resident will be told."""
    language: str | None
    is_told: bool


async def identify(session: AsyncSession, vault: Vault, channel: str, address: str, at: datetime) -> Known:
    """The resident behind an address, remembered from now on. The caller commits."""
    row = await session.execute(
        _IDENTIFY(session),
        {
            "key": vault.key_of(channel, address),
            "channel": channel,
            "address": vault.seal(address),
            "created_at": at,
            "seen_at": at,
        },
    )
    found = row.one()
    return Known(found.id, found.language, found.is_told)


async def set_language(session: AsyncSession, resident_id: int, language: str | None) -> None:
    """Answer in `language` from now on; none follows each message. The caller commits."""
    await session.execute(update(Resident).where(Resident.id == resident_id).values(language=language))


async def set_told(session: AsyncSession, resident_id: int, *, told: bool) -> None:
    """Tell this resident what became of what was asked, or nothing any more. The caller commits."""
    await session.execute(update(Resident).where(Resident.id == resident_id).values(is_told=told))
    if not told:
        await session.execute(delete(Follower).where(Follower.resident_id == resident_id))


async def holdings(session: AsyncSession, resident_id: int) -> Holdings:
    """Everything kept of one resident."""
    turns = await session.scalar(select(func.count()).select_from(Turn).where(Turn.resident_id == resident_id))
    texts = await session.scalars(
        select(Sighting.text).where(Sighting.resident_id == resident_id).order_by(Sighting.id.desc())
    )
    asked = select(Sighting.rumour_id).where(Sighting.resident_id == resident_id, Sighting.rumour_id.is_not(None))
    followed = select(Follower.rumour_id).where(Follower.resident_id == resident_id)
    following = await session.scalars(
        select(Rumour)
        .join(Resident, Resident.id == resident_id)
        .where(Resident.is_told, Rumour.status.in_(UNSETTLED), or_(Rumour.id.in_(asked), Rumour.id.in_(followed)))
        .order_by(Rumour.id)
    )
    row = await session.execute(select(Resident.language, Resident.is_told).where(Resident.id == resident_id))
    language, is_told = row.one_or_none() or (None, False)
    return Holdings(
        turns=turns or 0, sightings=list(texts), following=list(following), language=language, is_told=is_told
    )


async def forget(session: AsyncSession, resident_id: int) -> None:
    """Delete what ties anything to this resident. The caller commits.

    Rumours keep their redacted texts and counts, which then belong to nobody. What waits to be told goes with the
    resident.
    """
    own_turns = select(Turn.id).where(Turn.resident_id == resident_id)
    own_sightings = select(Sighting.id).where(Sighting.resident_id == resident_id)
    await session.execute(delete(Original).where(Original.sighting_id.in_(own_sightings)))
    await session.execute(delete(Feedback).where(Feedback.turn_id.in_(own_turns)))
    await session.execute(
        update(Turn).where(Turn.resident_id == resident_id).values(resident_id=None, reply=None, delivery=Delivery.NONE)
    )
    await session.execute(update(Sighting).where(Sighting.resident_id == resident_id).values(resident_id=None))
    await session.execute(delete(Follower).where(Follower.resident_id == resident_id))
    await session.execute(delete(Resident).where(Resident.id == resident_id))
