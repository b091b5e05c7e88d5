"""The HTTP side of python-telegram-bot, and how long we wait for what."""

from __future__ import annotations

import json
import logging
import random
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, Application
from telegram.request import HTTPXRequest

TelegramApplication = Application[Any, Any, Any, Any, Any, Any]

log = structlog.get_logger("telegram")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long to wait for what, in seconds."""

    poll: int = 30
    """How long Telegram holds a poll open when there is nothing new."""
    request: float = 20.0
    """Time-out of one request."""
    typing_after: float = 1.0
    """Deciding for longer than this shows "typing"."""
    decide_within: float = 60.0
    """A decision that takes longer counts as failed and is asked for again."""
    first_pause: float = 1.0
    """Pause after the first failure; it doubles with each further one."""
    longest_pause: float = 60.0
    conflict_pause: float = 20.0
    """Pause after finding that somebody else polls with our token."""
    give_up_after: float = 600.0
    """A reply that cannot be sent for this long is given up: late answers confuse."""
    start_within: float = 10.0
    """How long `start` waits for Telegram before it lets the rest of the bot go on."""
    stop_within: float = 10.0
    """How long `stop` waits for what is in hand."""
    sweep_every: float = 2.0
    """How often notices, and replies that another process left unsent, are looked for."""


class Backoff:
    """Pauses that double from `first` to `longest`, each shortened at random by up to half."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest, self._failures = first, longest, 0

    def next(self) -> float:
        """Seconds to wait after one more failure."""
        pause = min(self._longest, self._first * 2 ** min(self._failures, 30))
        self._failures += 1
        return jittered(pause)

    def reset(self) -> None:
        """Start again from the first pause."""
        self._failures = 0


def jittered(pause: float) -> float:
    """`pause` shortened at random by up to half, so that many clients do not return at the same moment."""
    return pause * random.uniform(0.5, 1.0)  # noqa: S311  no secret depends on it


class TooManyRequests(TelegramError):
    """Telegram answered 429; ask again after `seconds`.

    Stands in for the library's `RetryAfter`, whose constructor emits a deprecation warning each time, and which makes
    its rate limiter hold up every chat because one of them is limited.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__("Too Many Requests")
        self.seconds = seconds


class ApiRequest(HTTPXRequest):
    """Requests whose failures tell us what we need and log no content."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Make a request; raises `TooManyRequests` on 429."""
        code, payload = await super().do_request(*args, **kwargs)
        if code == httpx.codes.TOO_MANY_REQUESTS:
            raise TooManyRequests(_retry_after(payload))
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as a dict. Unlike the library's own version it does not log a payload it cannot read.

        Raises: TelegramError.
        """
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or answer.keys().isdisjoint(("result", "description")):
            # A proxy's error page, usually.
            raise TelegramError("Invalid server response")
        return answer


class PollRequest(ApiRequest):
    """Polls in which one unreadable update cannot spoil the batch, and so every later poll."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer, with every update that cannot be read reduced to its id, so that it is passed over."""
        answer = ApiRequest.parse_json_payload(payload)
        if isinstance(updates := answer.get("result"), list):
            answer["result"] = [raw if read_update(raw) else {"update_id": raw["update_id"]} for raw in updates]
        return answer


def read_update(raw: dict[str, Any]) -> Update | None:
    """The update, or none (and a log line) if this version of the library cannot read it."""
    try:
        return Update.de_json(raw, None)
    except Exception as error:  # the library promises no particular error for what it does not know
        log.warning("update_unreadable", update=raw["update_id"], error=type(error).__name__)
        return None


def never_sent(error: TelegramError) -> bool:
    """Whether the request that failed cannot have reached Telegram, so that repeating it is safe."""
    causes = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    return isinstance(error.__cause__, causes)


def build_application(token: str, api_url: str, timing: Timing, proxy: str | None) -> TelegramApplication:
    """The library's application without its updater, whose queue acknowledges updates nobody has handled yet."""
    # Telegram's URLs contain the token: httpx logs them at INFO, httpcore at DEBUG. The library logs texts at DEBUG.
    for name, level in (("httpx", logging.WARNING), ("httpcore", logging.WARNING), ("telegram", logging.INFO)):
        logging.getLogger(name).setLevel(level)
    api_url = api_url.rstrip("/")
    waits: dict[str, Any] = {
        "read_timeout": timing.request,
        "write_timeout": timing.request,
        "connect_timeout": timing.request,
        "pool_timeout": timing.request,
        "proxy": proxy,
        # One for both: each would load all root certificates again.
        "httpx_kwargs": {"verify": httpx.create_ssl_context()},
    }
    # Pacing is the limiter's (30 messages a second over all chats). Repeating after 429 is ours, because the limiter
    # sleeps with every chat locked: hence no retries of its own.
    limiter = AIORateLimiter(max_retries=0)
    builder = Application.builder().token(token).base_url(f"{api_url}/bot").base_file_url(f"{api_url}/file/bot")
    builder = builder.request(ApiRequest(**waits)).get_updates_request(PollRequest(connection_pool_size=1, **waits))
    return builder.rate_limiter(limiter).job_queue(None).updater(None).build()


def _retry_after(payload: bytes) -> float:
    try:
        return max(float(json.loads(payload)["parameters"]["retry_after"]), 0.0)
    except (ValueError, KeyError, TypeError):
        return 5.0
