"""The Bot API methods the bot uses, with the checks Telegram makes and a few stricter ones."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from tests.telegram.bot_api.faults import ApiError
from tests.telegram.bot_api.state import BOT_USER, Json, SentMessage, State

Disconnected = Callable[[], Awaitable[bool]]

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
TERMINATED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class Methods:
    """Each public coroutine is a Bot API method in snake case: fields in, result out, `ApiError` if refused."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def call(self, method: str, fields: Json, disconnected: Disconnected) -> Any:
        """Do a method by its Bot API name."""
        if method.lower() == "getupdates":
            return await self._get_updates(fields, disconnected)
        name = re.sub(r"(?=[A-Z])", "_", method).lower()
        function = None if name.startswith(("_", "call")) else getattr(self, name, None)
        if function is None:
            raise ApiError(404, "Not Found: method not found")
        result = function(fields)
        self._state.notify()
        return result

    def get_me(self, _fields: Json) -> Json:
        return BOT_USER

    async def _get_updates(self, fields: Json, disconnected: Disconnected) -> list[Json]:
        state = self._state
        if state.webhook_url:
            raise ApiError(409, WEBHOOK_ACTIVE)
        state.poll += 1
        mine = state.poll
        state.notify()
        if "allowed_updates" in fields:
            state.allowed = fields["allowed_updates"] or None
        self._forget_before(int(fields.get("offset", 0)))
        seconds = float(fields.get("timeout", 0))
        limit = min(max(int(fields.get("limit", 100)), 1), 100)
        while not state.updates and seconds > 0 and state.open and not await disconnected():
            await state.wait_for_change(min(seconds, 0.1))
            seconds -= 0.1
            if state.poll != mine:
                raise ApiError(409, TERMINATED)
        return state.updates[:limit]

    def _forget_before(self, offset: int) -> None:
        updates = self._state.updates
        if offset < 0:
            updates[:] = updates[offset:]
        else:
            updates[:] = [update for update in updates if update["update_id"] >= offset]

    def set_webhook(self, fields: Json) -> bool:
        url, secret = fields.get("url", ""), fields.get("secret_token", "")
        # Telegram insists on https; the tests stay on this machine.
        if url and not re.match(r"https://|http://127\.0\.0\.1[:/]", url):
            raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        if "allowed_updates" in fields:
            self._state.allowed = fields["allowed_updates"] or None
        self._state.webhook_url, self._state.webhook_secret = url, secret
        return True

    def delete_webhook(self, fields: Json) -> bool:
        self._state.webhook_url = self._state.webhook_secret = ""
        if fields.get("drop_pending_updates"):
            self._state.updates.clear()
        return True

    def get_webhook_info(self, _fields: Json) -> Json:
        state = self._state
        error = {"last_error_message": state.webhook_error, "last_error_date": 1} if state.webhook_error else {}
        waiting = len(state.updates)
        return {"url": state.webhook_url, "has_custom_certificate": False, "pending_update_count": waiting, **error}

    def send_message(self, fields: Json) -> Json:
        chat, text = self._chat(fields), _text(fields)
        entities, markup = _entities(fields, text), _markup(fields)
        content: Json = {"text": text, **({"entities": entities} if entities else {})}
        message = self._state.new_message(chat, {**content, **({"reply_markup": markup} if markup else {})})
        self._state.outgoing[chat, message["message_id"]] = SentMessage(
            chat,
            message["message_id"],
            text,
            tuple(entities),
            _buttons(markup),
            preview=not _object(fields, "link_preview_options").get("is_disabled", False),
            parse_mode=fields.get("parse_mode"),
        )
        return message

    def edit_message_text(self, fields: Json) -> Json:
        key, sent = self._own_message(fields)
        text = _text(fields)
        entities, markup = _entities(fields, text), _markup(fields)
        edited = replace(sent, text=text, entities=tuple(entities), buttons=_buttons(markup))
        return self._keep_edited(key, sent, edited, {"text": text, "entities": entities, "reply_markup": markup})

    def edit_message_reply_markup(self, fields: Json) -> Json:
        key, sent = self._own_message(fields)
        markup = _markup(fields)
        return self._keep_edited(key, sent, replace(sent, buttons=_buttons(markup)), {"reply_markup": markup})

    def answer_callback_query(self, fields: Json) -> bool:
        query = str(fields.get("callback_query_id", ""))
        if query not in self._state.open_queries:
            raise ApiError(400, TOO_OLD)
        self._state.open_queries.remove(query)
        self._state.answered_queries.append(query)
        return True

    def set_my_commands(self, fields: Json) -> bool:
        commands = fields.get("commands")
        if not isinstance(commands, list) or len(commands) > 100:
            raise ApiError(400, "Bad Request: can't parse commands")
        for command in commands:
            if (
                not re.fullmatch(r"[a-z0-9_]{1,32}", str(command["command"]))
                or not 1 <= len(command["description"]) <= 256
            ):
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
        language = fields.get("language_code", "")
        if language and not re.fullmatch(r"[a-z]{2}", language):
            raise ApiError(400, "Bad Request: invalid language code specified")
        self._state.commands[language] = commands
        return True

    def send_chat_action(self, fields: Json) -> bool:
        self._state.actions.append((self._chat(fields), str(fields["action"])))
        return True

    def get_file(self, fields: Json) -> Json:
        file_id = str(fields.get("file_id", ""))
        if file_id not in self._state.files:
            raise ApiError(400, "Bad Request: invalid file_id")
        size = len(self._state.files[file_id])
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size, "file_path": f"files/{file_id}"}

    def _chat(self, fields: Json) -> int:
        try:
            chat = int(fields["chat_id"])
        except (KeyError, ValueError, TypeError):
            raise ApiError(400, "Bad Request: chat_id is empty") from None
        if chat not in self._state.chats:
            raise ApiError(400, "Bad Request: chat not found")
        if chat in self._state.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return chat

    def _own_message(self, fields: Json) -> tuple[tuple[int, int], SentMessage]:
        key = self._chat(fields), int(fields.get("message_id", 0))
        if key not in self._state.outgoing:
            raise ApiError(400, "Bad Request: message to edit not found")
        return key, self._state.outgoing[key]

    def _keep_edited(self, key: tuple[int, int], before: SentMessage, after: SentMessage, content: Json) -> Json:
        if before == after:
            raise ApiError(400, NOT_MODIFIED)
        self._state.outgoing[key] = after
        message = {**self._state.messages[key], **content}
        self._state.messages[key] = {name: value for name, value in message.items() if value not in ([], {})}
        return self._state.messages[key]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text(fields: Json) -> str:
    text = str(fields.get("text", ""))
    if not text.strip():
        raise ApiError(400, "Bad Request: message text is empty")
    if _units(text) > 4096:
        raise ApiError(400, "Bad Request: message is too long")
    return text


