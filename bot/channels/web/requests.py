"""Narrow what a browser sends to what the conversation takes, and refuse the rest with a reason."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect, Request

from bot.channels.web.wording import Language, Reason

LARGE = "large"
"""The size of the letters, in an address."""

_KEY = re.compile(r"[0-9A-Za-z-]{8,64}")
_MAX_TOKEN_BYTES = 64  # as `Choice.token` promises
_MAX_FIELDS = 40  # a form of buttons has one for the label of each


class Refused(Exception):
    """A request that gets no answer: an HTTP status, and the reason to tell the person."""

    def __init__(self, status: int, reason: Reason) -> None:
        super().__init__(reason.value)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Said:
    """What a resident did on the page: wrote `text`, or pressed the button `pressed`."""

    key: str
    text: str = ""
    pressed: str | None = None
    forwarded: bool = False
    label: str = ""
    """What stood on the button, where a plain form said so."""


def check_same_origin(request: Request, *, trust_proxy: bool) -> None:
    """Let only our own page write.

    Browsers too old to send either header are held by the SameSite cookie and the JSON content type.

    Raises: Refused.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise Refused(403, Reason.FOREIGN)
        return
    origin = request.headers.get("origin")
    if origin is None:
        return
    # Only the host: behind a proxy we may not know that the outside is https.
    if urlsplit(origin).netloc.lower() != host_of(request, trust_proxy=trust_proxy):
        raise Refused(403, Reason.FOREIGN)


def host_of(request: Request, *, trust_proxy: bool) -> str:
    """Host and port under which the browser knows us, in small letters."""
    host = request.headers.get("host", "")
    if trust_proxy:
        host = request.headers.get("x-forwarded-host", host)
    return host.lower()


def language_asked(request: Request) -> Language | None:
    """The language the address itself asks for."""
    asked = request.query_params.get("lang")
    return Language(asked) if asked in {language.value for language in Language} else None


def is_large(request: Request) -> bool:
    """Whether the address asks for large letters."""
    return request.query_params.get("size") == LARGE


def client_of(request: Request) -> str:
    """The address a request comes from; behind a proxy the server has put there the one the proxy names."""
    return request.client.host if request.client else ""


def over_https(request: Request, *, trust_proxy: bool) -> bool:
    """Whether the browser reached us, or the proxy before us, encrypted: then a cookie must not go any other way."""
    if request.url.scheme == "https":
        return True
    forwarded = request.headers.get("x-forwarded-proto", "") if trust_proxy else ""
    return forwarded.rpartition(",")[2].strip().lower() == "https"


async def said_as_json(request: Request, limit: int) -> Said:
    """The message of the page's script. `limit` is the largest body, in bytes.

    Raises: Refused.
    """
    _require_content_type(request, "application/json")
    body = await _body_of(request, limit)
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, Reason.BAD_BODY) from None
    if not isinstance(fields, dict):
        raise Refused(422, Reason.WRONG_SHAPE)
    forwarded = fields.get("forwarded", False)
    if not isinstance(forwarded, bool):
        raise Refused(422, Reason.WRONG_SHAPE)
    return _said(fields.get("id"), fields.get("text"), fields.get("pressed"), forwarded)


async def said_as_form(request: Request, limit: int) -> Said:
    """The message of a browser without our script. `limit` is the largest body, in bytes.

    Raises: Refused.
    """
    fields = await form_fields(request, limit)
    # The form sends an empty text box along with a pressed button.
    text = None if "pressed" in fields else fields.get("text", "").replace("\r\n", "\n")
    said = _said(fields.get("id"), text, fields.get("pressed"), "forwarded" in fields)
    return replace(said, label=fields.get(f"label:{said.pressed}", ""))


async def form_fields(request: Request, limit: int) -> dict[str, str]:
    """The fields of a plain form; of a repeated field the last.

    Raises: Refused.
    """
    _require_content_type(request, "application/x-www-form-urlencoded")
    body = await _body_of(request, limit)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="replace", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise Refused(400, Reason.BAD_BODY) from None
    return dict(pairs)


def _said(key: object, text: object, pressed: object, forwarded: bool) -> Said:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Refused(422, Reason.WRONG_SHAPE)
    if isinstance(pressed, str) and text is None:
        if not 0 < len(pressed.encode("utf-8", "replace")) <= _MAX_TOKEN_BYTES:
            raise Refused(422, Reason.WRONG_SHAPE)
        return Said(key, pressed=_storable(pressed))
    if not isinstance(text, str) or pressed is not None:
        raise Refused(422, Reason.WRONG_SHAPE)
    if not text.strip():
        raise Refused(422, Reason.EMPTY)
    return Said(key, text=_storable(text), forwarded=forwarded)


def _storable(text: str) -> str:
    r"""The text as something any database and any encoder takes.

    JSON can carry half a surrogate pair (``\ud800``) and NUL, which are no characters and which nobody types.
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _require_content_type(request: Request, wanted: str) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise Refused(415, Reason.BAD_BODY)


async def _body_of(request: Request, limit: int) -> bytes:
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced[:20]) > limit:
        raise Refused(413, Reason.TOO_LONG)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise Refused(413, Reason.TOO_LONG)
    except ClientDisconnect:
        raise Refused(400, Reason.BAD_BODY) from None
    return bytes(body)
