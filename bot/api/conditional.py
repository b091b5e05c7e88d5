"""Answers that whoever has them already need not fetch again (RFC 9110, conditional requests)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

_KEPT_SECONDS = 300


def answer(
    request: Request, body: bytes, media_type: str, changed: datetime, headers: Mapping[str, str] | None = None
) -> Response:
    """The body, last changed at this moment (UTC); or "not modified", to a reader who has it."""
    changed = changed.replace(microsecond=0)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    told = {
        "etag": tag,
        "last-modified": format_datetime(changed, usegmt=True),
        "cache-control": f"public, max-age={_KEPT_SECONDS}",
        **(headers or {}),
    }
    if _has_it(request, tag, changed):
        return Response(status_code=304, headers=told)
    return Response(body, media_type=media_type, headers=told)


def _has_it(request: Request, tag: str, changed: datetime) -> bool:
    # The tag decides alone where there is one: it is exact, and the date only to the second.
    if (tags := request.headers.get("if-none-match")) is not None:
        return bool({"*", tag} & {one.strip().removeprefix("W/") for one in tags.split(",")})
    try:
        return parsedate_to_datetime(request.headers.get("if-modified-since", "")) >= changed
    except (ValueError, TypeError, OverflowError):  # no date; TypeError: one without a time zone
        return False
