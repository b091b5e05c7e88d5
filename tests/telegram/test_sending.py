"""Each reply reaches its resident at most once, and no chat waits for another."""

from __future__ import annotations

import asyncio
import dataclasses
import time

import pytest

from bot.messages import IncomingMessage, Reply
from tests.telegram.bot_api import FakeBotApi, Fault, dropped, refused, slow, too_many_requests
from tests.telegram.conftest import FAST, StartChannel
from tests.telegram.fakes import FakeConversation, FakeOutbox, Memory


def remembered(memory: Memory, chat: int, text: str, key: str) -> int:
    """A reply committed by an earlier process; its turn."""
    reply = memory.commit(IncomingMessage("telegram", str(chat), key), Reply(text))
    assert reply is not None
    return reply.turn


async def test_killed_before_the_claim_is_sent_at_the_next_start(
    bot_api: FakeBotApi, start_channel: StartChannel, outbox: FakeOutbox, memory: Memory
) -> None:
    outbox.away = True
    first = await start_channel()
    bot_api.send_text(7, "在吗")
    await bot_api.wait_until(lambda: memory.states == {1: "pending"} and bot_api.updates == [])
    await first.stop()
    assert bot_api.sent(7) == []
    outbox.away = False
    await start_channel()
    assert (await bot_api.wait_for_reply(7)).text == "收到：在吗"


async def test_killed_after_the_claim_is_not_sent_again(
    bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory
) -> None:
    turn = remembered(memory, 7, "也许已经到了", "1")
    memory.states[turn] = "sending"
    bot_api.chats.add(7)
    await start_channel()
    bot_api.send_text(7, "在吗")
    assert (await bot_api.wait_for_reply(7)).text == "收到：在吗"
    assert len(bot_api.sent(7)) == 1


async def test_what_was_left_is_sent_before_what_is_new_in_order(
    bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory
) -> None:
    remembered(memory, 7, "旧一", "1")
    remembered(memory, 7, "旧二", "2")
    bot_api.send_text(7, "新")
    await start_channel()
    await bot_api.wait_for_reply(7, count=3)
    assert [m.text for m in bot_api.sent(7)] == ["旧一", "旧二", "收到：新"]


async def test_reply_another_process_left_is_found_by_the_sweep(
    bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory
) -> None:
    bot_api.chats.add(7)
    await start_channel(timing=dataclasses.replace(FAST, sweep_every=0.1))
    remembered(memory, 7, "别的进程没来得及发", "1")
    await bot_api.wait_for_reply(7)
    await asyncio.sleep(0.3)
    assert len(bot_api.sent(7)) == 1


async def test_limited_chat_delays_no_other_and_gets_its_answers_in_order(
    bot_api: FakeBotApi, start_channel: StartChannel
) -> None:
    bot_api.fail("sendMessage", too_many_requests(1, chat=7))
    await start_channel()
    begun = time.monotonic()
    bot_api.send_text(7, "一")
    bot_api.send_text(7, "二")
    await bot_api.wait_until(lambda: len(bot_api.called("sendMessage")) == 1)
    bot_api.send_text(8, "别人")
    await bot_api.wait_for_reply(8)
    assert bot_api.sent(7) == []
    await bot_api.wait_for_reply(7, count=2)
    assert [m.text for m in bot_api.sent(7)] == ["收到：一", "收到：二"]
    assert time.monotonic() - begun >= 1.0


