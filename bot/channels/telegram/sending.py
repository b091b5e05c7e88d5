"""Replies on their way out: in order within a chat, independent between chats, each at most once."""

from __future__ import annotations

import asyncio
from collections import deque

from aiolimiter import AsyncLimiter
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.channels.telegram.api import Backoff, Timing, TooManyRequests, jittered, log, never_sent
from bot.channels.telegram.text import headline, split
from bot.delivery import Outbox, Undelivered
from bot.messages import Reply

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
REPLIES_A_SECOND = 25
"""A little below Telegram's 30 messages a second over all chats, which also counts "typing" and long replies' parts."""
_REFUSALS = (BadRequest, ChatMigrated, Forbidden, InvalidToken)
"""Answers of Telegram's after which nothing has arrived."""
_LAST_MOMENTS = 1.0
"""Seconds that requests under way get at the very end of stopping."""


class Sender:
    """One task a chat, alive while the chat has something to receive."""

    def __init__(self, bot: Bot, outbox: Outbox, timing: Timing) -> None:
        self._bot = bot
        self._outbox = outbox
        self._timing = timing
        self._queues: dict[str, deque[Undelivered]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: set[int] = set()
        self._closing = asyncio.Event()
        self._turnstile = AsyncLimiter(REPLIES_A_SECOND, 1)

    def enqueue(self, item: Undelivered) -> None:
        """Send `item` after what its chat already waits for; nothing happens if it waits already."""
        if item.turn in self._held:
            return
        self._held.add(item.turn)
        waiting = self._queues.get(item.address)
        if waiting is not None:
            waiting.append(item)
            return
        self._queues[item.address] = deque([item])
        task = asyncio.create_task(self._serve(item.address))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, within: float) -> None:
        """Send what waits for up to `within` seconds; what is not claimed by then stays for the next start."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while self._tasks and (left := deadline - loop.time()) > 0:
            await asyncio.wait(set(self._tasks), timeout=left)
        self._closing.set()
        if self._tasks:
            log.warning("replies_left_unsent", chats=len(self._tasks))
            _, late = await asyncio.wait(set(self._tasks), timeout=_LAST_MOMENTS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _serve(self, address: str) -> None:
        queue = self._queues[address]
        try:
            while queue and not self._closing.is_set():
                await self._deliver(queue.popleft())
        finally:
            del self._queues[address]

    async def _deliver(self, item: Undelivered) -> None:
        try:
            # Waiting here and not in the library's limiter, which is behind the claim: a process that dies in a rush
            # would lose as many claimed replies as there are chats.
            await self._turnstile.acquire()
            if not self._closing.is_set() and await self._outbox.claim(item.turn):
                delivered = await self._send(item.address, item.reply)
                # What may have arrived stays claimed, as if the process had been killed: it is never sent again.
                if delivered is not None:
                    await self._outbox.settle(item.turn, delivered=delivered)
        except Exception as error:  # the outbox is away; an unclaimed reply is found again by the next sweep
            log.error("delivery_not_recorded", turn=item.turn, error=type(error).__name__)
        finally:
            self._held.discard(item.turn)

    async def _send(self, address: str, reply: Reply) -> bool | None:
        """Send all parts of a claimed reply; whether the resident has it, none when some of it may have arrived."""
        parts = split(reply.text)
        try:
            for number, part in enumerate(parts, start=1):
                keyboard = _keyboard(reply) if number == len(parts) else None
                arrived = await self._send_part(int(address), part, bold=number == 1, keyboard=keyboard)
                if not arrived:
                    return arrived if number == 1 else None
        except Exception as error:  # an answer that is no Bot API answer: the message may have arrived
            log.error("reply_not_sent", error=type(error).__name__)
            return None
        return bool(parts)

    async def _send_part(
        self, chat: int, text: str, *, bold: bool, keyboard: InlineKeyboardMarkup | None
    ) -> bool | None:
        """Send one message, again as long as it surely did not arrive; whether it did, none when nobody knows."""
        entity = headline(text) if bold else None
        backoff = Backoff(self._timing.first_pause, self._timing.longest_pause)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timing.give_up_after
        while True:
            try:
                await self._bot.send_message(
                    chat,
                    text,
                    entities=[entity] if entity else None,
                    link_preview_options=_NO_PREVIEW,
                    reply_markup=keyboard,
                )
                return True
            except TooManyRequests as error:
                pause = error.seconds + jittered(0.1)
            except TelegramError as error:
                if not never_sent(error):
                    # Blocked, gone, refused, or the outcome is unknown: saying it twice would be worse.
                    _log_refusal(error)
                    return False if isinstance(error, _REFUSALS) else None
                pause = backoff.next()
            if loop.time() + pause > deadline or await self._closes_within(pause):
                log.warning("reply_given_up", pause=round(pause, 1))
                return False

    async def _closes_within(self, seconds: float) -> bool:
        """Wait `seconds`; true at once if the sender is closed meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                return await self._closing.wait()
        except TimeoutError:
            return False


def _log_refusal(error: TelegramError) -> None:
    # Only a refusal's text is Telegram's own fixed wording; other errors may quote the request.
    detail = error.message if isinstance(error, BadRequest) else None
    log.warning("reply_not_sent", error=type(error).__name__, detail=detail)


def _keyboard(reply: Reply) -> InlineKeyboardMarkup | None:
    if not reply.choices:
        return None
    rows = [[InlineKeyboardButton(choice.label, callback_data=choice.token) for choice in row] for row in reply.choices]
    return InlineKeyboardMarkup(rows)
