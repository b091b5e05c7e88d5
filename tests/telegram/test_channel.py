"""The channel in everyday use, by polling and by webhook, against the fake Bot API."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.telegram import BadToken, BadWebhook, TelegramChannel
from bot.messages import Choice, IncomingMessage, Reply
from tests.telegram.bot_api import TOKEN, FakeBotApi, Fault, dropped, garbled, refused, too_many_requests
from tests.telegram.conftest import FAST, StartChannel
from tests.telegram.fakes import FakeConversation, FakeOutbox, Memory, echo

MENU = ((Choice("pick:1", "第一条"), Choice("pick:2", "第二条")), (Choice("none:", "都不是"),))


def saying(text: str, choices: tuple[tuple[Choice, ...], ...] = ()) -> FakeConversation:
    async def decide(_message: IncomingMessage) -> Reply:
        return Reply(text, choices=choices)

    return FakeConversation(Memory(), decide)


@pytest.mark.usefixtures("channel")
async def test_question_is_answered_and_settled(bot_api: FakeBotApi, memory: Memory) -> None:
    bot_api.send_text(7, "喝白酒能预防感冒吗")
    reply = await bot_api.wait_for_reply(7)
    assert reply.text == "收到：喝白酒能预防感冒吗"
    assert (reply.preview, reply.parse_mode) == (False, None)
    await bot_api.wait_until(lambda: memory.states == {1: "delivered"})


@pytest.mark.usefixtures("channel")
async def test_album_is_answered_once_and_what_is_said_in_it(
    bot_api: FakeBotApi, conversation: FakeConversation
) -> None:
    picture = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    for caption in (None, None, "我妈晕倒了", None):
        bot_api.send(7, photo=picture, media_group_id="9", **({"caption": caption} if caption else {}))
    bot_api.send_text(7, "在吗")
    await bot_api.wait_for_reply(7, count=3)
    assert [message.text for message in conversation.asked] == ["", "我妈晕倒了", "在吗"]


@pytest.mark.usefixtures("channel")
async def test_many_chats_each_get_their_answers_in_order(bot_api: FakeBotApi) -> None:
    for number in range(3):
        for chat in range(1, 6):
            bot_api.send_text(chat, f"{chat}-{number}")
    for chat in range(1, 6):
        await bot_api.wait_for_reply(chat, count=3)
        assert [m.text for m in bot_api.sent(chat)] == [f"收到：{chat}-{number}" for number in range(3)]


@pytest.mark.usefixtures("channel")
async def test_decision_that_failed_is_asked_for_again(bot_api: FakeBotApi, conversation: FakeConversation) -> None:
    failures = iter([ConnectionError, ConnectionError])

    async def decide(message: IncomingMessage) -> Reply | None:
        for failure in failures:
            raise failure
        return await echo(message)

    conversation.decide = decide
    bot_api.send_text(7, "在吗")
    await bot_api.wait_for_reply(7)
    assert len(conversation.asked) == 3
    assert len(bot_api.sent(7)) == 1


@pytest.mark.usefixtures("channel")
async def test_button_press_is_acknowledged_and_the_used_menu_removed(
    bot_api: FakeBotApi, conversation: FakeConversation
) -> None:
    async def decide(message: IncomingMessage) -> Reply:
        return Reply(f"收到：{message.pressed}") if message.pressed else Reply("您想问哪一条？", choices=MENU)

    conversation.decide = decide
    bot_api.send_text(7, "白酒")
    menu = await bot_api.wait_for_reply(7)
    assert menu.buttons == ((("第一条", "pick:1"), ("第二条", "pick:2")), (("都不是", "none:"),))
    query = bot_api.press(7, menu.message_id, "pick:2")
    assert (await bot_api.wait_for_reply(7, count=2)).text == "收到：pick:2"
    await bot_api.wait_until(lambda: bot_api.sent(7)[0].buttons == ())
    assert bot_api.answered_queries == [query]


@pytest.mark.parametrize("token", ["useful:1", "read:1"])
async def test_other_keyboards_stay(bot_api: FakeBotApi, start_channel: StartChannel, token: str) -> None:
    conversation = saying("有帮助吗", choices=((Choice(token, "有"),),))
    await start_channel(conversation=conversation, outbox=FakeOutbox(conversation.memory))
    bot_api.send_text(7, "白酒")
    asked = await bot_api.wait_for_reply(7)
    bot_api.press(7, asked.message_id, token)
    await bot_api.wait_until(lambda: len(bot_api.answered_queries) == 1)
    assert bot_api.sent(7)[0].tokens == [token]
    assert bot_api.called("editMessageReplyMarkup") == []


async def test_stale_press_is_still_answered(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    await start_channel()
    bot_api.send_text(7, "白酒")
    await bot_api.wait_for_reply(7)
    bot_api.press(7, 999, "pick:1", stale=True)
    assert (await bot_api.wait_for_reply(7, count=2)).text == "收到：pick:1"
    assert len(bot_api.called("answerCallbackQuery")) == 1


async def test_press_is_acknowledged_before_the_answer_is_decided(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation
) -> None:
    decided = asyncio.Event()

    async def decide(message: IncomingMessage) -> Reply:
        if message.pressed:
            await decided.wait()
        return Reply("好", choices=MENU)

    conversation.decide = decide
    await start_channel()
    bot_api.send_text(7, "白酒")
    menu = await bot_api.wait_for_reply(7)
    bot_api.press(7, menu.message_id, "none:")
    await bot_api.wait_until(lambda: len(bot_api.answered_queries) == 1)
    assert len(bot_api.sent(7)) == 1
    decided.set()
    await bot_api.wait_for_reply(7, count=2)


async def test_typing_is_shown_only_while_a_slow_answer_is_decided(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation
) -> None:
    async def decide(message: IncomingMessage) -> Reply | None:
        await asyncio.sleep(FAST.typing_after * 2 if message.text == "慢" else 0)
        return await echo(message)

    conversation.decide = decide
    await start_channel()
    bot_api.send_text(7, "快")
    bot_api.send_text(8, "慢")
    await bot_api.wait_for_reply(7)
    await bot_api.wait_for_reply(8)
    assert bot_api.actions == [(8, "typing")]


async def test_nothing_is_said_when_the_conversation_says_nothing(
    bot_api: FakeBotApi, start_channel: StartChannel, conversation: FakeConversation
) -> None:
    async def decide(message: IncomingMessage) -> Reply | None:
        return None if message.text == "刷屏" else await echo(message)

    conversation.decide = decide
    await start_channel()
    bot_api.send_text(7, "刷屏")
    bot_api.send_text(7, "在吗")
    assert (await bot_api.wait_for_reply(7)).text == "收到：在吗"
    assert len(bot_api.sent(7)) == 1


async def test_group_gets_no_answer(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    await start_channel()
    bot_api.send_text(-5, "大家好")
    bot_api.send_text(7, "在吗")
    await bot_api.wait_for_reply(7)
    assert bot_api.sent(-5) == []


async def test_first_line_is_bold_also_with_emoji(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    conversation = saying("🚨 诈骗：👮‍♀️ 公安不会要您转账\n请挂断电话。")
    await start_channel(conversation=conversation, outbox=FakeOutbox(conversation.memory))
    bot_api.send_text(7, "公安要我转账")
    assert (await bot_api.wait_for_reply(7)).bold == ["🚨 诈骗：👮‍♀️ 公安不会要您转账"]


async def test_long_answer_is_split_with_the_keyboard_on_the_last_part(
    bot_api: FakeBotApi, start_channel: StartChannel
) -> None:
    conversation = saying("✅ 真\n\n" + "\n\n".join(["段落😀" * 200] * 12), choices=MENU)
    await start_channel(conversation=conversation, outbox=FakeOutbox(conversation.memory))
    bot_api.send_text(7, "长")
    last = await bot_api.wait_for_reply(7, count=3)
    assert last.tokens == ["pick:1", "pick:2", "none:"]
    assert [(m.tokens, m.bold) for m in bot_api.sent(7)[:2]] == [([], ["✅ 真"]), ([], [])]


@pytest.mark.usefixtures("channel")
@pytest.mark.parametrize("text", ["\ud83d 半个字符", "a\x00b\r\nc", "\u202e反", "<b>&amp;</b> _*[`"])
async def test_any_text_is_carried_to_the_resident(bot_api: FakeBotApi, text: str) -> None:
    bot_api.send_text(7, text)
    await bot_api.wait_for_reply(7)


async def test_commands_are_set_in_both_languages(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    await start_channel()
    names = ["start", "help", "privacy", "mine", "forget", "language"]
    assert {language: [c["command"] for c in menu] for language, menu in bot_api.commands.items()} == {
        "": names, "zh": names, "en": names,
    }  # fmt: skip
    assert bot_api.commands["zh"][0]["description"] == "开始使用"
    assert bot_api.commands["en"][0]["description"] == "Start"


async def test_start_goes_on_without_the_command_menu(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    bot_api.fail("setMyCommands", refused(500))
    channel = await start_channel()
    assert channel.problem is None


@pytest.mark.parametrize("token", ["", "no-token", "1:a b", f"{TOKEN}/../x"])
async def test_malformed_token_is_refused_at_once(
    token: str, conversation: FakeConversation, outbox: FakeOutbox
) -> None:
    with pytest.raises(BadToken, match="@BotFather"):
        TelegramChannel(token=token, conversation=conversation, outbox=outbox)


@pytest.mark.parametrize("fault", [None, refused(404, "Not Found")])
async def test_token_telegram_does_not_know_stops_the_start(
    bot_api: FakeBotApi, start_channel: StartChannel, fault: Fault | None
) -> None:
    if fault is not None:
        bot_api.fail("getMe", fault)
    with pytest.raises(BadToken, match="@BotFather") as caught:
        await start_channel(token=TOKEN if fault else "999:wrong")
    assert "999" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_webhook_needs_a_proper_secret(conversation: FakeConversation, outbox: FakeOutbox) -> None:
    for secret in (None, "", "with space", "x" * 257):
        with pytest.raises(BadWebhook, match="密钥"):
            TelegramChannel(
                token=TOKEN, webhook_url="https://example.org", webhook_secret=secret,
                conversation=conversation, outbox=outbox,
            )  # fmt: skip


async def test_webhook_telegram_refuses_stops_the_start(start_channel: StartChannel) -> None:
    with pytest.raises(BadWebhook, match="https"):
        await start_channel(webhook_url="http://example.org/telegram/webhook", webhook_secret="s")


async def test_start_survives_a_restless_telegram(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    bot_api.fail("getMe", refused(502), dropped(accepted=False), too_many_requests(1))
    bot_api.fail("deleteWebhook", refused(500))
    await start_channel()
    bot_api.send_text(7, "在吗")
    await bot_api.wait_for_reply(7)


async def test_start_does_not_wait_for_a_telegram_that_is_away(
    bot_api: FakeBotApi, start_channel: StartChannel
) -> None:
    await bot_api.stop()
    quick = FAST.__class__(first_pause=0.05, longest_pause=0.1, start_within=0.2)
    channel = await start_channel(timing=quick)
    assert channel.problem is not None
    await bot_api.start()
    bot_api.send_text(7, "在吗")
    await bot_api.wait_for_reply(7)
    assert channel.problem is None


async def test_stop_is_quick_while_telegram_is_away(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    await bot_api.stop()
    channel = await start_channel(timing=FAST.__class__(start_within=0.1))
    async with asyncio.timeout(3):
        await channel.stop()


async def test_start_survives_an_outbox_that_is_away(
    bot_api: FakeBotApi, start_channel: StartChannel, outbox: FakeOutbox
) -> None:
    outbox.away = True
    await start_channel()
    outbox.away = False
    bot_api.send_text(7, "在吗")
    await bot_api.wait_for_reply(7)


async def test_answer_that_is_no_bot_api_answer_is_survived(bot_api: FakeBotApi, start_channel: StartChannel) -> None:
    bot_api.fail("getMe", garbled(b"<html>Bad gateway</html>"), garbled(b'{"ok": true}'))
    bot_api.fail("getUpdates", garbled(b"[1, 2]"), garbled(b'{"ok": true, "result": 5}'))
    await start_channel()
    bot_api.send_text(7, "在吗")
    await bot_api.wait_for_reply(7)
