"""A resident of the tests, who writes and presses buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from bot.conversation.conversation import Conversation
from bot.messages import IncomingMessage, Reply

_numbers = count(1)


@dataclass(slots=True)
class Resident:
    """Writes to one conversation from one address; every message is a new one unless it is given a key."""

    conversation: Conversation
    address: str = "4711"
    channel: str = "telegram"
    heard: list[Reply] = field(default_factory=list)

    async def writes(self, text: str, *, forwarded: bool = False, key: str | None = None) -> Reply:
        """The reply to a text."""
        return await self._sends(self.message(text, forwarded=forwarded, key=key))

    async def presses(self, token: str, *, key: str | None = None) -> Reply:
        """The reply to a button."""
        return await self._sends(self.message(pressed=token, key=key))

    def message(
        self, text: str = "", *, forwarded: bool = False, pressed: str | None = None, key: str | None = None
    ) -> IncomingMessage:
        """A message of this resident."""
        return IncomingMessage(
            channel=self.channel,
            address=self.address,
            key=key or f"message-{next(_numbers)}",
            text=text,
            forwarded=forwarded,
            pressed=pressed,
        )

    async def _sends(self, message: IncomingMessage) -> Reply:
        reply = await self.conversation.reply_to(message)
        assert reply is not None
        self.heard.append(reply)
        return reply


def tokens(reply: Reply) -> list[str]:
    """The tokens of all buttons, top to bottom."""
    return [choice.token for row in reply.choices for choice in row]


def token(reply: Reply, name: str) -> str:
    """The token of the one button of that name.

    Raises: AssertionError, when there is no such button or there are several.
    """
    found = [each for each in tokens(reply) if each.split(":")[0] == name]
    assert len(found) == 1, f"{name} among {tokens(reply)}"
    return found[0]
