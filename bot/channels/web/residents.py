"""Know a browser again without knowing who it is: a random id in a signed cookie."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.requests import over_https

YEAR = 365 * 24 * 3600
_RENEWED_AFTER = timedelta(days=1)
_CLOCKS_DIFFER = timedelta(minutes=10)
"""How far ahead a cookie may have been signed: by another machine, or before the clock here was set back."""
_COOKIE = "qiuzhen_resident"


@dataclass(frozen=True, slots=True)
class Residents:
    """Issues and reads the cookie that stands for an anonymous resident."""

    signer: TimestampSigner
    trust_proxy: bool

    @classmethod
    def signed_with(cls, secret: str, *, trust_proxy: bool) -> Residents:
        """Raises ValueError when the secret is empty, because anybody could then be anybody."""
        if not secret:
            raise ValueError("the web chat needs a secret to sign its cookie with")
        return cls(TimestampSigner(secret, salt="qiuzhen.webchat.resident"), trust_proxy)

    def known(self, request: Request) -> str | None:
        """The id in the request's cookie; none when there is none that we signed within a year."""
        address, age = self._read(request)
        return address if -_CLOCKS_DIFFER <= age <= timedelta(seconds=YEAR) else None

    @staticmethod
    def new() -> str:
        """An id for somebody who is not known."""
        return secrets.token_urlsafe(16)

    def remember(self, response: Response, request: Request, address: str) -> None:
        """Keep the id in the browser for another year.

        Not signed anew with every answer: the back key finds a page only under the cookie that it was asked for with.
        """
        if self.known(request) != address or self._read(request)[1] > _RENEWED_AFTER:
            self.set_cookie(response, request, _COOKIE, self.signer.sign(address).decode("ascii"))

    def forget(self, response: Response, request: Request) -> None:
        """Let the browser forget the id: whoever uses it next is new."""
        secure = over_https(request, trust_proxy=self.trust_proxy)
        response.delete_cookie(_COOKIE, path="/", httponly=True, samesite="lax", secure=secure)

    def set_cookie(self, response: Response, request: Request, name: str, value: str) -> None:
        """Set one of the page's cookies for a year."""
        secure = over_https(request, trust_proxy=self.trust_proxy)
        response.set_cookie(name, value, max_age=YEAR, path="/", httponly=True, samesite="lax", secure=secure)

    def _read(self, request: Request) -> tuple[str | None, timedelta]:
        """The id that we signed in the request's cookie, if we did, and how long ago."""
        try:
            address, signed_at = self.signer.unsign(request.cookies.get(_COOKIE, ""), return_timestamp=True)
            return address.decode("ascii"), datetime.now(UTC) - signed_at
        except (BadSignature, UnicodeDecodeError):
            return None, timedelta()
