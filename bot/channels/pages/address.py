"""Under which address the pages are reached, and what of it a reader's own choices add."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from bot.channels.web.requests import LARGE, is_large, language_asked
from bot.channels.web.wording import LANGUAGE_COOKIE, Language, negotiate

_HOST = re.compile(r"[0-9A-Za-z.-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:.]{2,45}\](:[0-9]{1,5})?")


def base_of(request: Request, public_url: str | None, *, trust_proxy: bool) -> str:
    """The site's address without a slash at its end: the one that was set, else the one the browser used."""
    if public_url:
        return public_url.rstrip("/")
    scheme, host = str(request.scope["scheme"]), request.headers.get("host", "")
    if trust_proxy:
        scheme = request.headers.get("x-forwarded-proto", scheme).rpartition(",")[2].strip().lower()
        host = request.headers.get("x-forwarded-host", host)
    if scheme not in ("http", "https"):
        scheme = "http"
    # The host is whatever a stranger wrote there, and it goes into pages and QR codes.
    return f"{scheme}://{host}" if _HOST.fullmatch(host) else f"{scheme}://localhost"


@dataclass(frozen=True, slots=True)
class Choices:
    """How somebody wants to read: kept in the address, so that it needs neither a script nor a cookie."""

    language: Language
    large: bool
    language_asked: bool
    """Whether the address says the language; otherwise it is the chat's or the browser's."""

    @classmethod
    def of(cls, request: Request) -> Choices:
        """What the request asks for; what it asks for in vain is ignored."""
        asked = language_asked(request)
        stored = asked or request.cookies.get(LANGUAGE_COOKIE)
        return cls(
            language=negotiate(stored, request.headers.get("accept-language", "")),
            large=is_large(request),
            language_asked=asked is not None,
        )

    def link(self, path: str) -> str:
        """A page of ours, to be read in the same way."""
        return _with(path, self._query())

    def sized(self, path: str, *, large: bool) -> str:
        """The page with large or normal letters."""
        query = self._query()
        query.pop("size", None)
        return _with(path, query | ({"size": LARGE} if large else {}))

    def spoken(self, path: str, language: str) -> str:
        """The page in another language."""
        return _with(path, self._query() | {"lang": language})

    def _query(self) -> dict[str, str]:
        query = {"lang": self.language.value} if self.language_asked else {}
        return query | ({"size": LARGE} if self.large else {})


def _with(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
