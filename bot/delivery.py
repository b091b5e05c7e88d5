"""Replies on their way out, for channels that push: nothing is lost, and nothing is said twice.

A reply is committed together with the turn it belongs to, in state ``pending``. Just before sending, a channel claims
it; after sending it settles it. A process that dies before the claim leaves it pending, so the next start sends it; one
that dies between claim and settlement leaves it ``sending``, which is never sent again, because the resident may have
it already and a repeated answer confuses more than a lost one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.messages import IncomingMessage, Reply


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A reply that a stopped process had decided on and not begun to send."""

    turn: int
    address: str
    reply: Reply


class Answering(Protocol):
    """What a channel needs of the conversation."""

    async def reply_to(self, message: IncomingMessage) -> Reply | None:
        """Decide and remember what to say; none means say nothing, as to a flood.

        Raises: ReplyGone, on a channel that does not push.
        """


class Mailbox(Protocol):
    """What a channel needs that cannot push: it tells residents later what they asked, once they are back."""

    async def collect(self, channel: str, address: str) -> Sequence[Reply]:
        """What waits for a resident who is here to read it. It counts as told, and is not given again."""


class Outbox(Protocol):
    """What a pushing channel needs to deliver each reply at most once."""

    async def claim(self, turn: int) -> bool:
        """Take a pending reply for sending; false when it was taken or settled before."""

    async def settle(self, turn: int, *, delivered: bool) -> None:
        """Say how sending a claimed reply ended; its stored text is forgotten."""

    async def pending(self, channel: str) -> Sequence[Undelivered]:
        """Replies of `channel` nobody claimed, oldest first."""
