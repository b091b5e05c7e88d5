"""What anybody may have of the rumours: claims, counts and verdicts, and nothing of any resident.

A rumour that fewer than `FEWEST` residents passed on is not among it: what only one or two people ever said may tell
who they are, whatever is taken out of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models import Article, Rumour, RumourKind, RumourStatus, Sighting, Status, Verdict
from knowledge.protection import Vault

FEWEST = 3
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class OpenRumour:
    """A rumour as anybody may have it."""

    id: str
    """A keyed hash of its number."""
    kind: RumourKind
    text: str
    """The claim as the article words it that settles it; empty until then. Residents' own words stay here: redaction
    knows numbers and addresses, not whose story a sentence tells."""
    sightings: int
    first_seen: date
    last_seen: date
    verdict: Verdict | None
    article: str | None
    """Slug of the published article that settles it."""


async def rumours(session: AsyncSession, vault: Vault) -> list[OpenRumour]:
    """The rumours that enough residents passed on, most often first; at most ten thousand.

    Reads every sighting: the caller keeps what it gets for a while. Days are those of UTC.
    """
    enough = (
        select(Sighting.rumour_id)
        .where(Sighting.rumour_id.is_not(None))
        .group_by(Sighting.rumour_id)
        # Of residents who had themselves forgotten nobody knows any more whether they were one or several.
        .having(func.count(Sighting.resident_id.distinct()) >= FEWEST)
    )
    rows = await session.execute(
        select(
            Rumour.id,
            Rumour.kind,
            Article.claim,
            Rumour.sightings,
            Rumour.first_seen,
            Rumour.last_seen,
            Article.verdict,
            Article.slug,
            # A verdict is told while its article is what residents are shown.
            ((Rumour.status == RumourStatus.ANSWERED) & (Article.status == Status.PUBLISHED)).label("settled"),
        )
        .outerjoin(Article, Article.id == Rumour.article_id)
        .where(Rumour.id.in_(enough), Rumour.status.not_in((RumourStatus.NOT_A_CLAIM, RumourStatus.MERGED)))
        .order_by(Rumour.sightings.desc(), Rumour.id)
        .limit(_MOST)
    )
    # Hashing is work for the processor.
    return await asyncio.to_thread(_opened, vault, rows.all())


def _opened(vault: Vault, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[OpenRumour]:
    return [
        OpenRumour(
            id=vault.key_of("open data", f"R{row.id}")[:16],
            kind=row.kind,
            text=(row.claim or "") if row.settled else "",
            sightings=row.sightings,
            first_seen=row.first_seen.date(),
            last_seen=row.last_seen.date(),
            verdict=row.verdict if row.settled else None,
            article=row.slug if row.settled else None,
        )
        for row in rows
    ]
