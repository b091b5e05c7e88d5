"""An honest conversation and outbox in memory: what is committed stays, the same key gets the same reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.delivery import Undelivered
from bot.messages import IncomingMessage, Reply


class Memory:
    """What a database would hold; outlives the channels that use it."""

    def __init__(self) -> None:
        self.turns: dict[str, Reply | None] = {}
        self.addresses: dict[int, str] = {}
        self.states: dict[int, str] = {}

    def commit(self, message: IncomingMessage, reply: Reply | None) -> Reply | None:
        """Remember a reply as a new turn, with its delivery pending."""
        if reply is not None:
            turn = len(self.states) + 1
            reply = replace(reply, turn=turn)
            self.states[turn] = "pending"
            self.addresses[turn] = message.address
        self.turns[message.key] = reply
        return reply


async def echo(message: IncomingMessage) -> Reply | None:
    """Say back what the resident did."""
    return Reply(f"收到：{message.pressed or message.text or message.unsupported}")


class FakeConversation:
    """Answers by `decide`, which may also raise, wait, or say nothing."""

    def __init__(self, memory: Memory, decide: Callable[[IncomingMessage], Awaitable[Reply | None]] = echo) -> None:
        self.memory = memory
        self.decide = decide
        self.asked: list[IncomingMessage] = []
        self.dies_after_commit = 0
        """So many times the reply is committed and nobody learns of it."""

    async def reply_to(self, message: IncomingMessage) -> Reply | None:
        self.asked.append(message)
        if message.key in self.memory.turns:
            known = self.memory.turns[message.key]
            return known and replace(known, repeated=True)
        reply = self.memory.commit(message, await self.decide(message))
        if self.dies_after_commit:
            self.dies_after_commit -= 1
            raise ConnectionError("the process dies here")
        return reply


class FakeOutbox:
    """Delivery states over the same memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.away = False
        """Whether asking fails, as when the database is away."""

    async def claim(self, turn: int) -> bool:
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionError("no database")
        if self.memory.states.get(turn) != "pending":
            return False
        self.memory.states[turn] = "sending"
        return True

    async def settle(self, turn: int, *, delivered: bool) -> None:
        if self.memory.states[turn] != "sending":
            raise ValueError(f"turn {turn} was not claimed")
        self.memory.states[turn] = "delivered" if delivered else "failed"

    async def pending(self, channel: str) -> list[Undelivered]:
        if self.away:
            raise ConnectionError("no database")
        replies = {reply.turn: reply for reply in self.memory.turns.values() if reply}
        waiting = sorted(turn for turn, state in self.memory.states.items() if state == "pending")
        return [Undelivered(turn, self.memory.addresses[turn], replies[turn]) for turn in waiting]
