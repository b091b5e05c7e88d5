"""The real server from outside: webhook mode, slow and blocked chats, a clean stop."""

from __future__ import annotations

import asyncio
import time

import httpx

from tests.e2e.server import Server
from tests.telegram.bot_api import FakeBotApi, slow

LIQUOR = "喝高度白酒能杀死病毒吗"


async def test_webhook_mode_answers_and_takes_buttons(server: Server, bot_api: FakeBotApi) -> None:
    server.telegram(
        bot_api.url,
        QIUZHEN_TELEGRAM_WEBHOOK_URL=f"{server.url}/telegram/webhook",
        QIUZHEN_TELEGRAM_WEBHOOK_SECRET="a-secret_of-the-webhook",
    )
    await server.start()
    bot_api.send_text(7, LIQUOR)
    answer = await bot_api.wait_for_reply(7, within=30)
    assert answer.text.startswith("❌ 假｜“喝高度白酒可以杀死体内的病毒，预防感染”")
    bot_api.press(7, answer.message_id, next(token for token in answer.tokens if token.startswith("src:")))
    sources = await bot_api.wait_for_reply(7, 2, within=30)

    assert "资料来源" in sources.text
    assert bot_api.webhook_url == f"{server.url}/telegram/webhook"
    async with httpx.AsyncClient(trust_env=False) as client:
        forged = await client.post(f"{server.url}/telegram/webhook", json={"update_id": 1})
        health = (await client.get(f"{server.url}/health")).json()
    assert forged.status_code == 403
    assert health == {"ok": True, "articles": health["articles"], "database": "ok", "telegram": "ok"}
    assert health["articles"] >= 60


async def test_slow_and_blocked_chats_hold_up_nobody(server: Server, bot_api: FakeBotApi) -> None:
    server.telegram(bot_api.url)
    await server.start()
    bot_api.send_text(1, "你好")
    await bot_api.wait_for_reply(1, within=30)
    bot_api.fail("sendMessage", slow(8.0, chat=7))
    bot_api.chats.add(8)
    bot_api.blocked.add(8)
    for _ in range(3):
        bot_api.send_text(7, LIQUOR)
        bot_api.send_text(8, LIQUOR)
    started = time.monotonic()
    for chat in range(20, 30):
        bot_api.send_text(chat, LIQUOR)
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        web = await client.post(f"{server.url}/chat/messages", json={"id": "message-1", "text": LIQUOR})
    await asyncio.gather(*(bot_api.wait_for_reply(chat, within=20) for chat in range(20, 30)))

    assert time.monotonic() - started < 6.0, "the slow chat's reply takes eight seconds"
    assert web.json()["article"] == "baijiu-virus"
    await bot_api.wait_for_reply(7, 3, within=30)
    assert bot_api.sent(8) == []


async def test_server_without_telegram_stops_when_told(server: Server) -> None:
    await server.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        health = (await client.get(f"{server.url}/health")).json()

    assert health["telegram"] == "off"
    assert await asyncio.to_thread(server.terminate) in (0, -15)
    assert "Traceback" not in server.written()
