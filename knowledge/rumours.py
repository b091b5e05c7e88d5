"""Rumours: every sighting is counted once, tied to what answered it or to the cluster it joined.

Plain functions that take a session; the caller commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import trend
from knowledge.database import upsert
from knowledge.errors import RumourNotFound
from knowledge.models import UNSETTLED, Counter, Follower, Rumour, RumourKind, RumourStatus, Sighting
from knowledge.models.base import table_of

ACKNOWLEDGED_WITHIN = timedelta(days=1)
ANSWERED_WITHIN = timedelta(days=3)
REOPENED_WITHIN = timedelta(days=90)
"""How long after it was settled a rumour that is opened again still finds its sightings."""
_LOCK = "rumours"
_TAKE_LOCK = upsert(
    lambda insert: insert(table_of(Counter)).on_conflict_do_update(
        index_elements=["name"], set_={"value": table_of(Counter).c.value + 1}
    )
)
_FOLLOW = upsert(lambda insert: insert(table_of(Follower)).on_conflict_do_nothing())
_SIGHTING = insert(table_of(Sighting)).returning(table_of(Sighting).c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One message that says or asks something, as it is to be remembered."""

    turn_id: int
    resident_id: int | None
    """None when the resident has asked to be forgotten."""
    text: str
    """Redacted."""
    kind: RumourKind
    received_at: datetime


async def record_sighting(session: AsyncSession, seen: Seen, *, article_id: int | None = None) -> int:
    """Count a message, tied to the article that answered it, or to nothing yet. The caller commits."""
    return await _insert_sighting(session, seen, article_id=article_id, rumour_id=None)


async def lock(session: AsyncSession) -> None:
    """Let nobody else open or join rumours until the commit.

    Without it, two messages that say the same thing at the same time would each open a rumour of their own.
    """
    await session.execute(_TAKE_LOCK(session), {"name": _LOCK, "value": 0})


async def open_rumour(session: AsyncSession, seen: Seen) -> int:
    """Start a new cluster with its first sighting, and give its id. The caller commits."""
    rumour = Rumour(
        kind=seen.kind,
        status=RumourStatus.OPEN,
        text=seen.text,
        sightings=1,
        first_seen=seen.received_at,
        last_seen=seen.received_at,
        trend=trend.of_sighting(seen.received_at),
        acknowledge_due=seen.received_at + ACKNOWLEDGED_WITHIN,
        answer_due=seen.received_at + ANSWERED_WITHIN,
    )
    session.add(rumour)
    await session.flush()
    await _insert_sighting(session, seen, article_id=None, rumour_id=rumour.id)
    return rumour.id


async def join(session: AsyncSession, seen: Seen, rumour_id: int) -> int:
    """Add a sighting to a cluster and give how many it has now. The caller holds the lock, and commits.

    Raises: RumourNotFound.
    """
    hot = await session.scalar(select(Rumour.trend).where(Rumour.id == rumour_id))
    if hot is None:
        raise RumourNotFound(f"R{rumour_id}")
    hotter = trend.together(hot, trend.of_sighting(seen.received_at))
    count: int | None = await session.scalar(
        update(Rumour)
        .where(Rumour.id == rumour_id)
        .values(sightings=Rumour.sightings + 1, last_seen=seen.received_at, trend=hotter)
        .returning(Rumour.sightings)
    )
    if count is None:
        raise RumourNotFound(f"R{rumour_id}")
    await _insert_sighting(session, seen, article_id=None, rumour_id=rumour_id)
    return count


async def joinable(session: AsyncSession, rumour_id: int) -> int | None:
    """The unsettled rumour a sighting of this one belongs to: itself, or what it was merged into; none when settled.

    Held until the commit: settled in between, it would tell everybody but who joins it now.
    """
    rumour = await session.get(Rumour, rumour_id, populate_existing=True, with_for_update=True)
    while rumour is not None and rumour.merged_into_id is not None:
        rumour = await session.get(Rumour, rumour.merged_into_id, populate_existing=True, with_for_update=True)
    return rumour.id if rumour is not None and rumour.status in UNSETTLED else None


