"""What of a Telegram update reaches the conversation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Update

from bot.channels.telegram import incoming
from bot.messages import IncomingMessage
from tests.telegram.bot_api.state import State

ANY_TEXT = st.text(st.characters(exclude_categories=()), min_size=1, max_size=300)
A_FILE = {"file_id": "f", "file_unique_id": "u"}
A_PLACE = {"longitude": 1.0, "latitude": 2.0}


def received(state: State) -> IncomingMessage | None:
    """The last update, as it arrives after a journey through JSON."""
    update = Update.de_json(json.loads(json.dumps(state.updates[-1])), None)
    return incoming(update)


def sent(chat: int = 7, **content: Any) -> IncomingMessage | None:
    state = State()
    state.send(chat, **content)
    return received(state)


def test_text_comes_with_the_chat_and_the_update_as_key() -> None:
    state = State()
    state.send_text(7, "喝白酒能预防感冒吗")
    message = received(state)
    assert message is not None
    assert (message.channel, message.address, message.text) == ("telegram", "7", "喝白酒能预防感冒吗")
    assert message.key == str(state.updates[-1]["update_id"])
    assert (message.forwarded, message.pressed, message.unsupported) == (False, None, None)
    assert message.received_at.tzinfo is not None


def test_forward_is_marked() -> None:
    state = State()
    state.send_text(7, "紧急通知", forwarded=True)
    message = received(state)
    assert message is not None
    assert message.forwarded


def test_edit_is_a_message_of_its_own() -> None:
    state = State()
    number = state.send_text(7, "喝酒")
    first = received(state)
    state.edit(7, number, "喝白酒能预防感冒吗")
    second = received(state)
    assert first is not None
    assert second is not None
    assert second.text == "喝白酒能预防感冒吗"
    assert second.key != first.key


def test_moving_live_location_is_passed_over() -> None:
    state = State()
    state.send(7, location=A_PLACE)
    first = received(state)
    assert first is not None
    assert first.unsupported == "location"
    state.push("edited_message", {**next(iter(state.messages.values())), "edit_date": 1_700_000_000})
    assert received(state) is None


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("photo", {"photo": [{**A_FILE, "width": 1, "height": 1}]}),
        ("voice", {"voice": {**A_FILE, "duration": 1}}),
        ("video", {"video": {**A_FILE, "duration": 1, "width": 1, "height": 1}}),
        ("video_note", {"video_note": {**A_FILE, "duration": 1, "length": 1}}),
        ("audio", {"audio": {**A_FILE, "duration": 1}}),
        ("document", {"document": A_FILE}),
        ("animation", {"animation": {**A_FILE, "duration": 1, "width": 1, "height": 1}, "document": A_FILE}),
        (
            "sticker",
            {
                "sticker": {
                    **A_FILE,
                    "width": 1,
                    "height": 1,
                    "type": "regular",
                    "is_animated": False,
                    "is_video": False,
                }
            },
        ),
        ("location", {"location": A_PLACE}),
        ("location", {"venue": {"location": A_PLACE, "title": "a", "address": "b"}, "location": A_PLACE}),
        ("contact", {"contact": {"phone_number": "1", "first_name": "a"}}),
        ("dice", {"dice": {"value": 1, "emoji": "🎲"}}),
    ],
)
def test_kind_that_cannot_be_read_is_named(kind: str, content: dict[str, Any]) -> None:
    message = sent(**content)
    assert message is not None
    assert (message.unsupported, message.text) == (kind, "")


def test_caption_is_text_beside_the_picture() -> None:
    state = State()
    state.send_photo(7, "这个说法是真的吗")
    message = received(state)
    assert message is not None
    assert (message.text, message.unsupported) == ("这个说法是真的吗", "photo")


def test_what_is_answered_or_quoted_comes_with_the_answer() -> None:
    state = State()
    number = state.send_text(7, "喝白酒能预防感冒，赶紧转发")
    answered = state.messages[7, number]
    whole = sent(text="是真的吗", reply_to_message=answered)
    piece = sent(text="是真的吗", reply_to_message=answered, quote={"text": "喝白酒能预防感冒", "position": 0})
    assert whole is not None
    assert piece is not None
    assert (whole.text, whole.quoted, piece.quoted) == ("是真的吗", "喝白酒能预防感冒，赶紧转发", "喝白酒能预防感冒")
    assert not whole.quotes_forward


def test_what_the_bot_wrote_is_not_quoted_and_what_was_passed_on_is_named_so() -> None:
    state = State()
    passed_on = state.messages[7, state.send_text(7, "喝白酒能预防感冒，赶紧转发", forwarded=True)]
    own = {**passed_on, "from": {"id": 1, "is_bot": True, "first_name": "求真"}}
    about_forward = sent(text="是真的吗", reply_to_message=passed_on)
    about_own = sent(text="什么意思", reply_to_message=own, quote={"text": "喝白酒", "position": 0})
    assert about_forward is not None
    assert about_own is not None
    assert (about_forward.quoted, about_forward.quotes_forward) == ("喝白酒能预防感冒，赶紧转发", True)
    assert about_own.quoted == ""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("/start", "/start"),
        ("/start@QiuzhenTestBot", "/start"),
        ("/start@QiuzhenTestBot poster_7", "/start poster_7"),
        ("问 /start@QiuzhenTestBot", "问 /start@QiuzhenTestBot"),
        ("/ @x", "/ @x"),
    ],
)
def test_command_loses_the_name_of_the_bot(written: str, read: str) -> None:
    message = sent(text=written)
    assert message is not None
    assert message.text == read


def test_group_channel_and_service_messages_are_ignored() -> None:
    assert sent(-5, text="大家好") is None
    assert sent(pinned_message={"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}}) is None
    state = State()
    state.push("channel_post", {"message_id": 1, "date": 1, "chat": {"id": -9, "type": "channel"}, "text": "x"})
    assert received(state) is None
    assert incoming(Update(update_id=1)) is None


def test_press_carries_the_token_even_under_a_message_that_is_gone() -> None:
    state = State()
    state.press(7, 99, "pick:2", stale=True)
    message = received(state)
    assert message is not None
    assert (message.address, message.pressed, message.text) == ("7", "pick:2", "")
    state.press(-5, 99, "pick:2", stale=True)
    assert received(state) is None


@settings(deadline=None)  # a busy machine is no failure
@given(ANY_TEXT, st.booleans())
def test_no_text_makes_it_raise(text: str, is_caption: bool) -> None:
    message = sent(**({"caption": text, "dice": {"value": 1, "emoji": "🎲"}} if is_caption else {"text": text}))
    assert message is not None
    assert message.text == text or text.startswith("/")
