"""Residents: found again by a keyed hash, told what we hold, forgotten when they ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import upsert
from knowledge.models import Delivery, Feedback, Follower, Resident, Rumour, Sighting, Turn
from knowledge.models.base import table_of
from knowledge.protection import Vault


def _identify(insert: Callable[[Any], Any]) -> Executable:
    table = table_of(Resident)
    statement = insert(table)
    updated = statement.on_conflict_do_update(index_elements=["key"], set_={"seen_at": statement.excluded.seen_at})
    identified: Executable = updated.returning(table.c.id, table.c.language)
    return identified


_IDENTIFY = upsert(_identify)


@dataclass(frozen=True, slots=True)
class Known:
    """What the conversation needs to know of a resident."""

    id: int
    language: str | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is kept of one resident."""

    turns: int
    sightings: list[str]
    """The redacted texts that are still tied to the resident, newest first."""
    following: list[Rumour]
    language: str | None


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
    return Known(found.id, found.language)


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
    following = await session.scalars(
        select(Rumour).join(Follower).where(Follower.resident_id == resident_id).order_by(Rumour.id)
    )
    language = await session.scalar(select(Resident.language).where(Resident.id == resident_id))
    return Holdings(turns=turns or 0, sightings=list(texts), following=list(following), language=language)


async def forget(session: AsyncSession, resident_id: int) -> None:
    """Delete what ties anything to this resident. The caller commits.

    Rumours keep their redacted texts and counts, which then belong to nobody.
    """
    own_turns = select(Turn.id).where(Turn.resident_id == resident_id)
    await session.execute(delete(Feedback).where(Feedback.turn_id.in_(own_turns)))
    await session.execute(
        update(Turn).where(Turn.resident_id == resident_id).values(resident_id=None, reply=None, delivery=Delivery.NONE)
    )
    await session.execute(update(Sighting).where(Sighting.resident_id == resident_id).values(resident_id=None))
    await session.execute(delete(Follower).where(Follower.resident_id == resident_id))
    await session.execute(delete(Resident).where(Resident.id == resident_id))
