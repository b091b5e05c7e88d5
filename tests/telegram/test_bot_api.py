"""The fake Bot API behaves like Telegram where the bot, and other tests, rely on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, MessageEntity
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from tests.telegram.bot_api import TOKEN, FakeBotApi


def a_bot(server: FakeBotApi, token: str = TOKEN) -> Bot:
    return Bot(
        token,
        base_url=f"{server.url}/bot",
        base_file_url=f"{server.url}/file/bot",
        request=HTTPXRequest(httpx_kwargs={"trust_env": False}),
        get_updates_request=HTTPXRequest(httpx_kwargs={"trust_env": False}),
    )


@pytest.fixture
async def bot(bot_api: FakeBotApi) -> AsyncIterator[Bot]:
    """The library's own bot, without anything of ours, for whom chat 7 exists."""
    bot_api.chats.add(7)
    async with a_bot(bot_api) as bot:
        yield bot


def keyboard(data: str, label: str = "好") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]])


async def refusal_of(call: Awaitable[object]) -> tuple[type[TelegramError], str]:
    with pytest.raises(TelegramError) as caught:
        await call
    return type(caught.value), caught.value.message


async def test_unknown_token_is_unauthorized(bot_api: FakeBotApi) -> None:
    bot = a_bot(bot_api, "1:other")
    with pytest.raises(InvalidToken):
        await bot.initialize()
    await bot.shutdown()


async def test_message_is_kept_as_sent_and_edited(bot: Bot, bot_api: FakeBotApi) -> None:
    bold = MessageEntity(MessageEntity.BOLD, 0, 2)
    message = await bot.send_message(7, "🚨 诈骗", entities=[bold], reply_markup=keyboard("a"))
    assert (bot_api.sent(7)[0].bold, bot_api.sent(7)[0].tokens) == (["🚨"], ["a"])
    await bot.edit_message_text("改了", 7, message.message_id)
    assert (bot_api.sent(7)[0].text, bot_api.sent(7)[0].buttons) == ("改了", ())
    assert (await refusal_of(bot.edit_message_reply_markup(7, message.message_id)))[1].startswith("Message is not mod")
    assert (await refusal_of(bot.edit_message_reply_markup(7, 999)))[1] == "Message to edit not found"


@pytest.mark.parametrize(
    ("text", "entities", "markup", "refusal"),
    [
        (" \n", [], None, "Message text is empty"),
        ("字" * 4097, [], None, "Message is too long"),
        ("😀" * 2049, [], None, "Message is too long"),
        ("😀", [(0, 1)], None, "Entity cuts through a character"),
        ("字", [(0, 2)], None, "Entity is out of the text"),
        ("字", [], keyboard("字" * 22), "Button_data_invalid"),
        ("字", [], keyboard("a", " "), "Text buttons are unallowed in the inline keyboard"),
    ],
)
async def test_message_telegram_would_not_take_is_refused(
    bot: Bot, text: str, entities: list[tuple[int, int]], markup: InlineKeyboardMarkup | None, refusal: str
) -> None:
    bold = [MessageEntity(MessageEntity.BOLD, offset, length) for offset, length in entities]
    assert await refusal_of(bot.send_message(7, text, entities=bold, reply_markup=markup)) == (BadRequest, refusal)


async def test_longest_message_and_button_are_taken(bot: Bot, bot_api: FakeBotApi) -> None:
    await bot.send_message(7, "😀" * 2048, reply_markup=keyboard("x" * 64))
    assert len(bot_api.sent(7)) == 1


async def test_unknown_and_blocked_chats_are_refused(bot: Bot, bot_api: FakeBotApi) -> None:
    assert await refusal_of(bot.send_message(8, "在吗")) == (BadRequest, "Chat not found")
    bot_api.blocked.add(7)
    assert (await refusal_of(bot.send_message(7, "在吗")))[0] is Forbidden


