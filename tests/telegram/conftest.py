"""The fake Bot API and Telegram channels that talk to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels.telegram import TelegramChannel, Timing
from tests.telegram.bot_api import TOKEN, FakeBotApi
from tests.telegram.bot_api.server import EmbeddedServer, listen
from tests.telegram.fakes import FakeConversation, FakeOutbox, Memory

FAST = Timing(
    poll=5, request=5.0, typing_after=0.2, decide_within=5.0, first_pause=0.05, longest_pause=0.2, conflict_pause=0.3,
    give_up_after=3.0, start_within=10.0, stop_within=1.0, sweep_every=30.0,
)  # fmt: skip
SECRET = "a-secret_of-the-webhook"

StartChannel = Callable[..., Awaitable[TelegramChannel]]


@pytest.fixture
async def bot_api() -> AsyncIterator[FakeBotApi]:
    """A running fake Bot API with nobody in it."""
    server = FakeBotApi()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def conversation(memory: Memory) -> FakeConversation:
    return FakeConversation(memory)


@pytest.fixture
def outbox(memory: Memory) -> FakeOutbox:
    return FakeOutbox(memory)


@pytest.fixture
async def start_channel(
    bot_api: FakeBotApi, conversation: FakeConversation, outbox: FakeOutbox
) -> AsyncIterator[StartChannel]:
    """Start channels with `FAST` timing and the shared memory, unless told otherwise; all are stopped at the end."""
    channels: list[TelegramChannel] = []

    async def start(**changes: Any) -> TelegramChannel:
        arguments: dict[str, Any] = {
            "token": TOKEN, "api_url": bot_api.url, "conversation": conversation, "outbox": outbox, "timing": FAST,
        }  # fmt: skip
        channel = TelegramChannel(**(arguments | changes))
        channels.append(channel)
        await channel.start()
        return channel

    yield start
    for channel in channels:
        await channel.stop()


@pytest.fixture(params=["polling", "webhook"])
async def channel(request: pytest.FixtureRequest, start_channel: StartChannel) -> AsyncIterator[TelegramChannel]:
    """A running channel, once by polling and once by webhook."""
    if request.param == "polling":
        yield await start_channel()
        return
    async with webhook_channel(start_channel) as (channel, _):
        yield channel


@contextlib.asynccontextmanager
async def webhook_channel(start_channel: StartChannel, **changes: Any) -> AsyncIterator[tuple[TelegramChannel, str]]:
    """A channel behind a real web server, and the address of its webhook."""
    listener = listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/telegram/webhook"
    channel = await start_channel(webhook_url=url, webhook_secret=SECRET, **changes)
    server = EmbeddedServer(uvicorn.Config(Starlette(routes=channel.routes()), log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield channel, url
    finally:
        await channel.stop()
        server.leave()
        await serving
