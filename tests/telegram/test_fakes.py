"""The fake conversation and outbox keep the contract of `bot.delivery`."""

from __future__ import annotations

import pytest

from bot.delivery import Answering, Outbox
from bot.messages import IncomingMessage, Reply
from tests.telegram.fakes import FakeConversation, FakeOutbox, Memory


def a_message(key: str) -> IncomingMessage:
    return IncomingMessage("telegram", "7", key, text="在吗")


async def test_same_key_gets_the_same_reply_marked_as_repeated() -> None:
    conversation: Answering = FakeConversation(Memory())
    first, again, other = [await conversation.reply_to(a_message(key)) for key in ("1", "1", "2")]
    assert first == Reply("收到：在吗", turn=1)
    assert again == Reply("收到：在吗", turn=1, repeated=True)
    assert other == Reply("收到：在吗", turn=2)


async def test_reply_is_pending_until_claimed_and_claimed_only_once() -> None:
    memory = Memory()
    outbox: Outbox = FakeOutbox(memory)
    reply = await FakeConversation(memory).reply_to(a_message("1"))
    assert [(item.turn, item.address, item.reply) for item in await outbox.pending("telegram")] == [(1, "7", reply)]
    assert [await outbox.claim(1), await outbox.claim(1), await outbox.claim(9)] == [True, False, False]
    assert await outbox.pending("telegram") == []
    await outbox.settle(1, delivered=True)
    assert not await outbox.claim(1)
    with pytest.raises(ValueError, match="not claimed"):
        await outbox.settle(1, delivered=True)
