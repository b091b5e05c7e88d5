"""The outbox of pushed replies, kept in the database."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from bot.delivery import Undelivered
from bot.messages import Reply
from knowledge import turns
from knowledge.database import Database
from knowledge.errors import UnreadableAddress
from knowledge.protection import Vault

_AT_ONCE = 100
"""A few seconds' worth: when ten thousand are to be told something, a resident's reply must not queue behind them."""

_log = structlog.get_logger(__name__)


class DatabaseOutbox:
    """The `Outbox` every process shares."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def claim(self, turn: int) -> bool:
        """Take a pending reply for sending; false when it was taken or settled before."""
        async with self._database.transaction() as session:
            return await turns.claim_delivery(session, turn)

    async def settle(self, turn: int, *, delivered: bool) -> None:
        """Say how sending a claimed reply ended; its stored text is forgotten."""
        async with self._database.transaction() as session:
            await turns.settle_delivery(session, turn, delivered=delivered)

    async def pending(self, channel: str) -> Sequence[Undelivered]:
        """The first replies of `channel` nobody claimed, oldest first; the others follow when these are sent.

        One to an address that was sealed under another secret can reach nobody, and must not hold up the others: it is
        settled as failed.
        """
        async with self._database.reading() as session:
            waiting = await turns.waiting(session, channel, _AT_ONCE)
        found = []
        for row in waiting:
            try:
                address = self._vault.open(row.address)
            except UnreadableAddress:
                _log.warning("no reply to an address sealed under another secret", turn=row.turn_id)
                await self.settle(row.turn_id, delivered=False)
            else:
                found.append(Undelivered(row.turn_id, address, Reply.from_json(row.reply)))
        return found
