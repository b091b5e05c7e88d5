"""The Telegram channel: start and stop, the handlers, and the webhook endpoint.

Deciding and sending are apart. A handler returns once the conversation has committed what to say, and only then is the
update acknowledged; the reply goes to the `Sender`, so that a slow or rate-limited chat holds up nobody else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from starlette.routing import Route
from telegram import Update
from telegram.constants import ChatAction
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import CallbackQueryHandler, MessageHandler, filters

from bot.channels.telegram.api import Backoff, Timing, TooManyRequests, build_application, jittered, log
from bot.channels.telegram.commands import set_commands
from bot.channels.telegram.errors import BadToken, BadWebhook, TelegramChannelError
from bot.channels.telegram.polling import ALLOWED_UPDATES, Poller
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.updates import Albums, incoming
from bot.channels.telegram.webhook import WebhookEndpoint
from bot.delivery import Answering, Outbox, Undelivered
from bot.messages import IncomingMessage

WEBHOOK_PATH = "/telegram/webhook"

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_USED_UP = ("pick:", "none:")
"""Tokens of menus that are done with once a button was pressed."""


class TelegramChannel:
    """Private chats on Telegram. With `webhook_url` Telegram calls us there; without it we poll."""

    def __init__(
        self,
        *,
        token: str,
        api_url: str = "https://api.telegram.org",
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        conversation: Answering,
        outbox: Outbox,
        proxy: str | None = None,
        timing: Timing | None = None,
        concurrency: int = 16,
    ) -> None:
        """Nothing is contacted before `start`.

        `webhook_url` is the public address of `POST /telegram/webhook`, `concurrency` the number of messages decided
        on at the same time.

        Raises: BadToken, BadWebhook.
        """
        if not _TOKEN.fullmatch(token):
            raise BadToken
        if webhook_url is not None and not _SECRET.fullmatch(webhook_secret or ""):
            raise BadWebhook("需要一个由 1 到 256 个字母、数字、下划线或连字符组成的密钥。")
        self._timing = timing or Timing()
        self._webhook_url = webhook_url
        self._webhook_secret = webhook_secret or ""
        self._conversation = conversation
        self._outbox = outbox
        self._application = build_application(token, api_url, self._timing, proxy)
        self._application.add_handler(CallbackQueryHandler(self._on_press))
        self._application.add_handler(MessageHandler(filters.UpdateType.MESSAGES, self._on_message))
        self._application.add_error_handler(self._on_error)
        self._bot = self._application.bot
        self._sender = Sender(self._bot, outbox, self._timing)
        self._stopping = asyncio.Event()
        self._ready = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._small_tasks: set[asyncio.Task[None]] = set()
        self._in_hand: set[asyncio.Task[Any]] = set()
        self._slots = asyncio.Semaphore(concurrency)
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._errors: dict[int, Exception] = {}
        self._albums = Albums()
        self.problem: str | None = None
        """Why the channel does not work, for the health page; none while it does."""

    async def start(self) -> None:
        """Connect, send what an earlier process left, then receive.

        Returns when messages are received, or after `Timing.start_within` seconds if Telegram cannot be reached: the
        other channels need not wait for it. It is tried again in the background then.

        Raises: BadToken, BadWebhook.
        """
        self._running = asyncio.create_task(self._run())
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait(
            (self._running, ready), timeout=self._timing.start_within, return_when=asyncio.FIRST_COMPLETED
        )
        ready.cancel()
        if self._running.done():
            try:
                self._running.result()
            finally:
                await self._application.shutdown()
                await self._bot.shutdown()

    async def stop(self) -> None:
        """Finish what is in hand, for at most about `Timing.stop_within` seconds, and disconnect."""
        self._stopping.set()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timing.stop_within
        if self._running is not None and not self._ready.is_set():
            self._running.cancel()
        working = {*self._in_hand, *({self._running} if self._running else ())}
        if working:
            await asyncio.wait(working, timeout=self._timing.stop_within)
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._sender.close(max(deadline - loop.time(), 0.0))
        for task in tuple(self._small_tasks):
            task.cancel()
        await asyncio.gather(*self._small_tasks, return_exceptions=True)
        await self._application.shutdown()
        # The application only disconnects a bot that it had got to know.
        await self._bot.shutdown()

    def routes(self) -> list[Route]:
        """What to mount in the web application; empty when polling."""
        if self._webhook_url is None:
            return []
        endpoint = WebhookEndpoint(self._webhook_secret, self._take, self._is_open)
        return [Route(WEBHOOK_PATH, endpoint.receive, methods=["POST"])]

    def _is_open(self) -> bool:
        return self._ready.is_set() and not self._stopping.is_set()

    # Starting

    async def _run(self) -> None:
        """Everything from connecting to stopping."""
        try:
            await self._until_done(self._application.initialize)
            await self._publish_commands()
            await self._send_pending()
            if self._webhook_url is not None:
                await self._until_done(self._set_webhook)
            else:
                await self._until_done(self._bot.delete_webhook)
            self.problem = None
            self._ready.set()
            log.info("telegram_started", mode="webhook" if self._webhook_url else "polling")
            await self._receive()
        except Exception as error:
            known = isinstance(error, TelegramChannelError)
            self.problem = str(error) if known else f"Telegram 渠道意外停止（{type(error).__name__}）。"
            log.error("telegram_stopped", problem=self.problem)
            raise

    async def _receive(self) -> None:
        sweeping = asyncio.create_task(self._sweep())
        try:
            if self._webhook_url is not None:
                await self._stopping.wait()
            else:
                await Poller(self._bot, self._take, self._timing, self._stopping).run()
        finally:
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)

    async def _until_done(self, operation: Callable[[], Awaitable[object]]) -> None:
        """Do `operation`, again and again while Telegram cannot be reached. Raises: BadToken, BadWebhook."""
        backoff = Backoff(self._timing.first_pause, self._timing.longest_pause)
        while True:
            try:
                await operation()
                return
            except InvalidToken:
                # Not chained: the library's message holds the token.
                raise BadToken from None
            except BadRequest as error:
                raise BadWebhook(error.message) from None
            except TooManyRequests as error:
                pause = error.seconds + jittered(self._timing.first_pause)
            except TelegramError as error:
                self.problem = f"Telegram 暂时无法连接（{type(error).__name__}），正在重试。"
                log.warning("telegram_unreachable", error=type(error).__name__)
                pause = backoff.next()
            await asyncio.sleep(pause)

    async def _publish_commands(self) -> None:
        try:
            await set_commands(self._bot)
        except InvalidToken:
            raise BadToken from None
        except TelegramError as error:
            # The menu is a convenience, and the last one set is still there.
            log.warning("telegram_commands_not_set", error=type(error).__name__)

    async def _set_webhook(self) -> None:
        await self._bot.set_webhook(
            self._webhook_url or "", secret_token=self._webhook_secret, allowed_updates=ALLOWED_UPDATES
        )

    async def _send_pending(self) -> None:
        """Send what was committed and never claimed, by us or by another process."""
        try:
            pending = await self._outbox.pending("telegram")
        except Exception as error:  # the outbox is away; the next sweep tries again
            log.error("telegram_sweep_failed", error=type(error).__name__)
            return
        for item in pending:
            self._sender.enqueue(item)
        if pending:
            log.info("replies_found_unsent", count=len(pending))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._timing.sweep_every)
            await self._send_pending()

    # Receiving

    async def _take(self, update: Update) -> None:
        """Let the handlers deal with `update`, one at a time in each chat; raises what they raised."""
        chat = update.effective_chat
        lock = self._locks.setdefault(chat.id if chat else 0, asyncio.Lock())
        task = asyncio.current_task()
        if task is not None and task is not self._running:
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)
        async with lock, self._slots:
            await self._application.process_update(update)
            error = self._errors.pop(update.update_id, None)
        if error is not None:
            raise error

    async def _on_error(self, update: object, context: Any) -> None:
        # The library swallows what handlers raise; `_take` must know of it.
        if isinstance(update, Update):
            self._errors[update.update_id] = context.error

    async def _on_message(self, update: Update, _context: Any) -> None:
        message = incoming(update)
        if message is not None and not self._albums.is_answered(update):
            await self._answer(message)
            self._albums.answered(update)

    async def _on_press(self, update: Update, _context: Any) -> None:
        query = update.callback_query
        if query is None:
            return
        # At once, and whatever becomes of the press: until then the resident's button keeps spinning.
        self._in_background(partial(self._bot.answer_callback_query, query.id))
        message = incoming(update)
        if message is None or query.message is None:
            return
        await self._answer(message)
        if (message.pressed or "").startswith(_USED_UP):
            menu = query.message
            self._in_background(
                partial(self._bot.edit_message_reply_markup, chat_id=menu.chat.id, message_id=menu.message_id)
            )

    async def _answer(self, message: IncomingMessage) -> None:
        """Have the conversation decide and commit, then pass its reply to the sender."""
        typing = asyncio.get_running_loop().call_later(
            self._timing.typing_after,
            self._in_background,
            partial(self._bot.send_chat_action, int(message.address), ChatAction.TYPING),
        )
        try:
            async with asyncio.timeout(self._timing.decide_within):
                reply = await self._conversation.reply_to(message)
        finally:
            typing.cancel()
        if reply is not None and not reply.repeated:
            self._sender.enqueue(Undelivered(reply.turn, message.address, reply))

    def _in_background(self, request: Callable[[], Awaitable[object]]) -> None:
        """Make a request whose outcome nobody waits for."""

        async def make() -> None:
            try:
                await request()
            except Exception as error:
                # A stale button, an unchanged message, a blocked bot: nothing to be done about any of them.
                log.debug("telegram_courtesy_failed", error=type(error).__name__)

        task = asyncio.create_task(make())
        self._small_tasks.add(task)
        task.add_done_callback(self._small_tasks.discard)
