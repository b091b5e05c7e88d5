"""What Telegram knows, and what a test does on the residents' side of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TOKEN = "123456:test-token_of-the-fake"
BOT_USER: Json = {
    "id": 123456, "is_bot": True, "first_name": "求真", "username": "QiuzhenTestBot",
    "can_join_groups": False, "can_read_all_group_messages": False, "supports_inline_queries": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message the bot sent, as the resident sees it now."""

    chat: int
    message_id: int
    text: str
    entities: tuple[Json, ...] = ()
    buttons: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Rows of (label, data)."""
    preview: bool = True
    parse_mode: str | None = None

    @property
    def bold(self) -> list[str]:
        """The pieces of text in bold."""
        units = self.text.encode("utf-16-le")
        spans = [(e["offset"], e["offset"] + e["length"]) for e in self.entities if e["type"] == "bold"]
        return [units[start * 2 : end * 2].decode("utf-16-le") for start, end in spans]

    @property
    def tokens(self) -> list[str]:
        """The data of all buttons, top to bottom."""
        return [data for row in self.buttons for _, data in row]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a Bot API method, as it arrived."""

    method: str
    fields: Json
    at: float = field(default_factory=time.monotonic)


class State:
    """Chats, messages and updates; the methods a test calls are the residents' doings.

    A chat is private if its id is positive, a group otherwise; it exists for the bot once its resident has written.
    """

    def __init__(self) -> None:
        self.chats: set[int] = set()
        self.blocked: set[int] = set()
        self.messages: dict[tuple[int, int], Json] = {}
        self.outgoing: dict[tuple[int, int], SentMessage] = {}
        self.updates: list[Json] = []
        self.calls: list[Call] = []
        self.open_queries: set[str] = set()
        self.answered_queries: list[str] = []
        self.actions: list[tuple[int, str]] = []
        self.commands: dict[str, list[Json]] = {}
        self.files: dict[str, bytes] = {}
        self.allowed: list[str] | None = None
        self.webhook_url = ""
        self.webhook_secret = ""
        self.webhook_error = ""
        self.poll = 0
        self.open = False
        self._ids = iter(range(1, 1_000_000_000))
        self._update_ids = iter(range(900_000_001, 2_000_000_000))
        self._changed = asyncio.Event()

    # The resident's side

    def send_text(self, chat: int, text: str, *, forwarded: bool = False) -> int:
        """Write to the bot; the message's id."""
        return self.send(chat, text=text, **(FORWARDED if forwarded else {}))

    def send_photo(self, chat: int, caption: str = "", content: bytes = b"\xff\xd8picture") -> int:
        """Send a picture; the message's id."""
        file_id = self.add_file(content)
        size = {"file_id": file_id, "file_unique_id": f"u{file_id}", "width": 90, "height": 90}
        return self.send(chat, photo=[size], **({"caption": caption} if caption else {}))

    def send_voice(self, chat: int, content: bytes = b"OggS") -> int:
        """Send a voice message; the message's id."""
        file_id = self.add_file(content)
        return self.send(chat, voice={"file_id": file_id, "file_unique_id": f"u{file_id}", "duration": 3})

    def send(self, chat: int, **content: Any) -> int:
        """Send a message with any content, in the fields Telegram uses; the message's id."""
        self.chats.add(chat)
        message = {"message_id": next(self._ids), "date": int(time.time()), **self._place(chat), **content}
        self.messages[chat, message["message_id"]] = message
        self.push("message", message)
        return int(message["message_id"])

    def edit(self, chat: int, message_id: int, text: str) -> None:
        """Edit a message one sent before."""
        message = {**self.messages[chat, message_id], "text": text, "edit_date": int(time.time())}
        self.messages[chat, message_id] = message
        self.push("edited_message", message)

    def press(self, chat: int, message_id: int, data: str, *, stale: bool = False) -> str:
        """Press a button under a message; the id of the callback query.

        A `stale` press is one Telegram delivers late: it can no longer be answered, and the button may be gone.
        Raises: LookupError if there is no such button to press.
        """
        sent = self.outgoing.get((chat, message_id))
        if not stale and (sent is None or data not in sent.tokens):
            raise LookupError(f"no button {data!r} under message {message_id}")
        query = str(next(self._ids))
        if not stale:
            self.open_queries.add(query)
        place = self._place(chat)
        gone = {"message_id": message_id, "date": 0, "chat": place["chat"]}
        message = self.messages.get((chat, message_id), gone)
        self.push(
            "callback_query",
            {"id": query, "from": place["from"], "chat_instance": "1", "message": message, "data": data},
        )
        return query

    def push(self, kind: str, content: Json) -> int:
        """Queue an update of any kind; its id, or 0 if the bot did not ask for this kind."""
        if self.allowed and kind not in self.allowed:
            return 0
        update_id = next(self._update_ids)
        self.updates.append({"update_id": update_id, kind: content})
        self.notify()
        return update_id

    def redeliver(self, update: Json) -> None:
        """Queue an update once more, as Telegram does when it does not know that it arrived."""
        self.updates.append(update)
        self.updates.sort(key=lambda u: int(u["update_id"]))
        self.notify()

    def add_file(self, content: bytes) -> str:
        """Keep a file the bot can fetch; its file id."""
        file_id = f"file{next(self._ids)}"
        self.files[file_id] = content
        return file_id

    def _place(self, chat: int) -> Json:
        person = {"id": abs(chat), "is_bot": False, "first_name": "居民", "language_code": "zh-hans"}
        kind = {"type": "private", "first_name": "居民"} if chat > 0 else {"type": "group", "title": "一家人"}
        return {"chat": {"id": chat, **kind}, "from": person}

    # What a test looks at

    def sent(self, chat: int) -> list[SentMessage]:
        """What the bot sent to a chat, oldest first."""
        return [message for (where, _), message in self.outgoing.items() if where == chat]

    def called(self, method: str) -> list[Call]:
        """Calls of a method, oldest first, refused ones too."""
        return [call for call in self.calls if call.method == method]

    async def wait_for_reply(self, chat: int, count: int = 1, within: float = 10.0) -> SentMessage:
        """The `count`-th message the bot sent to `chat`, as soon as there is one.

        Raises: TimeoutError.
        """
        await self.wait_until(lambda: len(self.sent(chat)) >= count, within)
        return self.sent(chat)[count - 1]

    async def wait_until(self, true: Callable[[], bool], within: float = 10.0) -> None:
        """Wait until something about this server is true. Raises: TimeoutError."""
        async with asyncio.timeout(within):
            while not true():
                await self.wait_for_change(0.02)

    # The server's side

    def new_message(self, chat: int, content: Json) -> Json:
        """Keep a message the bot sends."""
        place = {"chat": self._place(chat)["chat"], "from": BOT_USER}
        message = {"message_id": next(self._ids), "date": int(time.time()), **place, **content}
        self.messages[chat, message["message_id"]] = message
        return message

    def notify(self) -> None:
        """Wake whoever waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for_change(self, at_most: float) -> None:
        """Wait for the next change, or for `at_most` seconds."""
        try:
            async with asyncio.timeout(at_most):
                await self._changed.wait()
        except TimeoutError:
            pass


FORWARDED: Json = {
    "forward_origin": {"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "某人"},
}
