"""A Telegram update narrowed to what all channels share; the only place that looks into Telegram's optional fields."""

from __future__ import annotations

import re
from collections import OrderedDict

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType

from bot.messages import IncomingMessage

_COMMAND_FOR_BOT = re.compile(r"^(/[A-Za-z0-9_]+)@[A-Za-z0-9_]+")

_ALBUMS = 1000
"""Albums kept in mind; the first is let go first."""
_KINDS = (
    # Telegram describes some kinds twice, as their own and as a more general one; the particular one comes first.
    ("animation", "animation"),
    ("live_photo", "photo"),
    ("photo", "photo"),
    ("voice", "voice"),
    ("video_note", "video_note"),
    ("video", "video"),
    ("sticker", "sticker"),
    ("audio", "audio"),
    ("document", "document"),
    ("venue", "location"),
    ("location", "location"),
    ("contact", "contact"),
    ("poll", "poll"),
    ("dice", "dice"),
    ("game", "game"),
    ("story", "story"),
    ("paid_media", "paid_media"),
    ("checklist", "checklist"),
)


class Albums:
    """Pictures sent together come one by one: the first is answered, and every other that has words of its own."""

    def __init__(self) -> None:
        self._answered: OrderedDict[str, None] = OrderedDict()

    def is_answered(self, update: Update) -> bool:
        """Whether an update is one more wordless picture of an album that was answered."""
        album = _album(update)
        message = update.effective_message
        return album in self._answered and message is not None and not message.caption

    def answered(self, update: Update) -> None:
        """Keep in mind that an update was answered."""
        if album := _album(update):
            self._answered[album] = None
        if len(self._answered) > _ALBUMS:
            self._answered.popitem(last=False)


def _album(update: Update) -> str | None:
    return update.effective_message.media_group_id if update.effective_message else None


def incoming(update: Update) -> IncomingMessage | None:
    """What a resident did; none for groups, channels, service messages and anything else we do not answer.

    A photo with a caption carries both `text` and `unsupported`. An edit is a message of its own, since its update has
    its own id, but an edit without text is only a moving live location or an exchanged picture, and is passed over.
    """
    if update.callback_query is not None:
        return _press(update.update_id, update.callback_query)
    message = update.message or update.edited_message
    if message is None or message.chat.type != ChatType.PRIVATE:
        return None
    text = message.text or message.caption or ""
    kind = _kind(message)
    if not text and (kind is None or update.edited_message is not None):
        return None
    return IncomingMessage(
        channel="telegram",
        address=str(message.chat.id),
        key=str(update.update_id),
        text=_COMMAND_FOR_BOT.sub(r"\1", text),
        forwarded=message.forward_origin is not None or bool(message.is_automatic_forward),
        unsupported=kind,
        quoted=_quoted(message),
        quotes_forward=bool(message.reply_to_message and message.reply_to_message.forward_origin),
    )


def _press(update_id: int, query: CallbackQuery) -> IncomingMessage | None:
    """A pressed button; none if Telegram no longer says in which chat, or if it was in a group."""
    message = query.message
    if message is None or message.chat.type != ChatType.PRIVATE or not query.data:
        return None
    return IncomingMessage(channel="telegram", address=str(message.chat.id), key=str(update_id), pressed=query.data)


def _quoted(message: Message) -> str:
    """The words that a message answers: the piece of them that was picked out, or all; not the bot's own."""
    answered = message.reply_to_message
    if answered and answered.from_user and answered.from_user.is_bot:
        return ""
    if message.quote is not None:
        return message.quote.text
    return (answered.text or answered.caption or "") if answered else ""


def _kind(message: Message) -> str | None:
    return next((kind for field, kind in _KINDS if getattr(message, field, None)), None)
