"""Bringing updates to the bot's webhook: side by side for different chats, in order in one, until each is taken."""

from __future__ import annotations

import asyncio
import json

import httpx

from tests.telegram.bot_api.state import Json, State


class Courier:
    """Delivers while the server is open and a webhook is set."""

    def __init__(self, state: State, first_pause: float = 0.05, longest_pause: float = 1.0) -> None:
        self._state = state
        self._first_pause, self._longest_pause = first_pause, longest_pause
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        while not self._state.webhook_url:
            await self._state.wait_for_change(1.0)
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            try:
                while True:
                    if self._state.webhook_url:
                        self._set_out(client)
                    await self._state.wait_for_change(0.05)
            finally:
                for task in self._under_way.values():
                    task.cancel()
                await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _set_out(self, client: httpx.AsyncClient) -> None:
        self._under_way = {chat: task for chat, task in self._under_way.items() if not task.done()}
        for update in list(self._state.updates):
            chat = _chat_of(update)
            if chat not in self._under_way:
                self._under_way[chat] = asyncio.create_task(self._deliver(client, update))

    async def _deliver(self, client: httpx.AsyncClient, update: Json) -> None:
        pause = self._first_pause
        while self._state.webhook_url:
            # Escaped, as Telegram's own JSON is, so that half characters get through as they are.
            body = json.dumps(update).encode()
            headers = {"X-Telegram-Bot-Api-Secret-Token": self._state.webhook_secret}
            try:
                answer = await client.post(self._state.webhook_url, content=body, headers=headers)
                problem = "" if answer.is_success else f"Wrong response from the webhook: {answer.status_code}"
            except httpx.HTTPError as error:
                problem = type(error).__name__
            if not problem:
                if update in self._state.updates:
                    self._state.updates.remove(update)
                self._state.notify()
                return
            self._state.webhook_error = problem
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._longest_pause)


def _chat_of(update: Json) -> int:
    content = next((value for value in update.values() if isinstance(value, dict)), {})
    chat = content.get("chat") or content.get("message", {}).get("chat") or {}
    return int(chat.get("id", 0))
