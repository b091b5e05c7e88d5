"""The JSON API, version 1, and the feeds: what residents may read for everybody, rumours for programs of the staff.

A program of a person acts as that person: the same roles, regions, rules and audit rows as in the console.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import FastAPI, HTTPException, Path, Query, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from bot.api import conditional, open_data, schemas
from bot.api.feeds import Feeds
from bot.api.open_data import OpenData
from bot.api.problems import SmallBodies, answer_with_problems, refusals
from bot.channels.pages.address import base_of
from bot.channels.pages.structured import Publisher, structured_data
from bot.channels.web.headers import SecurityHeaders
from bot.channels.web.requests import client_of
from bot.conversation.flood import FloodGuard, Pace
from index.variants import clean
from index.worker import SearchWorker
from knowledge import articles, people, reading
from knowledge.database import Database
from knowledge.desk import detail, queue, work
from knowledge.desk.queue import Filters, Group, Order
from knowledge.desk.steps import Step
from knowledge.errors import NotAllowed, RumourNotFound
from knowledge.models import Band, Kind, Role, Topic
from knowledge.people import Actor
from knowledge.protection import Vault
from knowledge.redaction import redact

PLACE = "/api/v1"
_DESK = frozenset({Role.DEBUNKER, Role.EXPERT})
_PAGE = 100
_REVIEWS = 50
_SHOWN = {Band.SURE: 1, Band.AMBIGUOUS: 3, Band.UNKNOWN: 0}
_LARGEST_BODY = 64 * 1024
_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_SILENT = TelemetryConfig(tracing=False, metrics=False, logs=False, auto_configure=False)
"""FastAPI's telemetry reports addresses with what was asked for; a resident's words must not leave that way."""

Slug = Annotated[str, Path(pattern=_SLUG, max_length=80)]
Cursor = Annotated[str | None, Query(pattern=_SLUG, max_length=80, description="`next` of the page before.")]
RumourId = Annotated[int, Path(ge=1, lt=2**31)]
Token = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(HTTPBearer(auto_error=False, description="A key from one's account page in the console.")),
]


class LinkedData(JSONResponse):
    """JSON-LD."""

    media_type = "application/ld+json"


class JsonLines(Response):
    """JSON Lines."""

    media_type = open_data.MEDIA_TYPE


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
        self._open_data = OpenData(database, vault, clock)
        self._feeds = Feeds(database, site_name, today=self._today, zone=self._zone, base=self._base)

    def routes(self) -> Sequence[BaseRoute]:
        """Every address of the API and the feeds."""
        return [
            Mount(PLACE, self.app(), middleware=[Middleware(SecurityHeaders)]),
            *self._feeds.routes(),
        ]

    def app(self) -> FastAPI:
        """The API as an app of its own."""
        app = FastAPI(
            title=f"{self._site_name} API",
            version="1",
            docs_url=None,  # a page that would load its scripts from strangers
            redoc_url=None,
            telemetry=_SILENT,
            middleware=[Middleware(SmallBodies, largest=_LARGEST_BODY)],
        )
        answer_with_problems(app)
        app.get("/search", responses=refusals(422, 429))(self.search)
        app.get("/articles", responses=refusals(422))(self.articles)
        app.get("/articles/{slug}", responses=refusals(404, 410, 422))(self.article)
        app.get("/debunks.json", responses=refusals(422), response_class=LinkedData)(self.debunks)
        app.get("/open-data.jsonl", responses={304: {}}, response_class=JsonLines)(self.open_data)
        app.get("/rumours", responses=refusals(401, 403, 422))(self.rumours)
        app.get("/rumours/{rumour_id}", responses=refusals(401, 403, 404, 422))(self.rumour)
        app.post("/rumours/{rumour_id}/notes", status_code=201, responses=refusals(400, 401, 403, 404, 413, 422))(
            self.note
        )
        return app

    async def search(self, request: Request, q: Annotated[str, Query(min_length=1, max_length=1000)]) -> schemas.Answer:
        """What the knowledge base says to a message. `unknown` means that it does not know, never that it is safe."""
        if self._flood.pace(client_of(request)) is not Pace.FINE:
            raise HTTPException(429, "Too many searches from this address; wait a minute.", {"retry-after": "60"})
        text = redact(clean(q))
        outcome = await self._search.search(text)
        wanted = [found.article_id for found in outcome.found[: _SHOWN[outcome.band]]]
        async with self._database.reading() as session:
            served = await articles.servable(session, wanted, self._today())
        found = [schemas.Found.of(served[number], self._base(request)) for number in wanted if number in served]
        band = outcome.band if found else Band.UNKNOWN
        return schemas.Answer(band=band, probability=round(outcome.probability, 3), articles=found)

    async def articles(
        self,
        request: Request,
        topic: Topic | None = None,
        kind: Kind | None = None,
        updated_since: Annotated[datetime | None, Query(description="UTC, unless it says otherwise.")] = None,
        cursor: Cursor = None,
    ) -> schemas.Articles:
        """The articles that residents may read, by slug."""
        async with self._database.reading() as session:
            listed = await reading.listed(session, self._today(), topic)
        since = updated_since.replace(tzinfo=updated_since.tzinfo or UTC) if updated_since else None
        chosen = {
            one.slug: one
            for one in listed
            if (kind is None or one.kind is kind) and (since is None or one.updated_at >= since)
        }
        slugs, following = _page(chosen, cursor, _PAGE)
        entries = [schemas.Entry.of(chosen[slug], self._base(request)) for slug in slugs]
        return schemas.Articles(articles=entries, total=len(chosen), next=following)

    async def article(self, request: Request, slug: Slug) -> schemas.Article:
        """One article with its sources."""
        async with self._database.reading() as session:
            return schemas.Article.whole(await reading.whole(session, slug, self._today()), self._base(request))

    async def debunks(self, request: Request, cursor: Cursor = None) -> Response:
        """Judged claims as schema.org `ClaimReview`, in a `DataFeed`, by slug.

        A header `Link` with `rel="next"` leads to the next page.
        """
        base, today = self._base(request), self._today()
        publisher = Publisher(self._site_name, f"{base}/", self._timezone)
        async with self._database.reading() as session:
            judged = (one.slug for one in await reading.listed(session, today) if one.verdict)
            slugs, following = _page(judged, cursor, _REVIEWS)
            reviews = [
                structured_data(await reading.whole(session, slug, today), f"{base}/a/{slug}", publisher)
                for slug in slugs
            ]
        feed = {"@context": "https://schema.org", "@type": "DataFeed", "dataFeedElement": reviews}
        link = {"link": f'<{base}{PLACE}/debunks.json?cursor={quote(following)}>; rel="next"'} if following else None
        return LinkedData(feed, headers=link)

    async def open_data(self, request: Request) -> Response:
        """Rumours that at least three residents passed on, one a line: claims, counts, verdicts, no residents.

        `text` is the claim as the article words it that settles it, empty until then; what was found out is in
        `verdict`. Ids are keyed hashes, days are those of UTC. Free for any use (CC0 1.0).
        """
        lines = await self._open_data.lines()
        licence = {"link": f'<{open_data.LICENCE}>; rel="license"'}
        return conditional.answer(request, lines.body, open_data.MEDIA_TYPE, lines.made_at, licence)

    async def rumours(
        self,
        token: Token,
        status: Group = Group.UNSETTLED,
        order: Order = Order.DEMAND,
        text: Annotated[str, Query(max_length=100)] = "",
        page: Annotated[int, Query(ge=1, le=queue.DEEPEST)] = 1,
    ) -> schemas.Rumours:
        """A page of the rumour queue. Needs a token of a debunker or expert."""
        async with self._desk(token, reads=True) as (session, actor):
            filters = Filters(group=status, order=order, text=text.replace("\0", ""))
            listed = await queue.listed(session, actor, filters, now=self._clock(), page=page)
            return schemas.Rumours(
                rumours=[schemas.Rumour.of(one) for one, _ in listed.rumours], page=page, has_more=listed.has_more
            )

    async def rumour(self, rumour_id: RumourId, token: Token) -> schemas.RumourDetail:
        """One rumour with its wordings and notes. Needs a token of a debunker or expert."""
        async with self._desk(token, reads=True) as (session, actor):
            found = await detail.of(session, rumour_id, self._zone)
            regions = queue.regions_of(actor)
            if regions is not None and found.rumour.region not in ("", *regions):
                raise RumourNotFound(found.rumour.ref)
            return schemas.RumourDetail.whole(found)

    async def note(self, rumour_id: RumourId, note: schemas.NewNote, token: Token) -> schemas.Done:
        """Write a note on a rumour. Needs a token of a debunker or expert."""
        async with self._desk(token, reads=False) as (session, actor):
            await work.add_note(session, rumour_id, note.text, Step(actor, 0, self._clock()))
        return schemas.Done(done=True)

    @asynccontextmanager
    async def _desk(self, token: Token, *, reads: bool) -> AsyncIterator[tuple[AsyncSession, Actor]]:
        """A session and who the program acts as."""
        actor = await self._actor(token.credentials) if token else None
        if actor is None:
            raise HTTPException(
                401, "Send a valid token: Authorization: Bearer <token>.", {"www-authenticate": "Bearer"}
            )
        if not actor.may(_DESK):
            raise NotAllowed("The token's person is neither debunker nor expert.")
        async with self._database.reading() if reads else self._database.transaction() as session:
            yield session, actor

    async def _actor(self, token: str) -> Actor | None:
        # Written down only for a token that is somebody's, and now and then: made-up ones must not hold up the writers.
        now = self._clock()
        async with self._database.reading() as session:
            actor = await people.by_api_token(session, token)
            if actor is None or await people.used_lately(session, token, now):
                return actor
        async with self._database.transaction() as session:
            await people.used(session, token, now)
        return actor

    def _base(self, request: Request) -> str:
        return base_of(request, self._public_url, trust_proxy=self._trust_proxy)

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()


def _page(slugs: Iterable[str], cursor: str | None, size: int) -> tuple[list[str], str | None]:
    """The slugs after the cursor, as many as fit; and the next cursor, when there are more."""
    left = sorted(slug for slug in slugs if cursor is None or slug > cursor)
    return left[:size], left[size - 1] if len(left) > size else None
