"""Polling loses no update and answers none twice, whatever breaks."""

from __future__ import annotations

import asyncio
import dataclasses
import logging

import httpx
import pytest
from structlog.testing import capture_logs

from bot.messages import IncomingMessage, Reply
from tests.telegram.bot_api import FakeBotApi, dropped, refused, too_many_requests
from tests.telegram.conftest import FAST, StartChannel
from tests.telegram.fakes import FakeConversation, Memory, echo


async def test_update_redelivered_after_a_crash_is_answered_once(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation, memory: Memory
) -> None:
    conversation.dies_after_commit = 1
    first = await start_channel()
    bot_api.send_text(7, "在吗")
    crashed_with = bot_api.updates[0]
    await bot_api.wait_until(lambda: len(conversation.asked) >= 2)
    await first.stop()
    assert bot_api.sent(7) == []
    bot_api.redeliver(crashed_with)
    await start_channel()
    await bot_api.wait_for_reply(7)
    await bot_api.wait_until(lambda: not bot_api.updates and memory.states == {1: "delivered"})
    assert len(bot_api.sent(7)) == 1


async def test_update_is_acknowledged_only_after_it_was_committed(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation
) -> None:
    deciding, decided = asyncio.Event(), asyncio.Event()

    async def decide(message: IncomingMessage) -> Reply | None:
        deciding.set()
        await decided.wait()
        return await echo(message)

    conversation.decide = decide
    await start_channel()
    bot_api.send_text(7, "在吗")
    await deciding.wait()
    assert len(bot_api.updates) == 1
    decided.set()
    await bot_api.wait_until(lambda: bot_api.updates == [])


async def test_stop_finishes_and_acknowledges_what_is_in_hand(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation, memory: Memory
) -> None:
    deciding = asyncio.Event()

    async def decide(message: IncomingMessage) -> Reply | None:
        deciding.set()
        await asyncio.sleep(0.2)
        return await echo(message)

    conversation.decide = decide
    channel = await start_channel()
    bot_api.send_text(7, "在吗")
    await deciding.wait()
    await channel.stop()
    assert bot_api.updates == []
    assert [m.text for m in bot_api.sent(7)] == ["收到：在吗"]
    assert memory.states == {1: "delivered"}


async def test_stop_ends_an_idle_poll_at_once(start_channel: StartChannel) -> None:
    channel = await start_channel(timing=dataclasses.replace(FAST, poll=30, stop_within=10))
    async with asyncio.timeout(3):
        await channel.stop()


async def test_polling_survives_everything_telegram_answers(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    faults = (refused(500), dropped(accepted=True), dropped(accepted=False), too_many_requests(1), refused(400))
    bot_api.fail("getUpdates", *faults)
    await start_channel()
    bot_api.send_text(7, "在吗")
    await bot_api.wait_for_reply(7)
    assert len(bot_api.sent(7)) == 1


async def test_another_poller_is_named_in_the_log_and_outwaited(
    bot_api: FakeBotApi, start_channel: StartChannel
) -> None:
    with capture_logs() as logs:
        await start_channel()
        await bot_api.wait_until(lambda: len(bot_api.called("getUpdates")) == 1)
        async with httpx.AsyncClient(trust_env=False) as other:
            await other.get(f"{bot_api.url}/bot{bot_api.token}/getUpdates")
        bot_api.send_text(7, "在吗")
        await bot_api.wait_for_reply(7)
    conflicts = [line for line in logs if line["event"] == "telegram_poll_conflict"]
    assert "another program polls with this token" in conflicts[0]["help"]


async def test_webhook_left_by_somebody_is_deleted_before_polling(
    bot_api: FakeBotApi, start_channel: StartChannel
) -> None:
    bot_api.webhook_url = "http://127.0.0.1:9/gone"
    bot_api.send_text(7, "在吗")
    await start_channel()
    await bot_api.wait_for_reply(7)


async def test_token_revoked_later_stops_polling_and_says_so(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    channel = await start_channel()
    bot_api.fail("getUpdates", refused(401, "Unauthorized"))
    bot_api.send_text(7, "在吗")
    await bot_api.wait_until(lambda: channel.problem is not None)
    assert "@BotFather" in (channel.problem or "")


async def test_unreadable_update_does_not_stop_the_others(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    bot_api.push("message", {"message_id": "nonsense", "chat": 5})
    bot_api.send_text(7, "在吗")
    await start_channel()
    await bot_api.wait_for_reply(7)
    await bot_api.wait_until(lambda: bot_api.updates == [])


async def test_update_that_always_fails_is_given_up_while_others_are_answered(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation
) -> None:
    async def decide(message: IncomingMessage) -> Reply | None:
        if message.text == "毒":
            raise ValueError("always")
        return await echo(message)

    conversation.decide = decide
    bot_api.send_text(6, "毒")
    bot_api.send_text(6, "后来的")
    bot_api.send_text(7, "在吗")
    await start_channel()
    await bot_api.wait_for_reply(7)
    assert (await bot_api.wait_for_reply(6)).text == "收到：后来的"
    await bot_api.wait_until(lambda: bot_api.updates == [])
    assert len(bot_api.sent(7)) == 1


async def test_nothing_is_given_up_while_everything_fails(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation
) -> None:
    away = True

    async def decide(message: IncomingMessage) -> Reply | None:
        if away:
            raise ConnectionError("no database")
        return await echo(message)

    conversation.decide = decide
    bot_api.send_text(6, "一")
    bot_api.send_text(7, "二")
    await start_channel()
    await bot_api.wait_until(lambda: len(conversation.asked) > 14)
    away = False
    await bot_api.wait_for_reply(6)
    await bot_api.wait_for_reply(7)


async def test_decision_that_hangs_is_asked_for_again(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation
) -> None:
    async def decide(message: IncomingMessage) -> Reply | None:
        if len(conversation.asked) == 1:
            await asyncio.sleep(60)
        return await echo(message)

    conversation.decide = decide
    await start_channel(timing=dataclasses.replace(FAST, decide_within=0.2))
    bot_api.send_text(7, "在吗")
    await bot_api.wait_for_reply(7)


async def test_logs_hold_no_text_no_name_no_chat_and_no_token(
    bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        await start_channel()
        bot_api.fail("sendMessage", refused(400, "Bad Request: chat not found", chat=70007))
        bot_api.send_text(70007, "我的秘密")
        bot_api.send_text(70008, "我的秘密")
        await bot_api.wait_until(lambda: memory.states == {1: "failed", 2: "delivered"})
    written = repr(logs) + caplog.text
    assert "updates_handled" in written
    assert "reply_not_sent" in written
    for secret in ("秘密", "居民", "7000", bot_api.token):
        assert secret not in written
