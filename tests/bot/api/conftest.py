"""The API over a fresh database and a searcher with the hashing encoder, and programs that use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest
from starlette.applications import Starlette

from bot.api import Api
from index.passages import Document
from index.search import Searcher
from index.vector_cache import CachedEncoder
from index.worker import SearchWorker
from knowledge import articles, people
from knowledge.database import Database
from knowledge.models import Role, Status
from tests import factories
from tests.bot.console.conftest import person
from tests.factories import NOON
from tests.fakes import HashingEncoder
from tests.knowledge.desk.conftest import asked

SITE = "https://qiuzhen.example.org"


@dataclass(slots=True)
class Clock:
    """The time of the API, set by the test."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The time of the API."""
    return Clock()


MakeApi = Callable[..., Api]


@pytest.fixture
async def make_api(database: Database, clock: Clock) -> AsyncIterator[MakeApi]:
    """Makes the API over a published debunk, one overdue, one draft, one retired and two rumours.

    Three residents passed on the first rumour, one the second.
    """
    async with database.transaction() as session:
        baijiu = await factories.saved_article(session, slug="baijiu")
        await factories.saved_article(session, slug="overdue", review_by="2026-11-01")
        await factories.saved_article(session, slug="draft", status=Status.DRAFT)
        await factories.saved_article(session, slug="gone")
        await articles.retire(session, "gone")
        content = articles.content_of(await articles.get(session, "baijiu"))
        await asked(session, "村口的井水有毒，电话13812345678", "井水有毒", "井里的水有毒")
        await asked(session, "张三家的事", first=9)
    encoder = CachedEncoder(HashingEncoder(), None)
    searcher = Searcher(encoder)
    searcher.replace({baijiu.id: Document.of(baijiu.id, content)})
    worker = SearchWorker(searcher)

    def make(searches_per_minute: int = 5) -> Api:
        return Api(
            database,
            worker,
            factories.VAULT,
            site_name="求真",
            timezone="Asia/Shanghai",
            public_url=SITE,
            searches_per_minute=searches_per_minute,
            clock=clock,
        )

    yield make
    worker.close()
    encoder.close()


@pytest.fixture
async def client(make_api: MakeApi) -> AsyncIterator[httpx.AsyncClient]:
    """A program."""
    transport = httpx.ASGITransport(Starlette(routes=list(make_api().routes())))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as made:
        yield made


async def token(database: Database, *roles: Role, region: str = "") -> dict[str, str]:
    """The header of a program of somebody with these roles."""
    actor = await person(database, f"somebody-{region or 'all'}-{roles[0]}", *roles, region=region)
    async with database.transaction() as session:
        return {"authorization": f"Bearer {await people.new_api_token(session, actor.id, 'a program', NOON)}"}
