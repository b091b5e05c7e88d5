"""Into the console and out of it: password and code, the link of somebody new, the first room."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import segno
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.requests import client_of, over_https
from bot.channels.web.residents import YEAR
from bot.channels.web.wording import LANGUAGE_COOKIE, Language
from bot.console.console import COOKIE, HOME, SIGN_IN, said
from bot.console.rooms import ROOMS
from bot.console.visit import EVERYBODY, Page, Visit
from knowledge import credentials, people
from knowledge.errors import InvitationGone, TooManyAttempts, WeakPassword
from knowledge.people import SIGNED_IN_FOR
from knowledge.protection import Vault

CODE = f"{SIGN_IN}/code"
_HALF_WAY = "qiuzhen_console_step"
"""The cookie that says for a few minutes whose password was right."""
_HALF_WAY_SECONDS = 300
_OWN_PLACE = re.compile(rf"{HOME}(?:/[\w.~-]+)*/?(?:\?[\w.~%=&+-]*)?", re.ASCII)
_UNKNOWN, _TOO_MANY = 422, 429


class SignInPages:
    """The pages with which somebody comes in, and goes."""

    def __init__(self, vault: Vault, *, secret: str, site_name: str, trust_proxy: bool = False) -> None:
        self._vault = vault
        self._signer = URLSafeSerializer(secret, salt="qiuzhen.console.half-way")
        self._site_name = site_name
        self._trust_proxy = trust_proxy

    def pages(self) -> Sequence[Page]:
        """Every page, with who may use it."""
        invited = f"{HOME}/invited/{{token}}"
        return [
            Page("GET", HOME, _first_room),
            Page("GET", SIGN_IN, self._show_sign_in, EVERYBODY),
            Page("POST", SIGN_IN, self._take_password, EVERYBODY),
            Page("GET", CODE, self._show_code, EVERYBODY),
            Page("POST", CODE, self._take_code, EVERYBODY),
            Page("POST", f"{HOME}/sign-out", self._sign_out, EVERYBODY),
            Page("POST", f"{HOME}/language", self._choose_language, EVERYBODY),
            Page("GET", invited, self._show_invitation, EVERYBODY),
            Page("POST", invited, self._choose_password, EVERYBODY),
            Page("GET", f"{invited}/phone", self._show_phone, EVERYBODY),
            Page("POST", f"{invited}/phone", self._confirm_phone, EVERYBODY),
            Page("GET", f"{invited}/phone.svg", self._draw_phone, EVERYBODY),
        ]

    async def _show_sign_in(self, visit: Visit) -> Response:
        to = own_place(visit.request.query_params.get("to", ""))
        return visit.to(to) if visit.actor else visit.page("signin/password.html", to=to, login="", trouble="")

    async def _take_password(self, visit: Visit) -> Response:
        login, to = visit.value("login"), own_place(visit.value("to"))
        status, trouble = _UNKNOWN, visit.say("signin-wrong")
        try:
            person_id = await credentials.check_password(
                visit.session, self._vault, login, visit.value("password"), client_of(visit.request), visit.now
            )
        except TooManyAttempts as error:
            person_id, status, trouble = None, _TOO_MANY, said(error, visit.words)
        if person_id is None:
            return visit.page("signin/password.html", status, to=to, login=login, trouble=trouble)
        response = visit.to(CODE)
        half_way = self._signer.dumps([person_id, to, int(visit.now.timestamp()) + _HALF_WAY_SECONDS])
        self._set_cookie(response, visit.request, _HALF_WAY, half_way, _HALF_WAY_SECONDS)
        return response

    async def _show_code(self, visit: Visit) -> Response:
        return visit.page("signin/code.html", trouble="") if self._half_way(visit) else visit.to(SIGN_IN)

    async def _take_code(self, visit: Visit) -> Response:
        half_way = self._half_way(visit)
        if half_way is None:
            trouble = visit.say("signin-late")
            return visit.page("signin/password.html", _UNKNOWN, to=HOME, login="", trouble=trouble)
        person_id, to = half_way
        status, trouble = _UNKNOWN, visit.say("signin-wrong-code")
        try:
            fits = await credentials.check_code(
                visit.session, self._vault, person_id, visit.value("code"), client_of(visit.request), visit.now
            )
        except TooManyAttempts as error:
            fits, status, trouble = False, _TOO_MANY, said(error, visit.words)
        if not fits:
            return visit.page("signin/code.html", status, trouble=trouble)
        return await self._come_in(visit, person_id, to)

    async def _sign_out(self, visit: Visit) -> Response:
        await people.sign_out(visit.session, visit.request.cookies.get(COOKIE, ""), visit.now)
        response = visit.to(SIGN_IN)
        response.delete_cookie(COOKIE, path=HOME)
        return response

    async def _choose_language(self, visit: Visit) -> Response:
        response = visit.to(own_place(visit.value("back")))
        wanted = visit.value("language")
        if wanted in {language.value for language in Language}:
            # The same cookie as the chat page's, so for the whole site.
            self._set_cookie(response, visit.request, LANGUAGE_COOKIE, wanted, YEAR, path="/")
        return response

    async def _show_invitation(self, visit: Visit) -> Response:
        person = await credentials.invited(visit.session, _token(visit), visit.now)
        return visit.page("signin/invited.html", person=person, trouble="", least=credentials.SHORTEST_PASSWORD)

    async def _choose_password(self, visit: Visit) -> Response:
        person = await credentials.invited(visit.session, _token(visit), visit.now)
        password, trouble = visit.value("password"), ""
        if password != visit.value("again"):
            trouble = visit.say("signin-different")
        else:
            try:
                await credentials.choose_password(visit.session, self._vault, _token(visit), password, visit.now)
            except WeakPassword as error:
                trouble = said(error, visit.words)
        if trouble:
            least = credentials.SHORTEST_PASSWORD
            return visit.page("signin/invited.html", _UNKNOWN, person=person, trouble=trouble, least=least)
        return visit.to(f"{HOME}/invited/{_token(visit)}/phone")

    async def _show_phone(self, visit: Visit) -> Response:
        return await self._phone(visit)

    async def _phone(self, visit: Visit, status: int = 200, trouble: str = "") -> Response:
        person = await credentials.invited(visit.session, _token(visit), visit.now)
        key = await credentials.phone_key(visit.session, self._vault, _token(visit), visit.now)
        place = f"{HOME}/invited/{_token(visit)}"
        if key is None:
            return visit.to(place)
        fours = " ".join(key[start : start + 4] for start in range(0, len(key), 4))
        return visit.page("signin/phone.html", status, person=person, key=fours, place=place, trouble=trouble)

    async def _confirm_phone(self, visit: Visit) -> Response:
        person_id = await credentials.join(visit.session, self._vault, _token(visit), visit.value("code"), visit.now)
        if person_id is None:
            return await self._phone(visit, _UNKNOWN, visit.say("signin-wrong-code"))
        return await self._come_in(visit, person_id, HOME)

    async def _draw_phone(self, visit: Visit) -> Response:
        """The key as a QR code; a picture of its own, because pages may hold none themselves."""
        person = await credentials.invited(visit.session, _token(visit), visit.now)
        key = await credentials.phone_key(visit.session, self._vault, _token(visit), visit.now)
        if key is None:
            raise InvitationGone
        drawing = io.BytesIO()
        address = credentials.phone_address(person.login, self._site_name, key)
        # On white also where the page is dark: cameras do not read it the other way round.
        segno.make(address, error="m").save(drawing, kind="svg", scale=5, border=4, light="white")
        return Response(drawing.getvalue(), media_type="image/svg+xml")

    async def _come_in(self, visit: Visit, person_id: int, to: str) -> Response:
        """A new token each time: one that somebody planted in the browser beforehand is worth nothing."""
        await people.sign_out(visit.session, visit.request.cookies.get(COOKIE, ""), visit.now)
        token = await people.sign_in(visit.session, person_id, visit.now)
        response = visit.to(to)
        self._set_cookie(response, visit.request, COOKIE, token, int(SIGNED_IN_FOR.total_seconds()))
        response.delete_cookie(_HALF_WAY, path=HOME)
        return response

    def _half_way(self, visit: Visit) -> tuple[int, str] | None:
        """Whose password was right a moment ago, and where they want to go."""
        try:
            person_id, to, until = self._signer.loads(visit.request.cookies.get(_HALF_WAY, ""))
        except (BadSignature, ValueError):
            return None
        return (person_id, to) if visit.now.timestamp() < until else None

    def _set_cookie(
        self, response: Response, request: Request, name: str, value: str, seconds: int, path: str = HOME
    ) -> None:
        secure = over_https(request, trust_proxy=self._trust_proxy)
        response.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)


async def _first_room(visit: Visit) -> Response:
    place = next((place for _, place, roles in ROOMS if visit.person.may(roles)), "/account")
    return visit.to(f"{HOME}{place}")


def own_place(path: str) -> str:
    """A place to go on to, as long as it is one of the console's own pages; else its first."""
    return path if _OWN_PLACE.fullmatch(path) and "/.." not in path else HOME


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["token"])
