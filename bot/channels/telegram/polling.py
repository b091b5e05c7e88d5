"""Fetching updates so that none is lost: Telegram is told of an update only after it has been committed.

The library's own updater acknowledges updates while they sit in a queue in memory; a process that dies then has lost
them. Here the offset moves past an update only once it was handled.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.telegram.api import Backoff, Timing, TooManyRequests, jittered, log
from bot.channels.telegram.errors import BadToken

ALLOWED_UPDATES = ("message", "edited_message", "callback_query")
ATTEMPTS = 5
"""Rounds in which an update may fail while others succeed; after that it is passed over."""


class Poller:
    """Polls until `stopping` is set, handing each update to `handle`, which raises if it could not commit it."""

    def __init__(
        self, bot: Bot, handle: Callable[[Update], Awaitable[None]], timing: Timing, stopping: asyncio.Event
    ) -> None:
        self._bot = bot
        self._handle = handle
        self._timing = timing
        self._stopping = stopping
        self._backoff = Backoff(timing.first_pause, timing.longest_pause)
        self._trouble = Backoff(timing.first_pause, timing.longest_pause)
        self._failures: Counter[int] = Counter()
        self._offset: int | None = None
        self._acknowledged: int | None = None

    async def run(self) -> None:
        """Poll until stopped. Raises: BadToken."""
        while not self._stopping.is_set():
            updates, pause = await self._fetch()
            if updates:
                pause = await self._take(updates)
            if pause:
                await self._pause(pause)
        await self._acknowledge()

    async def _fetch(self) -> tuple[Sequence[Update], float]:
        """The next batch and how long to pause because there is none."""
        offset = self._offset
        try:
            updates = await self._unless_stopping(
                self._bot.get_updates(offset=offset, timeout=self._timing.poll, allowed_updates=ALLOWED_UPDATES)
            )
        except InvalidToken:
            raise BadToken from None
        except TooManyRequests as error:
            log.warning("telegram_poll_limited", seconds=error.seconds)
            return (), error.seconds + jittered(self._timing.first_pause)
        except Conflict:
            log.error("telegram_poll_conflict", help="another program polls with this token, or a webhook is set")
            return (), jittered(self._timing.conflict_pause)
        except TelegramError as error:
            log.warning("telegram_poll_failed", error=type(error).__name__)
            return (), self._backoff.next()
        except Exception as error:  # an answer that is no Bot API answer must not end polling
            log.error("telegram_poll_failed", error=type(error).__name__)
            return (), self._backoff.next()
        self._backoff.reset()
        self._acknowledged = offset
        return updates, 0.0

    async def _take(self, updates: Sequence[Update]) -> float:
        """Handle a batch, chats side by side; move the offset; seconds to pause if something failed."""
        chats: dict[int, list[Update]] = {}
        for update in updates:
            chat = update.effective_chat
            chats.setdefault(chat.id if chat else 0, []).append(update)
        outcomes = await asyncio.gather(*(self._take_in_order(chat) for chat in chats.values()))
        failed = sorted(update for update, _ in outcomes if update is not None)
        handled = sum(count for _, count in outcomes)
        log.info("updates_handled", handled=handled, failed=len(failed))
        if not failed:
            self._offset = updates[-1].update_id + 1
            self._failures.clear()
            self._trouble.reset()
            return 0.0
        # If nothing succeeds the trouble is ours (the database is away) and waiting costs nobody anything; an update
        # that fails while others succeed is itself the trouble, and must not stand in everybody's way for ever.
        if handled:
            self._failures.update(failed)
        # Everything from here on comes again; what was committed is recognised by its key.
        self._offset = failed[0]
        return self._trouble.next()

    async def _take_in_order(self, updates: Sequence[Update]) -> tuple[int | None, int]:
        """Handle one chat's updates; the id of the first that failed, where it stops, and how many succeeded."""
        handled = 0
        for update in updates:
            if self._failures[update.update_id] >= ATTEMPTS:
                log.error("update_given_up", update=update.update_id, attempts=ATTEMPTS)
                continue
            try:
                await self._handle(update)
            except Exception as error:  # whatever it was: not committed, so not acknowledged
                log.error("update_failed", update=update.update_id, error=type(error).__name__)
                return update.update_id, handled
            handled += 1
        return None, handled

    async def _unless_stopping(self, poll: Awaitable[Sequence[Update]]) -> Sequence[Update]:
        """What `poll` returns, or nothing as soon as we are to stop."""
        polling = asyncio.ensure_future(poll)
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((polling, stopped), return_when=asyncio.FIRST_COMPLETED)
            return polling.result() if polling.done() else ()
        finally:
            for task in (polling, stopped):
                task.cancel()
            await asyncio.gather(polling, stopped, return_exceptions=True)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            pass

    async def _acknowledge(self) -> None:
        """Tell Telegram what was handled last, so that the next start does not get it again."""
        if self._offset is None or self._offset == self._acknowledged:
            return
        try:
            await self._bot.get_updates(offset=self._offset, limit=1, timeout=0, allowed_updates=ALLOWED_UPDATES)
        except Exception as error:  # it comes again then, and is recognised by its key
            log.info("telegram_last_acknowledgement_failed", error=type(error).__name__)
