"""How often signing in failed, for one login and from one address: in the database, so all workers count together.

An attempt is counted before it is known how it ends, so of many at once none slips through.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import upsert
from knowledge.errors import TooManyAttempts
from knowledge.models import Failures
from knowledge.models.base import table_of
from knowledge.protection import Vault


@dataclass(frozen=True, slots=True)
class _Limit:
    """How many failures are free, and the pauses that follow: each twice as long as the one before, up to a longest."""

    free: int
    first: timedelta
    longest: timedelta
    forgotten_after: timedelta

    def pause(self, failures: int) -> timedelta:
        if failures < self.free:
            return timedelta()
        doubled: int = 2 ** min(failures - self.free, 10)
        return min(self.first * doubled, self.longest)


_QUARTER = timedelta(minutes=15)
_LOGIN = _Limit(free=5, first=timedelta(minutes=1), longest=_QUARTER, forgotten_after=timedelta(days=1))
_ADDRESS = _Limit(free=30, first=_QUARTER, longest=_QUARTER, forgotten_after=_QUARTER)
_INSERT = upsert(lambda insert: insert(table_of(Failures)).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted as a failure; `passed` takes that back."""

    _address: Failures
    _login: Failures

    async def passed(self, session: AsyncSession) -> None:
        """It was right: failures of the login are forgotten, those of the address only as far as they were this one.

        Somebody who may sign in would else go on guessing for others. The caller commits.
        """
        await session.delete(self._login)
        self._address.count -= 1
        await session.flush()


async def count(session: AsyncSession, vault: Vault, step: str, login: str, address: str, at: datetime) -> Attempt:
    """Count an attempt at one step of signing in. The caller commits, also when the attempt fails.

    Raises: TooManyAttempts; nothing is counted then.
    """
    # Always in this order, so that two attempts never wait for each other; and the address first, so that what it is
    # refused leaves no row for every login it makes up.
    counted = (("address", network_of(address), _ADDRESS), (step, login, _LOGIN))
    rows: list[Failures] = []
    for kind, name, limit in counted:
        row = await _row(session, vault.key_of(f"attempts {kind}", name), at)
        rows.append(row)
        if at - row.since >= limit.forgotten_after:
            row.count = 0
        left = row.since + limit.pause(row.count) - at
        if left > timedelta():
            raise TooManyAttempts(math.ceil(left / timedelta(minutes=1)))
    for row in rows:
        row.count += 1
        row.since = at
    await session.flush()
    return Attempt(*rows)


async def _row(session: AsyncSession, key: str, at: datetime) -> Failures:
    """The count under a key, locked until the end of the transaction."""
    await session.execute(_INSERT(session), {"key": key, "count": 0, "since": at})
    return await session.get_one(Failures, key, with_for_update=True, populate_existing=True)


def network_of(address: str) -> str:
    """What one household or office has of addresses: one of IPv4, of IPv6 a whole /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


async def forget(session: AsyncSession, now: datetime) -> None:
    """Let go of what failed long ago. The caller commits."""
    await session.execute(delete(Failures).where(Failures.since <= now - _LOGIN.forgotten_after))
