"""Turns: each message once, what was decided, and how its reply fares on the way out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import upsert
from knowledge.errors import TurnNotFound
from knowledge.models import Band, Delivery, Feedback, Resident, Turn
from knowledge.models.base import now, table_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message as it came in, before anything is decided."""

    channel: str
    key: str
    route: str
    forwarded: bool
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What came of a message."""

    resident_id: int | None
    """Whose message it was; none for somebody who asked to be forgotten."""
    language: str
    band: Band | None
    probability: float | None
    article_id: int | None
    reply: dict[str, Any] | None
    delivery: Delivery
    ms: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reply nobody has begun to send."""

    turn_id: int
    address: bytes
    reply: dict[str, Any]


_TABLE = table_of(Turn)
_CONCLUDED = tuple(field.name for field in fields(Conclusion))
_REMEMBER = upsert(
    lambda insert: insert(_TABLE).on_conflict_do_nothing(index_elements=["channel", "key"]).returning(_TABLE.c.id)
)
_CONCLUDE = update(_TABLE).where(_TABLE.c.id == bindparam("turn_id"))  # sets what it is executed with


def _rate(insert: Callable[[Any], Any]) -> Executable:
    kept = table_of(Feedback).c
    statement = insert(table_of(Feedback))
    new = statement.excluded
    reason = func.coalesce(new.reason, case((kept.helpful == new.helpful, kept.reason)))
    changes = {"helpful": new.helpful, "reason": reason, "at": new.at}
    rated: Executable = statement.on_conflict_do_update(index_elements=["turn_id"], set_=changes)
    return rated


_RATE = upsert(_rate)


async def remember(session: AsyncSession, received: Received) -> int | None:
    """Store a turn and give its id; none when the message was handled before. The caller commits.

    Whose it is, is stored with what comes of it: a message that comes again after "forget me" must not bring the
    resident back.
    """
    values = {**asdict(received), "language": "", "ms": 0.0, "delivery": Delivery.NONE}
    turn_id: int | None = (await session.execute(_REMEMBER(session), values)).scalar()
    return turn_id


async def conclude(session: AsyncSession, turn_id: int, conclusion: Conclusion) -> None:
    """Store what came of a turn. The caller commits."""
    await session.execute(_CONCLUDE, {"turn_id": turn_id} | {name: getattr(conclusion, name) for name in _CONCLUDED})


async def handled_before(session: AsyncSession, channel: str, key: str) -> Turn | None:
    """The turn of a message, when it was handled before."""
    return await session.scalar(select(Turn).where(Turn.channel == channel, Turn.key == key))


async def owned(session: AsyncSession, turn_id: int, resident_id: int) -> Turn:
    """A turn of this very resident.

    Raises: TurnNotFound.
    """
    turn = await session.scalar(select(Turn).where(Turn.id == turn_id, Turn.resident_id == resident_id))
    if turn is None:
        raise TurnNotFound(turn_id)
    return turn


async def first_showing(session: AsyncSession, article_id: int, resident_id: int, since: int) -> int | None:
    """The first turn of a resident, from the turn `since` on, that showed an article."""
    return await session.scalar(
        select(Turn.id)
        .where(Turn.resident_id == resident_id, Turn.article_id == article_id, Turn.id >= since)
        .order_by(Turn.id)
        .limit(1)
    )


async def last_language(session: AsyncSession, resident_id: int) -> str | None:
    """The language this resident was last answered in."""
    return await session.scalar(
        select(Turn.language)
        .where(Turn.resident_id == resident_id, Turn.language != "")
        .order_by(Turn.id.desc())
        .limit(1)
    )


async def was_routed(session: AsyncSession, resident_id: int, route: str, since: datetime) -> bool:
    """Whether a message of this resident took a route since then."""
    found = select(Turn.id).where(Turn.resident_id == resident_id, Turn.route == route, Turn.received_at >= since)
    return await session.scalar(found.limit(1)) is not None


async def rate(session: AsyncSession, turn_id: int, *, helpful: bool, reason: str | None = None) -> None:
    """Keep what a resident thought of a reply; a later word replaces an earlier one. The caller commits.

    Whoever says the same again without a reason takes none back.
    """
    values = {"turn_id": turn_id, "helpful": helpful, "reason": reason, "at": now()}
    await session.execute(_RATE(session), values)


async def reason_given(session: AsyncSession, turn_id: int) -> str | None:
    """Why a resident found a reply unhelpful, as far as that was said."""
    return await session.scalar(select(Feedback.reason).where(Feedback.turn_id == turn_id))


async def claim_delivery(session: AsyncSession, turn_id: int) -> bool:
    """Take a pending reply for sending; false when somebody took it before. The caller commits."""
    taken = await session.execute(
        update(Turn)
        .where(Turn.id == turn_id, Turn.delivery == Delivery.PENDING)
        .values(delivery=Delivery.SENDING)
        .returning(Turn.id)
    )
    return taken.scalar() is not None


async def settle_delivery(session: AsyncSession, turn_id: int, *, delivered: bool) -> None:
    """Say how sending ended and let go of the text. The caller commits."""
    outcome = Delivery.SENT if delivered else Delivery.FAILED
    await session.execute(update(Turn).where(Turn.id == turn_id).values(delivery=outcome, reply=None))


async def waiting(session: AsyncSession, channel: str, limit: int) -> Sequence[Waiting]:
    """The first replies of a channel that nobody has begun to send, oldest first."""
    rows = await session.execute(
        select(Turn.id, Resident.address, Turn.reply)
        .join(Resident, Resident.id == Turn.resident_id)
        .where(Turn.channel == channel, Turn.delivery == Delivery.PENDING, Turn.reply.is_not(None))
        .order_by(Turn.id)
        .limit(limit)
    )
    return [Waiting(*row) for row in rows]


async def forget_replies(session: AsyncSession, before: datetime) -> int:
    """Let go of the replies of turns received before a moment, and say how many. The caller commits."""
    cleared = await session.execute(
        update(Turn)
        .where(Turn.received_at < before, Turn.reply.is_not(None), Turn.delivery != Delivery.PENDING)
        .values(reply=None)
    )
    return int(getattr(cleared, "rowcount", 0))
