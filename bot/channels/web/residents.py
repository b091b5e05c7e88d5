"""Know a browser again without knowing who it is: a random id in a signed cookie."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.requests import over_https

YEAR = 365 * 24 * 3600
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

    def address_of(self, request: Request) -> str:
        """The id in the request's cookie; a new one when there is none that we signed within a year."""
        try:
            return self.signer.unsign(request.cookies.get(_COOKIE, ""), max_age=YEAR).decode("ascii")
        except (BadSignature, UnicodeDecodeError):
            return secrets.token_urlsafe(16)

    def remember(self, response: Response, request: Request, address: str) -> None:
        """Keep the id in the browser for another year."""
        self.set_cookie(response, request, _COOKIE, self.signer.sign(address).decode("ascii"))

    def set_cookie(self, response: Response, request: Request, name: str, value: str) -> None:
        """Set one of the page's cookies for a year."""
        secure = over_https(request, trust_proxy=self.trust_proxy)
        response.set_cookie(name, value, max_age=YEAR, path="/", httponly=True, samesite="lax", secure=secure)
