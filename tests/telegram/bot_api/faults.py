"""Errors of the Bot API, and those a test orders in advance."""

from __future__ import annotations

from dataclasses import dataclass


class ApiError(Exception):
    """Answered to the bot as an HTTP error with Telegram's JSON body."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.retry_after = code, description, retry_after


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call of a method, in one `chat` or in any."""

    chat: int | None = None
    error: tuple[int, str, int | None] | None = None
    """Answer this instead of doing anything: status, description, seconds to wait."""
    drop: bool = False
    """Break the connection instead of answering."""
    accepted: bool = True
    """Whether the method takes effect before the connection breaks."""
    body: bytes | None = None
    """Answer these bytes with status 200 instead of doing anything."""
    delay: float = 0.0
    """Answer this many seconds after the method took effect."""


def refused(code: int, description: str = "", chat: int | None = None) -> Fault:
    """Answer an HTTP error."""
    return Fault(chat, error=(code, description or f"Error {code}", None))


def too_many_requests(retry_after: int = 1, chat: int | None = None) -> Fault:
    """Answer 429 and ask to wait."""
    return Fault(chat, error=(429, f"Too Many Requests: retry after {retry_after}", retry_after))


def garbled(body: bytes) -> Fault:
    """Answer something that is no Bot API answer, as a captive portal does."""
    return Fault(body=body)


def dropped(*, accepted: bool, chat: int | None = None) -> Fault:
    """Break the connection, before or after the call took effect."""
    return Fault(chat, drop=True, accepted=accepted)


def slow(seconds: float, chat: int | None = None) -> Fault:
    """Do it, and answer late: longer than the bot waits is a time-out after accepting."""
    return Fault(chat, delay=seconds)
