"""One resident's flood must not slow anybody else, nor be answered line by line."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import inf

_BETWEEN_CRIES = 60.0
"""Seconds."""
_REMEMBERED = 10_000
"""Residents kept in memory; the one longest silent is let go first."""


class Pace(Enum):
    """How to treat a message in view of those before it."""

    FINE = "fine"
    FIRST_TOO_MANY = "first"
    TOO_MANY = "more"


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    warned: bool = False
    cried: float = -inf
    """When a cry for help was answered although too many messages had come."""


class FloodGuard:
    """A token bucket for each resident: `per_minute` messages at once, and as many again every minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def pace(self, resident: str) -> Pace:
        """Count one message of this resident."""
        now = self._clock()
        bucket = self._buckets.setdefault(resident, _Bucket(self._size, now))
        self._buckets.move_to_end(resident)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._size, bucket.tokens + (now - bucket.at) * self._size / 60)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            bucket.warned = False
            return Pace.FINE
        if bucket.warned:
            return Pace.TOO_MANY
        bucket.warned = True
        return Pace.FIRST_TOO_MANY

    def may_cry(self, resident: str) -> bool:
        """Whether a cry for help among too many messages is answered all the same: one a minute."""
        now = self._clock()
        bucket = self._buckets.setdefault(resident, _Bucket(0.0, now))
        if now - bucket.cried < _BETWEEN_CRIES:
            return False
        bucket.cried = now
        return True
