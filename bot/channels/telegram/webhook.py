"""The endpoint Telegram calls with each update, when it calls us instead of being polled."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from telegram import Update

from bot.channels.telegram.api import log, read_update

BODY_LIMIT = 1_000_000
"""Bytes of one update; Telegram's own stay far below."""


class WebhookEndpoint:
    """Answers 200 only once `take` has committed the update: on anything else Telegram sends it again."""

    def __init__(self, secret: str, take: Callable[[Update], Awaitable[None]], open_: Callable[[], bool]) -> None:
        self._secret = secret.encode()
        self._take = take
        self._open = open_

    async def receive(self, request: Request) -> Response:
        """Take one update: 403 without our secret, 413 or 400 for rubbish, 503 when closed, 500 if not committed."""
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode("latin-1"), self._secret):
            return Response(status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                return Response(status_code=413)
        raw = _json_object(bytes(body))
        if raw is None or type(raw.get("update_id")) is not int:
            return Response(status_code=400)
        if not self._open():
            return Response(status_code=503)
        update = read_update(raw)
        # An update this version cannot read would come again for a day if we refused it.
        return Response(status_code=200 if update is None else await self._status_of(update))

    async def _status_of(self, update: Update) -> int:
        try:
            await self._take(update)
        except Exception as error:  # whatever it was: not committed, so Telegram has to bring it again
            log.error("update_failed", update=update.update_id, error=type(error).__name__)
            return 500
        return 200


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) else None
