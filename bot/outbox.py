"""The outbox of pushed replies, kept in the database."""

from __future__ import annotations

from collections.abc import Sequence

from bot.delivery import Undelivered
from bot.messages import Reply
from knowledge import turns
from knowledge.database import Database
from knowledge.protection import Vault

_AT_ONCE = 100
"""A few seconds' worth: when ten thousand are to be told something, a resident's reply must not queue behind them."""


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
        """The first replies of `channel` nobody claimed, oldest first; the others follow when these are sent."""
        async with self._database.reading() as session:
            waiting = await turns.waiting(session, channel, _AT_ONCE)
        return [Undelivered(row.turn_id, self._vault.open(row.address), Reply.from_json(row.reply)) for row in waiting]