def _entities(fields: Json, text: str) -> list[Json]:
    """Entities inside the text, not empty, and not through the middle of a character: Telegram would bend them."""
    entities = fields.get("entities", [])
    units = text.encode("utf-16-le")
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        try:
            units[start * 2 : end * 2].decode("utf-16-le")
        except UnicodeDecodeError:
            raise ApiError(400, "Bad Request: entity cuts through a character") from None
        if not 0 <= start < end <= len(units) // 2:
            raise ApiError(400, "Bad Request: entity is out of the text")
    return list(entities)


def _object(fields: Json, name: str) -> Json:
    value = fields.get(name, {})
    if not isinstance(value, dict):
        raise ApiError(400, f"Bad Request: can't parse {name}")
    return value


def _markup(fields: Json) -> Json:
    markup = _object(fields, "reply_markup")
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not button.get("text", "").strip():
                raise ApiError(400, "Bad Request: text buttons are unallowed in the inline keyboard")
            if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return markup


def _buttons(markup: Json) -> tuple[tuple[tuple[str, str], ...], ...]:
    rows = markup.get("inline_keyboard", [])
    return tuple(tuple((button["text"], button["callback_data"]) for button in row) for row in rows)


_JSON_FIELDS = frozenset({"entities", "reply_markup", "link_preview_options", "allowed_updates", "commands", "scope"})


def decoded(fields: Json) -> Json:
    """Form fields with the JSON inside them read."""
    try:
        return {
            name: json.loads(value) if name in _JSON_FIELDS and isinstance(value, str) else value
            for name, value in fields.items()
        }
    except ValueError:
        raise ApiError(400, "Bad Request: can't parse a JSON field") from None
