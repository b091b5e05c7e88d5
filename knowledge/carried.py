"""What notices and alerts have in common: a turn carries each of them, and its delivery says how it fares.

Plain functions that take a session; the caller commits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models import Alert, Delivery, Notice, Turn

ATTEMPTS = 3
"""How often one is sent at most."""
TRIED_AGAIN_AFTER = timedelta(hours=1)

Carried = type[Notice] | type[Alert]


async def newest(session: AsyncSession, kind: Carried) -> int:
    """The id of the last one made; 0 when there is none. Cheap, to see whether there is anything new."""
    return await session.scalar(select(func.max(kind.id))) or 0


async def attach(session: AsyncSession, kind: Carried, number: int, turn_id: int) -> None:
    """A turn carries this one now. The caller commits."""
    await session.execute(update(kind).where(kind.id == number).values(turn_id=turn_id, attempts=kind.attempts + 1))


async def try_again(session: AsyncSession, kind: Carried, now: datetime) -> int:
    """Let what could not be sent wait again, after a while and not for ever; how many. The caller commits.

    What may have arrived is not among it: that stays ``sending``.
    """
    failed = select(Turn.id).where(Turn.delivery == Delivery.FAILED, Turn.received_at <= now - TRIED_AGAIN_AFTER)
    put_back = await session.execute(
        update(kind).where(kind.attempts < ATTEMPTS, kind.turn_id.in_(failed)).values(turn_id=None)
    )
    return int(getattr(put_back, "rowcount", 0))