async def test_slow_chat_delays_no_other(bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory) -> None:
    bot_api.fail("sendMessage", slow(0.9, chat=7))
    await start_channel()
    bot_api.send_text(7, "一")
    await bot_api.wait_for_reply(7)
    bot_api.send_text(8, "别人")
    await bot_api.wait_for_reply(8)
    assert memory.states[1] == "sending"


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (refused(400, "Bad Request: chat not found"), "failed"),
        (refused(403, "Forbidden: user is deactivated"), "failed"),
        (refused(500, "Internal Server Error"), "sending"),
        (refused(502), "sending"),
        (dropped(accepted=True), "sending"),
        (dropped(accepted=False), "sending"),
        (slow(1.0), "sending"),
    ],
    ids=["unknown-chat", "deactivated", "500", "502", "dropped-after", "dropped-before", "time-out"],
)
async def test_reply_that_failed_or_may_have_arrived_is_not_repeated(
    bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory, fault: Fault, state: str
) -> None:
    """Only what surely did not arrive is said to have failed: a notice that failed is tried again."""
    bot_api.fail("sendMessage", fault)
    await start_channel(timing=dataclasses.replace(FAST, request=0.5) if fault.delay else FAST)
    bot_api.send_text(7, "一")
    await bot_api.wait_until(lambda: memory.states.get(1) == state)
    await bot_api.wait_until(lambda: len(bot_api.called("sendMessage")) == 1)
    bot_api.send_text(7, "二")
    await bot_api.wait_until(lambda: memory.states == {1: state, 2: "delivered"})
    assert len(bot_api.called("sendMessage")) == 2


async def test_resident_who_blocked_the_bot_is_settled_and_left_alone(
    bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory
) -> None:
    bot_api.blocked.add(7)
    await start_channel()
    bot_api.send_text(7, "在吗")
    bot_api.send_text(8, "在吗")
    await bot_api.wait_for_reply(8)
    await bot_api.wait_until(lambda: memory.states == {1: "failed", 2: "delivered"})


async def test_reply_that_never_left_is_tried_until_telegram_is_back(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation, memory: Memory
) -> None:
    deciding, decided = asyncio.Event(), asyncio.Event()

    async def decide(_message: IncomingMessage) -> Reply:
        deciding.set()
        await decided.wait()
        return Reply("回来了")

    conversation.decide = decide
    await start_channel()
    bot_api.send_text(7, "在吗")
    await deciding.wait()
    await bot_api.stop()
    decided.set()
    await bot_api.wait_until(lambda: memory.states == {1: "sending"})
    await asyncio.sleep(0.3)
    await bot_api.start()
    await bot_api.wait_for_reply(7)
    await bot_api.wait_until(lambda: memory.states == {1: "delivered"})
    assert len(bot_api.sent(7)) == 1


async def test_reply_is_given_up_when_the_wait_would_be_too_long(
    bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory
) -> None:
    bot_api.fail("sendMessage", too_many_requests(3600))
    await start_channel()
    bot_api.send_text(7, "一")
    await bot_api.wait_until(lambda: memory.states == {1: "failed"})


async def test_stop_leaves_what_it_cannot_send_for_the_next_start(
    bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory
) -> None:
    bot_api.fail("sendMessage", too_many_requests(2))
    first = await start_channel(timing=dataclasses.replace(FAST, stop_within=0.2))
    bot_api.send_text(7, "一")
    bot_api.send_text(7, "二")
    await bot_api.wait_until(lambda: memory.states == {1: "sending", 2: "pending"})
    await first.stop()
    assert memory.states == {1: "failed", 2: "pending"}
    await start_channel()
    assert (await bot_api.wait_for_reply(7)).text == "收到：二"


async def test_empty_reply_is_settled_as_not_delivered(
    bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory
) -> None:
    remembered(memory, 7, " \n", "1")
    await start_channel()
    await bot_api.wait_until(lambda: memory.states == {1: "failed"})
    assert bot_api.called("sendMessage") == []


async def test_rush_is_paced_before_the_claim_so_that_stopping_loses_nothing(
    bot_api: FakeBotApi, start_channel: StartChannel, memory: Memory
) -> None:
    chats = range(1, 61)
    for chat in chats:
        bot_api.send_text(chat, "地震了吗")
    first = await start_channel(timing=dataclasses.replace(FAST, stop_within=0.05))
    await bot_api.wait_until(lambda: len(memory.states) == len(chats))
    await first.stop()
    assert set(memory.states.values()) == {"delivered", "pending"}
    await start_channel()
    await bot_api.wait_until(lambda: set(memory.states.values()) == {"delivered"})
    assert [len(bot_api.sent(chat)) for chat in chats] == [1] * len(chats)
