"""A notice on its way: the real conversation, notifier and outbox, and the fake Bot API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.notices import Notifier
from bot.settings import Settings
from bot.telling import keep_telling
from bot.wiring import PUSHING, Parts, build
from knowledge import carried, notices
from knowledge.models import Delivery, Reason, Turn
from knowledge.notices import Told
from tests.factories import saved_article
from tests.fakes import HashingEncoder
from tests.telegram.bot_api import FakeBotApi, Fault, dropped, refused, too_many_requests
from tests.telegram.conftest import FAST, StartChannel

CLAIM = "听说柳树村东头的老井昨晚让人投了毒，大家千万别喝井水"


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    """A warm bot that knows nothing yet."""
    settings = Settings(data_dir=tmp_path, secret="a secret of the tests", messages_per_minute=1000, database_url="")
    parts = build(settings, HashingEncoder())
    await parts.database.migrate()
    await parts.warm_up()
    yield parts
    await parts.close()


@pytest.fixture
async def telling(parts: Parts, start_channel: StartChannel) -> AsyncIterator[Parts]:
    """That bot on Telegram, with its clock running."""
    timing = replace(FAST, sweep_every=0.1)
    await start_channel(conversation=parts.conversation, outbox=parts.outbox, timing=timing)
    running = asyncio.create_task(keep_telling(parts.notifier))
    yield parts
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def settle(parts: Parts) -> None:
    """The first rumour has a verdict."""
    async with parts.database.transaction() as session:
        article = await saved_article(session, claim="老井的水有毒。", short_answer="没有，化验合格。")
        told = await notices.tell(session, 1, Reason.VERDICT, at=datetime.now(UTC), article_id=article.id, change=1)
        assert told


async def until(parts: Parts, told: Told) -> None:
    """Wait until telling of the first rumour has come so far."""
    async with asyncio.timeout(10):
        while True:
            async with parts.database.reading() as session:
                if await notices.progress(session, 1) == told:
                    return
            await asyncio.sleep(0.05)


async def test_everybody_who_asked_has_the_verdict_within_seconds_and_once(bot_api: FakeBotApi, telling: Parts) -> None:
    for chat in (7, 8, 9):
        bot_api.send_text(chat, CLAIM, forwarded=True)
        logged = await bot_api.wait_for_reply(chat)
        assert "有结论会在这里告诉您" in logged.text
    bot_api.press(9, logged.message_id, "hush:1")
    await bot_api.wait_for_reply(9, count=2)
    await settle(telling)
    await until(telling, Told(delivered=2))
    await asyncio.sleep(0.5)

    for chat in (7, 8):
        _, told = bot_api.sent(chat)
        assert told.bold == ["❌ 假｜“老井的水有毒”"]
        assert "您之前问过 R1：“听说柳树村东头的老井昨晚让人投了毒，大家…”" in told.text
        assert told.tokens[-1] == "hush:1"
    assert len(bot_api.sent(9)) == 2
    bot_api.press(8, told.message_id, told.tokens[0])
    assert (await bot_api.wait_for_reply(8, count=3)).text.startswith("❌ 假｜")


async def test_a_limited_chat_hears_it_late_and_once(bot_api: FakeBotApi, telling: Parts) -> None:
    bot_api.send_text(7, CLAIM, forwarded=True)
    await bot_api.wait_for_reply(7)
    bot_api.fail("sendMessage", too_many_requests(1, chat=7))
    await settle(telling)
    await until(telling, Told(delivered=1))
    assert len(bot_api.sent(7)) == 2


async def test_who_blocked_the_bot_is_tried_three_times_and_left_alone(bot_api: FakeBotApi, telling: Parts) -> None:
    bot_api.send_text(7, CLAIM, forwarded=True)
    await bot_api.wait_for_reply(7)
    bot_api.blocked.add(7)
    await settle(telling)
    for _ in range(5):
        await until(telling, Told(failed=1))
        await telling.notifier.look_at_the_clock(datetime.now(UTC) + timedelta(hours=2))
        await telling.notifier.put_into_words(datetime.now(UTC))
    assert len(bot_api.called("sendMessage")) == 1 + carried.ATTEMPTS
    async with telling.database.reading() as session:
        assert await session.scalar(select(func.count()).where(Turn.delivery == Delivery.FAILED)) == carried.ATTEMPTS


@pytest.mark.parametrize("fault", [dropped(accepted=True), refused(502)], ids=["dropped", "502"])
async def test_what_may_have_arrived_is_not_said_again(bot_api: FakeBotApi, telling: Parts, fault: Fault) -> None:
    bot_api.send_text(7, CLAIM, forwarded=True)
    await bot_api.wait_for_reply(7)
    bot_api.fail("sendMessage", fault)
    await settle(telling)
    await bot_api.wait_until(lambda: len(bot_api.called("sendMessage")) == 2)
    await telling.notifier.look_at_the_clock(datetime.now(UTC) + timedelta(hours=2))
    assert await telling.notifier.put_into_words(datetime.now(UTC)) == 0
    await asyncio.sleep(0.5)
    assert len(bot_api.called("sendMessage")) == 2
    await until(telling, Told(sending=1))


async def test_a_notice_put_into_words_before_a_kill_goes_out_after_the_next_start(
    bot_api: FakeBotApi, parts: Parts, start_channel: StartChannel
) -> None:
    channel = await start_channel(conversation=parts.conversation, outbox=parts.outbox)
    bot_api.send_text(7, CLAIM, forwarded=True)
    await bot_api.wait_for_reply(7)
    await channel.stop()
    await settle(parts)
    notifier = Notifier(parts.database, parts.vault, "UTC", pushing=PUSHING)
    assert await notifier.put_into_words(datetime.now(UTC)) == 1
    await start_channel(conversation=parts.conversation, outbox=parts.outbox)
    assert (await bot_api.wait_for_reply(7, count=2)).text.startswith("❌ 假｜")
    await until(parts, Told(delivered=1))
