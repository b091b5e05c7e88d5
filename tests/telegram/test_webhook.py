"""The webhook endpoint: who may call it, and what it answers."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.telegram.bot_api import FakeBotApi
from tests.telegram.conftest import SECRET, StartChannel, webhook_channel
from tests.telegram.fakes import FakeConversation

HEADER = b"X-Telegram-Bot-Api-Secret-Token"


def an_update(number: int, text: str = "在吗") -> dict[str, Any]:
    message = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": text}
    return {"update_id": number, "message": message}


async def post(url: str, content: bytes, secret: bytes | None = SECRET.encode()) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(url, content=content, headers=[(HEADER, secret)] if secret is not None else [])
    return answer.status_code


async def test_without_the_secret_nobody_gets_in(start_channel: StartChannel, conversation: FakeConversation) -> None:
    body = json.dumps(an_update(1)).encode()
    async with webhook_channel(start_channel) as (_, url):
        for secret in (None, b"", b"wrong", SECRET.encode() + b"x", b"\xe9"):
            assert await post(url, body, secret) == 403
    assert conversation.asked == []


RUBBISH = [b"", b"\xff\xfe", b"{", b"[1]", b"{}", b'{"update_id": "1"}', b'{"update_id": true}', b"[" * 200_000]
UNKNOWN = [b'{"update_id": 1}', b'{"update_id": 1, "message": {"message_id": 5}}', b'{"update_id": 2, "news": {}}']


async def test_rubbish_is_refused_and_the_unknown_passed_over(
    start_channel: StartChannel, conversation: FakeConversation
) -> None:
    async with webhook_channel(start_channel) as (_, url):
        for body in RUBBISH:
            assert await post(url, body) == 400, body[:40]
        for body in UNKNOWN:
            assert await post(url, body) == 200, body
        assert await post(url, b'{"update_id": 1, "a": "' + b"x" * 1_000_001 + b'"}') == 413
    assert conversation.asked == []


async def test_same_update_twice_is_answered_once(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    bot_api.chats.add(7)
    async with webhook_channel(start_channel) as (_, url):
        for _ in range(2):
            assert await post(url, json.dumps(an_update(1)).encode()) == 200
        await bot_api.wait_for_reply(7)
    assert len(bot_api.sent(7)) == 1


async def test_update_that_was_not_committed_is_not_confirmed(
    start_channel: StartChannel, conversation: FakeConversation
) -> None:
    conversation.dies_after_commit = 1
    async with webhook_channel(start_channel) as (_, url):
        body = json.dumps(an_update(1)).encode()
        assert await post(url, body) == 500
        assert await post(url, body) == 200


async def test_stopped_channel_asks_telegram_to_come_again(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation
) -> None:
    async with webhook_channel(start_channel) as (channel, url):
        await channel.stop()
        assert await post(url, json.dumps(an_update(1)).encode()) == 503
    assert conversation.asked == []
    assert bot_api.webhook_url == url


async def test_polling_has_no_endpoint(start_channel: StartChannel) -> None:
    channel = await start_channel()
    assert channel.routes() == []
