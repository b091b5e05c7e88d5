"""The terminal channel, typed at."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bot.channels.terminal import TerminalChat
from bot.messages import Choice, IncomingMessage, Reply


class Typed(Console):
    """A terminal at which some lines are typed, and then the end of file."""

    def __init__(self, *lines: str) -> None:
        super().__init__(file=io.StringIO())
        self._lines = list(lines)

    def input(self, *_args: object, **_kwargs: object) -> str:
        if not self._lines:
            raise EOFError
        return self._lines.pop(0)


class Heard:
    """A conversation that offers one button and keeps what it hears."""

    def __init__(self) -> None:
        self.messages: list[IncomingMessage] = []

    async def reply_to(self, message: IncomingMessage) -> Reply:
        self.messages.append(message)
        return Reply("您好", ((Choice("full:1", "看详细"),),))


@pytest.mark.parametrize(
    ("typed", "pressed"), [("1", "full:1"), ("１", "full:1"), ("2", None), ("²", None), ("0", None)]
)
async def test_number_presses_the_button_of_that_number(typed: str, pressed: str | None) -> None:
    conversation = Heard()
    await TerminalChat(conversation, Typed(typed)).run()
    start, message = conversation.messages
    assert start.text == "/start"
    assert (message.pressed, message.text) == (pressed, "" if pressed else typed)
