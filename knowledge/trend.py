"""How hot a rumour is, as one number that stays comparable while time passes.

Every sighting counts 1 when it comes in and half as much each `HALF_LIFE` later. Stored is the binary logarithm of that
sum at one fixed moment instead of now: all rumours cool at the same pace, so their order never changes by waiting, and
nothing has to be computed again (forward decay: Cormode and others, 2009).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

HALF_LIFE = timedelta(days=2)
_FIXED = datetime(2026, 1, 1, tzinfo=UTC)


def of_sighting(at: datetime) -> float:
    """The trend of a rumour received once."""
    return (at - _FIXED) / HALF_LIFE


def together(one: float, other: float) -> float:
    """The trend of the sightings of both."""
    high, low = max(one, other), min(one, other)
    return high + math.log2(1 + 2 ** (low - high))


def weight(trend: float, at: datetime) -> float:
    """How many sightings of this very moment a trend is worth."""
    return float(2 ** (trend - of_sighting(at)))
