"""kill -9 at any moment: what was answered is remembered, and nothing is answered twice."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.e2e.server import Server
from tests.telegram.bot_api import FakeBotApi

ROUNDS = int(os.environ.get("QIUZHEN_TEST_KILL_ROUNDS", "3"))
"""How often the server is killed; a few in every run, hundreds for a soak."""
_FIRST_CHAT = 10_000
_QUIET_WITHIN = 60.0
_MOST_WAITING = 200
"""Replies that may be outstanding: people who write on and on while a slow machine starts the server would leave it
more than it can answer in time, and prove no more."""


def _rumour(number: int) -> str:
    return f"听说昨晚镇上的老井让人投了毒，有{number}个人看见了，大家千万别喝"


@dataclass(slots=True)
class Telegram:
    """People who each write one message; so what a chat received is what was said to that message."""

    api: FakeBotApi
    chats: list[int] = field(default_factory=list)

    async def write(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            answered = {chat for chat, _ in self.api.outgoing}
            if len(self.chats) - len(answered) >= _MOST_WAITING:
                await asyncio.sleep(0.1)
                continue
            chat = _FIRST_CHAT + len(self.chats)
            self.chats.append(chat)
            self.api.send_text(chat, _rumour(chat), forwarded=True)
            await asyncio.sleep(random.uniform(0.0, 0.06))


@dataclass(slots=True)
class Web:
    """A browser that sends every message again until it is answered."""

    client: httpx.AsyncClient
    answers: dict[str, str] = field(default_factory=dict)

    async def write(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            key = f"message-{len(self.answers):08}"
            self.answers[key] = await self.send(key)
            await asyncio.sleep(random.uniform(0.0, 0.06))

    async def send(self, key: str) -> str:
        while True:
            try:
                response = await self.client.post("/chat/messages", json={"id": key, "text": _rumour(int(key[-8:]))})
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if response.status_code == 200:
                return str(response.json()["text"])
            await asyncio.sleep(0.1)


async def test_killed_server_loses_nothing_it_answered_and_answers_nothing_twice(
    server: Server, bot_api: FakeBotApi
) -> None:
    server.telegram(bot_api.url)
    await server.start()
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=10) as client:
        await client.get("/")  # the cookie that says who we are
        telegram, web = Telegram(bot_api), Web(client)
        stop = asyncio.Event()
        writing = [asyncio.create_task(telegram.write(stop)), asyncio.create_task(web.write(stop))]
        for _ in range(ROUNDS):
            await asyncio.sleep(random.uniform(0.2, 2.5))
            server.kill()
            server.spawn()
            if random.random() < 0.3:  # sometimes it is killed again while it starts
                await asyncio.sleep(random.uniform(0.0, 2.0))
                continue
            await server.ready()
        stop.set()
        await server.ready()
        await asyncio.gather(*writing)
        repeated = {key: await web.send(key) for key in web.answers}
        await _quiet(server, bot_api, telegram)
    assert repeated == web.answers
    received = {chat: len(bot_api.sent(chat)) for chat in telegram.chats}
    assert {chat: count for chat, count in received.items() if count > 1} == {}, "answered twice"
    unanswered = [chat for chat, count in received.items() if not count]
    server.kill()
    _check_database(server, telegram, web, unanswered)
    assert "Traceback" not in server.written()


async def _quiet(server: Server, bot_api: FakeBotApi, telegram: Telegram) -> None:
    """Wait until every update was taken and every reply is sent or given up."""
    deadline = asyncio.get_running_loop().time() + _QUIET_WITHIN
    while asyncio.get_running_loop().time() < deadline:
        rows = _rows(server, "SELECT delivery FROM turns WHERE channel = 'telegram'")
        if len(rows) == len(telegram.chats) and not any(state == "pending" for (state,) in rows):
            await bot_api.wait_for_change(0.5)
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"{len(rows)} of {len(telegram.chats)} updates handled\n{server.written()[-3000:]}")


def _check_database(server: Server, telegram: Telegram, web: Web, unanswered: list[int]) -> None:
    turns = _rows(server, "SELECT channel, count(*), count(DISTINCT key) FROM turns GROUP BY channel")
    assert sorted(turns) == [
        ("telegram", len(telegram.chats), len(telegram.chats)),
        ("web", len(web.answers), len(web.answers)),
    ]
    seen = _rows(server, "SELECT text, count(*) FROM sightings JOIN turns ON turns.id = turn_id GROUP BY text, channel")
    expected = [_rumour(chat) for chat in telegram.chats] + [_rumour(int(key[-8:])) for key in web.answers]
    assert sorted(seen) == sorted((text, 1) for text in expected)
    [(sightings,)] = _rows(server, "SELECT sum(sightings) FROM rumours")
    assert sightings == len(expected)
    # Only a reply that was on its way when the server died may be missing: nobody knows whether it had arrived.
    [(on_their_way,)] = _rows(server, "SELECT count(*) FROM turns WHERE delivery = 'sending'")
    assert len(unanswered) <= on_their_way
    [(intact,)] = _rows(server, "PRAGMA integrity_check")
    assert intact == "ok"


def _rows(server: Server, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(server.data / "qiuzhen.db", timeout=30)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
