"""The JSON API, version 1, and the feeds: what residents may read for everybody, rumours for programs of the staff.

Errors are `application/problem+json` (RFC 9457). A program of a person acts as that person: the same roles, regions,
rules and audit rows as in the console.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import structlog
from fastapi import FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from bot.api import schemas
from bot.api.feeds import Feeds
from bot.channels.pages.address import base_of
from bot.channels.pages.structured import Publisher, structured_data
from bot.channels.web.headers import SecurityHeaders
from bot.conversation.flood import FloodGuard, Pace
from index.variants import clean
from index.worker import SearchWorker
from knowledge import articles, open_data, people, reading
from knowledge.database import Database
from knowledge.desk import detail, queue, work
from knowledge.desk.queue import Filters, Group, Order
from knowledge.desk.work import Step
from knowledge.errors import (
    ArticleNotFound,
    ArticleOverdue,
    ArticleRetired,
    Conflict,
    KnowledgeError,
    NotAllowed,
    NotFound,
    RumourNotFound,
)
from knowledge.models import Band, Role, Topic
from knowledge.people import Actor
from knowledge.protection import Vault
from knowledge.redaction import redact

PLACE = "/api/v1"
_DESK = frozenset({Role.DEBUNKER, Role.EXPERT})
_PAGE = 100
_REVIEWS = 50
_STATUS: Sequence[tuple[type[KnowledgeError], int]] = (
    (ArticleRetired, 410),
    (ArticleNotFound, 404),
    (ArticleOverdue, 404),
    (RumourNotFound, 404),
    (NotFound, 404),
    (NotAllowed, 403),
    (Conflict, 409),
)
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.Problem, "content": {"application/problem+json": {}}} for status in (404, 410, 422, 429)
}
_DESK_REFUSALS = _REFUSALS | {
    status: {"model": schemas.Problem, "content": {"application/problem+json": {}}} for status in (401, 403, 409)
}
_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_log = structlog.get_logger(__name__)

Slug = Annotated[str, Path(pattern=_SLUG, max_length=80)]
RumourId = Annotated[int, Path(ge=1, lt=2**31)]


class LinkedData(JSONResponse):
    """JSON-LD."""

    media_type = "application/ld+json"


class Api:
    """The API and the feeds as routes of the app."""

    def __init__(
        self,
        database: Database,
        search: SearchWorker,
        vault: Vault,
        *,
        site_name: str,
        timezone: str,
        public_url: str | None = None,
        trust_proxy: bool = False,
        searches_per_minute: int = 30,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`searches_per_minute` is what one address may ask."""
        self._database = database
        self._search = search
        self._vault = vault
        self._site_name = site_name
        self._timezone = timezone
        self._zone = ZoneInfo(timezone)
        self._public_url = public_url
        self._trust_proxy = trust_proxy
        self._flood = FloodGuard(searches_per_minute)
        self._clock = clock
        self._feeds = Feeds(database, site_name, self._today, self._base)

    def routes(self) -> Sequence[BaseRoute]:
        """Every address of the API and the feeds."""
        return [
            Mount(PLACE, self.app(), middleware=[Middleware(SecurityHeaders)]),
            *self._feeds.routes(),
        ]

    def app(self) -> FastAPI:
        """The API as an app of its own."""
        app = FastAPI(title=f"{self._site_name} API", version="1", docs_url=None, redoc_url=None)
        for kind, handle in (
            (StarletteHTTPException, _http_problem),
            (RequestValidationError, _validation_problem),
            (KnowledgeError, _knowledge_problem),
            (Exception, _broken),
        ):
            app.add_exception_handler(kind, handle)
        app.get("/search", responses=_REFUSALS)(self.search)
        app.get("/articles", responses=_REFUSALS)(self.articles)
        app.get("/articles/{slug}", responses=_REFUSALS)(self.article)
        app.get("/debunks", responses=_REFUSALS, response_class=LinkedData)(self.debunks)
        app.get("/open-data", responses=_REFUSALS)(self.open_data)
        app.get("/rumours", responses=_DESK_REFUSALS)(self.rumours)
        app.get("/rumours/{rumour_id}", responses=_DESK_REFUSALS)(self.rumour)
        app.post("/rumours/{rumour_id}/notes", responses=_DESK_REFUSALS, status_code=201)(self.note)
        return app

    async def search(self, request: Request, q: Annotated[str, Query(min_length=1, max_length=1000)]) -> schemas.Answer:
        """What the knowledge base says to a message. `unknown` means that it does not know, never that it is safe."""
        client = request.client.host if request.client else ""
        if self._flood.pace(client) is not Pace.FINE:
            raise HTTPException(429, "Too many searches from this address; wait a minute.")
        text = redact(clean(q))
        outcome = await self._search.search(text)
        shown = {Band.SURE: 1, Band.AMBIGUOUS: 3, Band.UNKNOWN: 0}[outcome.band]
        wanted = [found.article_id for found in outcome.found[:shown]]
        async with self._database.reading() as session:
            served = await articles.servable(session, wanted, self._today())
        found = [schemas.Found.of(served[number], self._base(request)) for number in wanted if number in served]
        band = outcome.band if found else Band.UNKNOWN
        return schemas.Answer(band=band, probability=round(outcome.probability, 3), articles=found)

    async def articles(
        self,
        request: Request,
        topic: Topic | None = None,
        updated_since: datetime | None = None,
        page: Annotated[int, Query(ge=1, le=1000)] = 1,
    ) -> schemas.Articles:
        """The articles that residents may read, a page of them by slug."""
        async with self._database.reading() as session:
            listed = await reading.listed(session, self._today(), topic)
        since = updated_since.replace(tzinfo=updated_since.tzinfo or UTC) if updated_since else None
        chosen = sorted((one for one in listed if since is None or one.updated_at >= since), key=lambda one: one.slug)
        start = (page - 1) * _PAGE
        base = self._base(request)
        return schemas.Articles(
            articles=[schemas.Entry.of(one, base) for one in chosen[start : start + _PAGE]],
            total=len(chosen),
            page=page,
            pages=max(1, -(-len(chosen) // _PAGE)),
        )

    async def article(self, request: Request, slug: Slug) -> schemas.Article:
        """One article with its sources."""
        async with self._database.reading() as session:
            return schemas.Article.whole(await reading.whole(session, slug, self._today()), self._base(request))

    async def debunks(self, request: Request, page: Annotated[int, Query(ge=1, le=1000)] = 1) -> Response:
        """Judged claims as schema.org `ClaimReview`, in a `DataFeed`; a page of them by slug."""
        base = self._base(request)
        publisher = Publisher(self._site_name, f"{base}/", self._timezone)
        today = self._today()
        async with self._database.reading() as session:
            slugs = sorted(one.slug for one in await reading.listed(session, today) if one.verdict)
            some = slugs[(page - 1) * _REVIEWS : page * _REVIEWS]
            reviews = [
                structured_data(await reading.whole(session, slug, today), f"{base}/a/{slug}", publisher)
                for slug in some
            ]
        feed = {"@context": "https://schema.org", "@type": "DataFeed", "dataFeedElement": reviews}
        return LinkedData(feed)

    async def open_data(self) -> schemas.OpenData:
        """Rumours that at least three residents passed on: redacted texts, counts and verdicts, no residents."""
        async with self._database.reading() as session:
            rows = await open_data.rumours(session, self._vault)
        return schemas.OpenData(rumours=[schemas.OpenRumour(**row.__dict__) for row in rows])

    async def rumours(
        self,
        authorization: Annotated[str, Header()] = "",
        status: Group = Group.UNSETTLED,
        order: Order = Order.DEMAND,
        text: Annotated[str, Query(max_length=100)] = "",
        page: Annotated[int, Query(ge=1, le=queue.DEEPEST)] = 1,
    ) -> schemas.Rumours:
        """A page of the rumour queue. Needs a token of a debunker or expert."""
        async with self._desk(authorization, reads=True) as (session, actor):
            filters = Filters(group=status, order=order, text=text.replace("\0", ""))
            listed = await queue.listed(session, actor, filters, now=self._clock(), page=page)
            return schemas.Rumours(
                rumours=[schemas.Rumour.of(one) for one, _ in listed.rumours], page=page, has_more=listed.has_more
            )

    async def rumour(self, rumour_id: RumourId, authorization: Annotated[str, Header()] = "") -> schemas.RumourDetail:
        """One rumour with its wordings and notes. Needs a token of a debunker or expert."""
        async with self._desk(authorization, reads=True) as (session, actor):
            found = await detail.of(session, rumour_id, self._zone)
            regions = queue.regions_of(actor)
            if regions is not None and found.rumour.region not in ("", *regions):
                raise RumourNotFound(found.rumour.ref)
            return schemas.RumourDetail.whole(found)

    async def note(
        self, rumour_id: RumourId, note: schemas.NewNote, authorization: Annotated[str, Header()] = ""
    ) -> schemas.Done:
        """Write a note on a rumour. Needs a token of a debunker or expert."""
        async with self._desk(authorization, reads=False) as (session, actor):
            await work.add_note(session, rumour_id, note.text.replace("\0", ""), Step(actor, 0, self._clock()))
        return schemas.Done(done=True)

    @asynccontextmanager
    async def _desk(self, authorization: str, *, reads: bool) -> AsyncIterator[tuple[AsyncSession, Actor]]:
        """A session and who the program acts as."""
        scheme, _, token = authorization.partition(" ")
        # The token's last use is written down, so even reading needs a transaction for a moment.
        async with self._database.transaction() as session:
            found = scheme.lower() == "bearer" and bool(token)
            actor = await people.by_api_token(session, token.strip(), self._clock()) if found else None
        if actor is None:
            raise HTTPException(
                401, "Send a valid token: Authorization: Bearer <token>.", {"www-authenticate": "Bearer"}
            )
        if not actor.may(_DESK):
            raise NotAllowed("The token's person is neither debunker nor expert.")
        async with self._database.reading() if reads else self._database.transaction() as session:
            yield session, actor

    def _base(self, request: Request) -> str:
        return base_of(request, self._public_url, trust_proxy=self._trust_proxy)

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def _http_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - registered for nothing else
    return _problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def _validation_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    told = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())
    return _problem(422, told)


async def _knowledge_problem(_request: Request, error: Exception) -> Response:
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 422)
    return _problem(status, str(error))


async def _broken(_request: Request, error: Exception) -> Response:
    _log.error("API request failed", error=type(error).__name__)
    return _problem(500, "Something went wrong here; try again later.")