async def sighting_of(session: AsyncSession, turn_id: int) -> Sighting | None:
    """The sighting a turn left, if it left one."""
    return await session.scalar(select(Sighting).where(Sighting.turn_id == turn_id))


async def tie_to_article(session: AsyncSession, sighting: Sighting, article_id: int) -> None:
    """The resident said which article was meant. The caller commits."""
    sighting.article_id = article_id
    await session.flush()


async def untie(session: AsyncSession, sighting: Sighting) -> Seen:
    """Take a sighting back, because its answer was not what was asked; what it held can be recorded anew.

    A rumour it had joined counts one less. The caller commits.
    """
    seen = Seen(
        turn_id=sighting.turn_id,
        resident_id=sighting.resident_id,
        text=sighting.text,
        kind=sighting.kind,
        received_at=sighting.received_at,
    )
    if sighting.rumour_id is not None:
        await session.execute(
            update(Rumour).where(Rumour.id == sighting.rumour_id).values(sightings=Rumour.sightings - 1)
        )
    await session.delete(sighting)
    await session.flush()
    return seen


async def follow(session: AsyncSession, rumour_id: int, resident_id: int, at: datetime) -> Rumour:
    """Tell this resident what becomes of a rumour; asking twice is asking once. The caller commits.

    Gives what is followed: the rumour, or what it was merged into. It may be settled.

    Raises: RumourNotFound.
    """
    rumour = await session.get(Rumour, rumour_id)
    while rumour is not None and rumour.merged_into_id is not None:
        rumour = await session.get(Rumour, rumour.merged_into_id)
    if rumour is None:
        raise RumourNotFound(f"R{rumour_id}")
    await session.execute(_FOLLOW(session), {"rumour_id": rumour.id, "resident_id": resident_id, "since": at})
    return rumour


async def by_demand(session: AsyncSession, *, limit: int = 200) -> Sequence[Rumour]:
    """Open rumours, those received most often first."""
    rows = await session.scalars(
        select(Rumour)
        .where(Rumour.status.in_(UNSETTLED))
        .order_by(Rumour.sightings.desc(), Rumour.id.desc())
        .limit(limit)
    )
    return list(rows)


async def by_ids(session: AsyncSession, ids: Iterable[int]) -> Sequence[Rumour]:
    """These rumours, as far as there are any of them."""
    return list(await session.scalars(select(Rumour).where(Rumour.id.in_(list(ids)))))


async def standing(session: AsyncSession, now: datetime) -> Sequence[tuple[int, str]]:
    """Id and text of what a sighting may belong to, oldest first: open rumours, and those that may be opened again."""
    recently = (Rumour.settled_at > now - REOPENED_WITHIN) & (Rumour.status != RumourStatus.MERGED)
    rows = await session.execute(
        select(Rumour.id, Rumour.text).where(Rumour.settled_at.is_(None) | recently).order_by(Rumour.id)
    )
    return [(row.id, row.text) for row in rows]


async def opened_after(session: AsyncSession, rumour_id: int) -> Sequence[tuple[int, str]]:
    """Id and text of the open rumours with a greater id, oldest first: what a cluster index does not know yet."""
    rows = await session.execute(
        select(Rumour.id, Rumour.text).where(Rumour.id > rumour_id, Rumour.status.in_(UNSETTLED)).order_by(Rumour.id)
    )
    return [(row.id, row.text) for row in rows]


async def _insert_sighting(session: AsyncSession, seen: Seen, *, article_id: int | None, rumour_id: int | None) -> int:
    ties = {"article_id": article_id, "rumour_id": rumour_id}
    return int((await session.execute(_SIGHTING, asdict(seen) | ties)).scalar_one())
