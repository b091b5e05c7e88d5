"""The terminal channel: `qiuzhen chat` and `qiuzhen ask`."""

from __future__ import annotations

import uuid

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.delivery import Answering
from bot.messages import Choice, IncomingMessage, Reply

CHANNEL = "terminal"
_QUIT = {"/quit", "/exit", "/q"}


def message(text: str = "", *, forwarded: bool = False, pressed: str | None = None) -> IncomingMessage:
    """What was typed, as a message of the one resident who sits at this terminal."""
    return IncomingMessage(
        channel=CHANNEL, address="local", key=uuid.uuid4().hex, text=text, forwarded=forwarded, pressed=pressed
    )


class TerminalChat:
    """A chat in the terminal; a number presses the button of that number."""

    def __init__(self, conversation: Answering, console: Console) -> None:
        self._conversation = conversation
        self._console = console
        self._choices: list[Choice] = []

    async def run(self) -> None:
        """Chat until end of file, interruption or /quit."""
        self._console.print("求真 · 打字提问；数字选按钮；/forward 后面接转发来的话；/quit 退出\n")
        await self._exchange(message("/start"))
        while (line := self._read()) is not None:
            if line in _QUIT:
                return
            if line:
                await self._exchange(self._message(line))

    def _read(self) -> str | None:
        try:
            return self._console.input("[bold]> [/bold]").strip()
        except (EOFError, KeyboardInterrupt):
            return None

    def _message(self, line: str) -> IncomingMessage:
        if line.isdecimal() and 0 < int(line) <= len(self._choices):
            return message(pressed=self._choices[int(line) - 1].token)
        command, _, rest = line.partition(" ")
        if command == "/forward" and rest:
            return message(rest, forwarded=True)
        return message(line)

    async def _exchange(self, incoming: IncomingMessage) -> None:
        reply = await self._conversation.reply_to(incoming)
        if reply is not None:
            self._show(reply)

    def _show(self, reply: Reply) -> None:
        headline, _, rest = reply.text.partition("\n")
        self._console.print(Panel(Text(rest), title=Text(headline, style="bold"), title_align="left"))
        self._choices = [choice for row in reply.choices for choice in row]
        if self._choices:
            labels = (f"[{number}] {choice.label}" for number, choice in enumerate(self._choices, start=1))
            self._console.print(Text("  ".join(labels), style="cyan"))
