"""Every page of the console behind the same door: sign-in, roles, forged forms, large bodies, errors.

A page is declared with the roles it needs and gets a `Visit`. What it raises becomes a page in words, and nothing it
began to change is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, compile_path
from starlette.types import Receive, Scope, Send

from bot.channels.web.assets import read_assets
from bot.channels.web.headers import SECURITY_HEADERS, SecurityHeaders, guarded
from bot.channels.web.requests import Refused, check_same_origin, host_of
from bot.channels.web.wording import LANGUAGE_COOKIE, Language, negotiate
from bot.console.rooms import ROOMS
from bot.console.visit import EVERYBODY, Page, Visit
from bot.console.words import ConsoleWords
from index.variants import has_han
from knowledge import people
from knowledge.database import Database
from knowledge.errors import (
    ArticleNotFound,
    Conflict,
    KnowledgeError,
    NotAllowed,
    NotFound,
    RumourNotFound,
)
from knowledge.people import Actor

HOME = "/console"
COOKIE = "qiuzhen_console"
SIGN_IN = f"{HOME}/sign-in"
_HERE = Path(__file__).parent
_MOST_FIELDS = 500
SECRETS = frozenset({"csrf", "password", "old", "new", "again", "code"})
"""Fields of forms that are never shown again."""
_NAMES = frozenset({"query", "slug", "url"})
"""Fields that name something, and mostly are not typed."""
_SHORTEST_WORDS, _LONG = 4, 20
"""Characters from which words, and anything else, are worth keeping."""
_STATUS: Sequence[tuple[type[KnowledgeError], int]] = (
    (NotFound, 404),
    (RumourNotFound, 404),
    (ArticleNotFound, 404),
    (NotAllowed, 403),
    (Conflict, 409),
)
# htmx makes pages of what it gets, which trusted types would forbid; nothing here takes a script from a string.
_POLICY = SECURITY_HEADERS["content-security-policy"].replace("; require-trusted-types-for 'script'", "")
_log = structlog.get_logger(__name__)


class TooLarge(Exception):
    """More was sent than the page takes."""


class TurnedAway(Exception):
    """A form of nobody, or without its token: the status, and the name of the sentence that says so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Console:
    """Serves the declared pages."""

    def __init__(
        self,
        database: Database,
        pages: Iterable[Page],
        *,
        secret: str,
        site_name: str,
        timezone: str,
        trust_proxy: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Load templates and wording. `secret` signs what guards the forms."""
        self.pages = tuple(pages)
        self._readable = [compile_path(page.path)[0] for page in self.pages if page.method == "GET"]
        self._database = database
        self._secret = secret.encode()
        self._trust_proxy = trust_proxy
        self._clock = clock
        self._words = {language: ConsoleWords(language, timezone) for language in Language}
        self._assets = read_assets(_HERE / "static")
        chat = read_assets(_HERE.parent / "channels" / "web" / "static")
        self._shared = {
            "site": site_name,
            "home": HOME,
            "rooms": ROOMS,
            "assets": {asset.name: asset.url for asset in (*chat, *self._assets)},
        }
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Every address of the console."""
        return [
            *(guarded(asset.url, asset.serving()) for asset in self._assets),
            *(
                Route(page.path, self._serving(page), methods=[page.method], middleware=[Middleware(_ConsoleHeaders)])
                for page in self.pages
            ),
        ]

    def _serving(self, page: Page) -> Callable[[Request], Any]:
        async def serve(request: Request) -> Response:
            words = self._words[
                negotiate(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", ""))
            ]
            try:
                return await self._serve(page, request, words)
            except Exception as error:
                return await self._refusal(page, request, words, error)

        return serve

    async def _refusal(self, page: Page, request: Request, words: ConsoleWords, error: Exception) -> Response:
        """What is said of an error."""
        match error:
            case Refused():
                return await self._trouble(page, request, words, error.status, words.say("trouble-foreign"))
            case TurnedAway():
                return await self._trouble(page, request, words, error.status, words.say(error.sentence))
            case TooLarge():
                text = words.say("trouble-large", megabytes=page.largest_body // (1024 * 1024))
                return await self._trouble(page, request, words, 413, text)
            case HTTPException() | MultiPartException() | ClientDisconnect():
                return await self._trouble(page, request, words, 400, words.say("trouble-form"))
            case KnowledgeError():
                status = next((status for kind, status in _STATUS if isinstance(error, kind)), 422)
                return await self._trouble(page, request, words, status, said(error, words))
        _log.error("console page failed", error=type(error).__name__, path=page.path)
        return await self._trouble(page, request, words, 500, words.say("trouble-broken"))

    async def _serve(self, page: Page, request: Request, words: ConsoleWords) -> Response:
        token = request.cookies.get(COOKIE, "")
        fields: dict[str, list[str]] = {}
        files: dict[str, UploadFile] = {}
        if page.method == "POST":
            check_same_origin(request, trust_proxy=self._trust_proxy)
            fields, files = await _form(request, page.largest_body)
            request.state.fields = fields
        try:
            return await self._answer(page, request, words, token, fields, files)
        finally:
            for file in files.values():
                await file.close()

    async def _answer(
        self,
        page: Page,
        request: Request,
        words: ConsoleWords,
        token: str,
        fields: dict[str, list[str]],
        files: dict[str, UploadFile],
    ) -> Response:
        async with self._session(page) as session:
            now = self._clock()
            actor = await people.signed_in(session, token, now) if token else None
            if page.roles != EVERYBODY:
                if actor is None:
                    return _to_sign_in(page, request)
                if not actor.may(page.roles):
                    raise NotAllowed("The roles of this person do not open this page.")
            csrf = self._csrf(token if actor else "")
            if (
                page.method == "POST"
                and actor
                and not hmac.compare_digest(_last(fields, "csrf").encode(), csrf.encode())
            ):
                raise TurnedAway(403, "trouble-csrf")
            if page.method == "POST" and page.writes and actor:
                await people.seen(session, token, now)
            visit = Visit(request, session, now, words, actor, csrf, fields, files, self._templates, self._shared)
            response = await page.endpoint(visit)
        for work in visit.after:
            if inspect.isawaitable(done := work()):
                await done
        return response

    def _session(self, page: Page) -> AbstractAsyncContextManager[AsyncSession]:
        writes = page.method == "POST" and page.writes
        return self._database.transaction() if writes else self._database.reading()

    def _csrf(self, token: str) -> str:
        return hmac.new(self._secret, f"console form\0{token}".encode(), hashlib.sha256).hexdigest()

    async def _trouble(self, page: Page, request: Request, words: ConsoleWords, status: int, text: str) -> Response:
        """A refusal in words, from which one can go on: whoever is signed in keeps the rooms, and what they wrote."""
        actor = await self._actor_of(request)
        is_expired = status == 401
        html = self._templates.get_template("trouble.html").render(
            **self._shared,
            say=words.say,
            language=words.language.value,
            actor=actor,
            csrf=self._csrf(request.cookies.get(COOKIE, "")) if actor else "",
            path=HOME,
            text=text,
            back=self._came_from(request) if actor else HOME,
            # Going back leads to the sign-in page, so what was written is shown until they are signed in elsewhere.
            sign_in=f"{SIGN_IN}?to={quote(self._came_from(request))}" if is_expired else "",
            sent=page.method == "POST" and page.roles != EVERYBODY and not is_expired,
            written=_written(request) if page.roles != EVERYBODY else [],
        )
        return HTMLResponse(html, status)

    def _came_from(self, request: Request) -> str:
        """The page of the console the request came from, without its query, which may say what was done there before;
        the one above it where a form was only answered there; the console's start where none is known or it leads
        round in a circle."""
        try:
            came = urlsplit(request.headers.get("referer", ""))
        except ValueError:
            return HOME
        is_ours = came.netloc.lower() == host_of(request, trust_proxy=self._trust_proxy)
        path = came.path if is_ours and not came.path.startswith(SIGN_IN) else HOME
        while path.startswith(f"{HOME}/") and not any(page.match(path) for page in self._readable):
            path = path.rpartition("/")[0]
        is_round = request.method == "GET" and path == request.url.path
        return path if path.startswith(f"{HOME}/") and not is_round else HOME

    async def _actor_of(self, request: Request) -> Actor | None:
        """Who is signed in; nobody when not even that can be found out, for the refusal must be shown all the same."""
        if not (token := request.cookies.get(COOKIE, "")):
            return None
        try:
            async with self._database.reading() as session:
                return await people.signed_in(session, token, self._clock())
        except Exception as error:
            _log.error("nobody can be signed in", error=type(error).__name__)
            return None


def said(error: KnowledgeError, words: ConsoleWords) -> str:
    """What the knowledge base refused, in the reader's language where there is a sentence for it: `refused-` and the
    name of the error in small letters, filled with the error's own fields."""
    values = {name: value for name, value in vars(error).items() if isinstance(value, str | int)}
    try:
        return words.say(f"refused-{type(error).__name__.lower()}", **values)
    except LookupError:
        return str(error)


class _ConsoleHeaders(SecurityHeaders):
    """The strict headers, with a policy that lets htmx work, and nothing kept by the browser."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_uncached(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = [(k, v) for k, v in message["headers"] if k != b"content-security-policy"]
                names = {k for k, _ in headers}
                headers.append((b"content-security-policy", _POLICY.encode()))
                if b"cache-control" not in names:
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        await super().__call__(scope, receive, send_uncached)


async def _form(request: Request, limit: int) -> tuple[dict[str, list[str]], dict[str, UploadFile]]:
    """Fields and files of a form of at most `limit` bytes.

    Raises: TooLarge; HTTPException or MultiPartException, when it is not whole.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced[:20]) > limit:
        raise TooLarge
    taken = 0
    receive = request.receive

    async def counted() -> Any:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLarge
        return message

    form = await Request(request.scope, counted).form(max_fields=_MOST_FIELDS, max_files=5, max_part_size=limit)
    fields: dict[str, list[str]] = {}
    files: dict[str, UploadFile] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = value
        else:
            fields.setdefault(name, []).append(_storable(value))
    return fields, files


def _storable(text: str) -> str:
    r"""Text with \n for every line break, and without NUL, which PostgreSQL does not take."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _to_sign_in(page: Page, request: Request) -> Response:
    """To the sign-in page and back. A form cannot be sent on; what was written is shown, to be copied.

    Raises: TurnedAway.
    """
    if page.method != "GET":
        raise TurnedAway(401, "trouble-expired")
    query = str(request.query_params)  # quoted anew, in the one way that is taken for a place of our own
    place = f"{request.url.path}?{query}" if query else request.url.path
    return RedirectResponse(f"{SIGN_IN}?to={quote(place)}", status_code=303)


def _written(request: Request) -> list[str]:
    """The texts of a form that it would be a pity to lose; never passwords and codes."""
    fields: dict[str, list[str]] = getattr(request.state, "fields", {})
    values = [value for name, values in fields.items() if name not in SECRETS | _NAMES for value in values]
    return [value for value in values if _is_worth_keeping(value.strip())]


def _is_worth_keeping(value: str) -> bool:
    are_words = has_han(value) or any(character.isspace() for character in value)
    return len(value) >= (_SHORTEST_WORDS if are_words else _LONG)


def _last(fields: dict[str, list[str]], name: str) -> str:
    return fields.get(name, [""])[-1]