async def test_poll_waits_and_offset_forgets(bot: Bot, bot_api: FakeBotApi) -> None:
    polling = asyncio.create_task(bot.get_updates(timeout=5))
    await bot_api.wait_until(lambda: bool(bot_api.called("getUpdates")))
    first, second = bot_api.send_text(7, "一"), bot_api.send_text(7, "二")
    (update,) = await polling if len(bot_api.updates) == 1 else (await polling)[:1]
    assert update.message is not None
    assert update.message.message_id == first
    (update,) = await bot.get_updates(offset=update.update_id + 1)
    assert update.message is not None
    assert update.message.message_id == second
    assert len(await bot.get_updates(limit=1)) == 1


async def test_second_poller_ends_the_first(bot: Bot, bot_api: FakeBotApi) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await bot_api.wait_until(lambda: bool(bot_api.called("getUpdates")))
    async with a_bot(bot_api) as other:
        await other.get_updates()
    assert (await refusal_of(first))[0] is Conflict


async def test_polling_and_webhook_exclude_each_other(bot: Bot) -> None:
    await bot.set_webhook("https://example.org/hook", secret_token="s")
    assert (await bot.get_webhook_info()).url == "https://example.org/hook"
    assert (await refusal_of(bot.get_updates()))[0] is Conflict
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_webhook_must_be_https_with_a_proper_secret(bot: Bot) -> None:
    assert (await refusal_of(bot.set_webhook("http://example.org")))[0] is BadRequest
    assert (await refusal_of(bot.set_webhook("https://example.org", secret_token="a b")))[0] is BadRequest


async def test_file_is_found_and_downloaded(bot: Bot, bot_api: FakeBotApi) -> None:
    bot_api.send_photo(7, "这是真的吗", content=b"\xff\xd8abc")
    (update,) = await bot.get_updates()
    assert update.message is not None
    file = await bot.get_file(update.message.photo[0].file_id)
    assert bytes(await file.download_as_bytearray()) == b"\xff\xd8abc"
    assert (await refusal_of(bot.get_file("other")))[0] is BadRequest


async def test_multipart_bodies_are_read(bot: Bot, bot_api: FakeBotApi) -> None:
    await bot.set_webhook("https://example.org/hook", certificate=InputFile(b"PEM", filename="c.pem", attach=False))
    assert bot_api.called("setWebhook")[0].fields["certificate"] == b"PEM"


async def test_press_needs_a_button_and_is_answered_once(bot: Bot, bot_api: FakeBotApi) -> None:
    message = await bot.send_message(7, "哪一条？", reply_markup=keyboard("pick:1"))
    with pytest.raises(LookupError):
        bot_api.press(7, message.message_id, "pick:2")
    query = bot_api.press(7, message.message_id, "pick:1")
    assert await bot.answer_callback_query(query)
    assert (await refusal_of(bot.answer_callback_query(query)))[1].startswith("Query is too old")


async def test_control_endpoints_drive_it_by_hand(bot: Bot, bot_api: FakeBotApi) -> None:
    async with httpx.AsyncClient(base_url=bot_api.url, trust_env=False) as hand:
        for order in ({"text": "一", "forwarded": True}, {"photo": "二"}, {"text": "三", "edit": 1}):
            assert (await hand.post("/control/send", json={"chat": 7, **order})).status_code == 200
        kinds = [update.edited_message is not None for update in await bot.get_updates()]
        assert kinds == [False, False, True]
        message = await bot.send_message(7, "答", reply_markup=keyboard("a"))
        (seen,) = (await hand.get("/control/sent", params={"chat": 7})).json()
        assert (seen["text"], seen["buttons"], seen["message_id"]) == ("答", [[["好", "a"]]], message.message_id)
        press = {"chat": 7, "message": message.message_id, "press": "a"}
        assert (await hand.post("/control/send", json=press)).status_code == 200
        assert (await hand.post("/control/send", json={**press, "press": "b"})).status_code == 400
        assert (await hand.get("/control/sent", params={"chat": 7, "after": message.message_id})).json() == []
