"""The web chat: one page on which anybody can ask, with a script or without one.

The page's script posts JSON to ``/chat/messages``. A browser without it posts a plain form to ``/chat`` and gets the
whole page back with the answer in it. Both end in the same call of the conversation.

There is nothing to push to a page, so what residents are told later is shown when they come again: at the top of the
page, and to a page that stays open when its script asks ``/chat/notices``.

A resident is a random id in a signed cookie, and one network gets only so many new ones a minute. Every message carries
an id its browser made, so the same words sent again with it after a lost connection are the same message and get the
same reply.

Pages are not stored, but for the answer to a form, which the back key could not bring back otherwise: its browser alone
keeps it, under the cookies it was asked for with. Whoever is forgotten loses the cookie, and those pages with it.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from bot.channels.web.assets import read_assets
from bot.channels.web.headers import guarded
from bot.channels.web.presentation import as_json
from bot.channels.web.requests import (
    LARGE,
    Refused,
    Said,
    check_same_origin,
    client_of,
    form_fields,
    is_large,
    language_asked,
    said_as_form,
    said_as_json,
)
from bot.channels.web.residents import Residents
from bot.channels.web.wording import LANGUAGE_COOKIE, Language, Reason, negotiate, words_of
from bot.conversation.flood import FloodGuard, Pace
from bot.conversation.routing import Route
from bot.delivery import Answering, Mailbox
from bot.messages import IncomingMessage, Reply, ReplyGone
from knowledge.attempts import network_of

CHANNEL = "web"
BODY_LIMIT = 1024 * 1024
NEWCOMERS_PER_MINUTE = 60
"""More than a class that opens the page together behind one address; a loop that keeps no cookie is soon stopped."""

_ONE_DAY = "public, max-age=86400"
_NOT_STORED = "no-store"
_FOR_THE_BACK_KEY = "private, max-age=300"
_FORGET = "forget:yes"
"""The button that has a resident forgotten."""
_HERE = Path(__file__).parent / "web"

logger = logging.getLogger(__name__)


class WebChat:
    """Serves the chat page and hands what is written there to the conversation."""

    def __init__(
        self,
        conversation: Answering,
        *,
        secret: str,
        notices: Mailbox | None = None,
        site_name: str = "求真",
        region: str = "",
        trust_proxy: bool = False,
        body_limit: int = BODY_LIMIT,
        newcomers_per_minute: int = NEWCOMERS_PER_MINUTE,
    ) -> None:
        """Load templates, static files and wording.

        `secret` signs the resident's cookie: with another secret every visitor is new. `notices` holds what residents
        are to be told later. `region` names the place whose
        science association hosts the site. `trust_proxy` believes X-Forwarded-Proto and X-Forwarded-Host; say so only
        behind a proxy that sets them. `body_limit` is the largest request body in bytes. `newcomers_per_minute` is how
        many new residents one network may bring.

        Raises: ValueError when `secret` is empty.
        """
        self._conversation = conversation
        self._notices = notices
        self._residents = Residents.signed_with(secret, trust_proxy=trust_proxy)
        self._newcomers = FloodGuard(newcomers_per_minute)
        self._trust_proxy = trust_proxy
        self._body_limit = body_limit
        self._site_name = site_name
        self._words = words_of(site_name, region)
        self._assets = {asset.name: asset for asset in read_assets(_HERE / "static")}
        loader = FileSystemLoader(_HERE / "templates")
        environment = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._page = environment.get_template("page.html")

    def routes(self) -> Sequence[BaseRoute]:
        """Every address the web chat answers on."""
        return [
            guarded("/", self._show),
            guarded("/chat/messages", self._answer_script, "POST"),
            guarded("/chat/notices", self._give_notices, "POST"),
            guarded("/chat/language", self._choose_language, "POST"),
            guarded("/chat", self._answer_form, "POST"),
            guarded("/chat", self._back_to_page),
            guarded("/favicon.ico", self._assets["icon.svg"].serving(_ONE_DAY)),
            *(guarded(asset.url, asset.serving()) for asset in self._assets.values()),
        ]

    async def _show(self, request: Request) -> Response:
        known = self._residents.known(request)
        notices = await self._notices_for(known) if known and _is_seen(request) else ()
        response = self._render(request, notices=notices)
        if asked := language_asked(request):  # as the article pages do; whoever was here before is answered in it
            self._residents.set_cookie(response, request, LANGUAGE_COOKIE, asked)
            if known and _is_seen(request) and request.cookies.get(LANGUAGE_COOKIE) != asked:
                await self._speak(asked, known)
        with suppress(Refused):  # the page is shown to whoever comes
            self._residents.remember(response, request, known or await self._welcome(request))
        return response

    async def _give_notices(self, request: Request) -> Response:
        """What is new for a page that stays open. Not by GET: what is given counts as told."""
        try:
            check_same_origin(request, trust_proxy=self._trust_proxy)
            known = self._residents.known(request)
            replies = await self._notices_for(known) if known else ()
            return JSONResponse({"replies": [as_json(r) for r in replies]}, headers={"cache-control": _NOT_STORED})
        except Refused as refused:
            return JSONResponse({"replies": []}, refused.status, headers={"cache-control": _NOT_STORED})

    async def _notices_for(self, address: str) -> Sequence[Reply]:
        try:
            return await self._notices.collect(CHANNEL, address) if self._notices else ()
        except Exception as error:  # they wait for the next visit; the page must not wait for them
            logger.error("no notices for a web page: %s", _where(error))
            return ()

    def _newcomer(self, request: Request) -> str:
        """An id for somebody who is not known; each has a pace of its own, so they cannot be had without end.

        Raises: Refused.
        """
        if self._newcomers.pace(network_of(client_of(request))) is not Pace.FINE:
            raise Refused(429, Reason.TOO_MANY)
        return self._residents.new()

    async def _welcome(self, request: Request) -> str:
        """An id for a newcomer, who is answered in the language chosen here before: who was forgotten, say.

        Raises: Refused.
        """
        address = self._newcomer(request)
        if LANGUAGE_COOKIE in request.cookies:
            await self._speak(self._language_of(request), address)
        return address

    async def _answer_script(self, request: Request) -> Response:
        address = self._residents.known(request)
        is_forgotten = False
        try:
            check_same_origin(request, trust_proxy=self._trust_proxy)
            said = await said_as_json(request, self._body_limit)
            address = address or await self._welcome(request)
            reply = await self._reply_to(said, address)
            is_forgotten = _is_forgotten(said, reply)
            content = as_json(reply) | {"forgotten": is_forgotten}
            status = 200
        except Refused as refused:
            words = self._words[self._language_of(request)]
            content = {"error": words.refusals[refused.reason], "reason": refused.reason.value}
            status = refused.status
        response = JSONResponse(content, status, headers={"cache-control": _NOT_STORED})
        self._remember(response, request, address, is_forgotten=is_forgotten)
        return response

    async def _answer_form(self, request: Request) -> Response:
        address = self._residents.known(request)
        said: Said | None = None
        is_forgotten = False
        try:
            check_same_origin(request, trust_proxy=self._trust_proxy)
            said = await said_as_form(request, self._body_limit)
            address = address or await self._welcome(request)
            reply = await self._reply_to(said, address)
            is_forgotten = _is_forgotten(said, reply)
            response = self._render(request, said=said, reply=reply)
        except Refused as refused:
            response = self._render(request, said=said, refused=refused)
        self._remember(response, request, address, is_forgotten=is_forgotten)
        if is_forgotten:  # for browsers that go back without a look at the cookie
            response.headers["clear-site-data"] = '"cache"'
        return response

    async def _choose_language(self, request: Request) -> Response:
        """Keep the chosen language for the page in a cookie, and for the replies in the conversation."""
        try:
            check_same_origin(request, trust_proxy=self._trust_proxy)
            wanted = (await form_fields(request, self._body_limit)).get("language")
            if wanted not in {language.value for language in Language}:
                raise Refused(422, Reason.WRONG_SHAPE)
        except Refused as refused:
            return self._render(request, refused=refused)
        response = await self._back_to_page(request)
        self._residents.set_cookie(response, request, LANGUAGE_COOKIE, wanted)
        try:
            address = self._residents.known(request) or self._newcomer(request)
            self._remember(response, request, address)
        except Refused:
            return response
        await self._speak(wanted, address)
        return response

    async def _speak(self, language: str, address: str) -> None:
        """Let a resident's replies be in the language of the page."""
        try:
            await self._reply_to(Said(secrets.token_hex(16), text=f"/language {language}"), address)
        except Refused:
            logger.warning("the language of a web page was changed, that of its replies was not")

    def _remember(
        self, response: Response, request: Request, address: str | None, *, is_forgotten: bool = False
    ) -> None:
        if is_forgotten:
            self._residents.forget(response, request)
        elif address:
            self._residents.remember(response, request, address)

    async def _back_to_page(self, request: Request) -> Response:
        return RedirectResponse(f"/?size={LARGE}" if is_large(request) else "/", status_code=303)

    async def _reply_to(self, said: Said, address: str) -> Reply:
        """Ask the conversation.

        Raises: Refused when it says nothing, or fails.
        """
        message = IncomingMessage(
            CHANNEL, address, _key_of(said, address), text=said.text, forwarded=said.forwarded, pressed=said.pressed
        )
        try:
            reply = await self._conversation.reply_to(message)
        except ReplyGone:
            raise Refused(410, Reason.GONE) from None
        except Exception as error:
            # Not the error's text, nor its traceback: a database error quotes what the resident wrote.
            logger.error("no answer for a web message: %s", _where(error))
            raise Refused(503, Reason.BROKEN) from None
        if reply is None:
            raise Refused(429, Reason.TOO_MANY)
        return reply

    def _language_of(self, request: Request) -> Language:
        stored = language_asked(request) or request.cookies.get(LANGUAGE_COOKIE)
        return negotiate(stored, request.headers.get("accept-language", ""))

    def _render(
        self,
        request: Request,
        *,
        said: Said | None = None,
        reply: Reply | None = None,
        refused: Refused | None = None,
        notices: Sequence[Reply] = (),
    ) -> Response:
        language = self._language_of(request)
        words = self._words[language]
        html = self._page.render(
            site=self._site_name,
            language=language.value,
            large=is_large(request),
            words=words,
            assets=self._assets,
            said=said,
            reply=as_json(reply) if reply else None,
            notices=[as_json(notice) for notice in notices],
            error=words.refusals[refused.reason] if refused else None,
            # A resend must be the same message, as long as that can be answered; anything new must not be.
            key=said.key if said and refused and refused.reason is not Reason.GONE else secrets.token_hex(16),
            new_key=lambda: secrets.token_hex(16),
        )
        headers = {
            "cache-control": _FOR_THE_BACK_KEY if request.method == "POST" else _NOT_STORED,
            "content-language": language.value,
            "vary": "Accept-Language, Cookie",
        }
        return HTMLResponse(html, refused.status if refused else 200, headers=headers)


def _key_of(said: Said, address: str) -> str:
    """The message's name: no resident can name another's message, and the name does not give the address away.

    A page without a script has one id a form, and the browser's back key brings it back: what is said belongs to the
    name, so that only the same words are the same message.
    """
    parts = (address, said.key, said.text, said.pressed, said.forwarded)
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _is_forgotten(said: Said, reply: Reply) -> bool:
    """Whether the resident asked to be forgotten, and was; where too many come, a button is not done."""
    return said.pressed == _FORGET and reply.route == Route.CHOICE


def _is_seen(request: Request) -> bool:
    """Whether somebody looks at the page: not a HEAD, nor a browser that loads it in case it is wanted."""
    purposes = (request.headers.get(name, "") for name in ("sec-purpose", "purpose"))
    return request.method == "GET" and not any(purpose.lower().startswith("prefetch") for purpose in purposes)


def _where(error: Exception) -> str:
    """Kind and place of an error, without anything it says."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} in {place}"
