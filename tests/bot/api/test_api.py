"""The JSON API and the feeds, over a real database and a searcher with the hashing encoder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.api import Api
from index.passages import Document
from index.search import Searcher
from index.vector_cache import CachedEncoder
from index.worker import SearchWorker
from knowledge import articles, people
from knowledge.database import Database
from knowledge.models import AuditRow, Role, Rumour, RumourNote, Status
from tests import factories
from tests.bot.console.conftest import person
from tests.factories import NOON
from tests.fakes import HashingEncoder
from tests.knowledge.desk.conftest import asked

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "https://qiuzhen.example.org"


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    """The API over one published debunk, one overdue, one draft and one rumour that three residents passed on."""
    async with database.transaction() as session:
        baijiu = await factories.saved_article(session, slug="baijiu")
        await factories.saved_article(session, slug="overdue", review_by="2026-11-01")
        await factories.saved_article(session, slug="draft", status=Status.DRAFT)
        content = articles.content_of(await articles.get(session, "baijiu"))
        await asked(session, "村口的井水有毒，电话13812345678", "井水有毒", "井里的水有毒")
        await asked(session, "张三家的事", first=9)
    encoder = CachedEncoder(HashingEncoder(), None)
    searcher = Searcher(encoder)
    searcher.replace({baijiu.id: Document.of(baijiu.id, content)})
    worker = SearchWorker(searcher)
    yield Api(
        database,
        worker,
        factories.VAULT,
        site_name="求真",
        timezone="Asia/Shanghai",
        public_url=SITE,
        searches_per_minute=5,
        clock=lambda: NOON,
    )
    worker.close()
    encoder.close()


@pytest.fixture
async def client(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A program."""
    transport = httpx.ASGITransport(Starlette(routes=list(api.routes())))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as made:
        yield made


async def token(database: Database, *roles: Role, region: str = "") -> dict[str, str]:
    """The header of a program of somebody with these roles."""
    actor = await person(database, f"somebody-{region or 'all'}-{roles[0]}", *roles, region=region)
    async with database.transaction() as session:
        return {"authorization": f"Bearer {await people.new_api_token(session, actor.id, 'a program', NOON)}"}


class TestForEverybody:
    async def test_a_search_gives_what_residents_get(self, client: httpx.AsyncClient) -> None:
        found = (await client.get("/api/v1/search", params={"q": "喝白酒能杀毒吗"})).json()
        assert found["band"] in ("sure", "ambiguous")
        assert found["articles"][0]["url"] == f"{SITE}/a/baijiu"
        assert found["articles"][0]["verdict"] == "false"

    async def test_one_address_may_not_search_without_end(self, client: httpx.AsyncClient) -> None:
        codes = [(await client.get("/api/v1/search", params={"q": "水"})).status_code for _ in range(7)]
        assert codes == [200] * 5 + [429] * 2

    async def test_only_what_residents_may_read_is_there(self, client: httpx.AsyncClient) -> None:
        listed = (await client.get("/api/v1/articles")).json()
        assert [one["slug"] for one in listed["articles"]] == ["baijiu"]
        whole = (await client.get("/api/v1/articles/baijiu")).json()
        assert whole["sources"][0]["publisher"] == "世界卫生组织"
        for slug in ("overdue", "draft", "none-such"):
            refused = await client.get(f"/api/v1/articles/{slug}")
            assert refused.status_code == 404
            assert refused.headers["content-type"] == "application/problem+json"
        later = (NOON + timedelta(days=9)).isoformat()
        assert (await client.get("/api/v1/articles", params={"updated_since": later})).json()["articles"] == []
        assert (await client.get("/api/v1/articles", params={"topic": "fraud"})).json()["total"] == 0

    async def test_debunks_are_claim_reviews(self, client: httpx.AsyncClient) -> None:
        feed = (await client.get("/api/v1/debunks")).json()
        assert [one["@type"] for one in feed["dataFeedElement"]] == ["ClaimReview"]
        assert (await client.get("/api/v1/debunks", params={"page": 2})).json()["dataFeedElement"] == []

    async def test_open_data_names_nobody(self, client: httpx.AsyncClient) -> None:
        rumours = (await client.get("/api/v1/open-data")).json()["rumours"]
        assert [one["sightings"] for one in rumours] == [3]  # what one resident said is not among them
        assert "13812345678" not in rumours[0]["text"]
        assert len(rumours[0]["id"]) == 16
        assert set(rumours[0]) == {
            *("id", "kind", "text", "sightings", "first_seen", "last_seen", "verdict", "article"),
        }


class TestForPrograms:
    async def test_rumours_need_a_token_of_the_desk(self, client: httpx.AsyncClient, database: Database) -> None:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic x"}):
            refused = await client.get("/api/v1/rumours", headers=headers)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        editor = await token(database, Role.EDITOR)
        for path in ("/api/v1/rumours", "/api/v1/rumours/1"):
            assert (await client.get(path, headers=editor)).status_code == 403
        assert (await client.post("/api/v1/rumours/1/notes", headers=editor, json={"text": "x"})).status_code == 403

    async def test_a_debunkers_program_reads_and_writes(self, client: httpx.AsyncClient, database: Database) -> None:
        mine = await token(database, Role.DEBUNKER)
        queue = (await client.get("/api/v1/rumours", headers=mine)).json()
        assert [one["sightings"] for one in queue["rumours"]] == [3, 1]
        assert (await client.get("/api/v1/rumours", headers=mine, params={"text": "张三"})).json()["rumours"][0][
            "id"
        ] == 2
        done = await client.post("/api/v1/rumours/1/notes", headers=mine, json={"text": "问过水务局"})
        assert done.status_code == 201
        whole = (await client.get("/api/v1/rumours/1", headers=mine)).json()
        assert [(one["kind"], one["text"]) for one in whole["notes"]] == [("note", "问过水务局")]
        assert {one["count"] for one in whole["wordings"]} == {1}
        assert (await client.get("/api/v1/rumours/99", headers=mine)).status_code == 404
        assert (await client.post("/api/v1/rumours/1/notes", headers=mine, json={"text": "  "})).status_code == 422
        async with database.reading() as session:
            assert await session.scalar(select(func.count()).select_from(RumourNote)) == 1
            assert await session.scalar(select(func.count()).where(AuditRow.action == "rumour.note")) == 1

    async def test_another_region_is_not_there(self, client: httpx.AsyncClient, database: Database) -> None:
        async with database.transaction() as session:
            (await session.get_one(Rumour, 1)).region = "衢江区"
        local = await token(database, Role.DEBUNKER, region="柯城区")
        assert (await client.get("/api/v1/rumours/1", headers=local)).status_code == 404
        assert len((await client.get("/api/v1/rumours", headers=local)).json()["rumours"]) == 1
        assert (await client.post("/api/v1/rumours/1/notes", headers=local, json={"text": "x"})).status_code == 403


class TestFeeds:
    async def test_atom_tells_the_verdict_and_the_address(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/feeds/debunks.atom")
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        feed = ElementTree.fromstring(answer.content)  # noqa: S314 - our own
        assert [feed.findtext(f"{ATOM}{name}") for name in ("id", "title")] == [
            f"{SITE}/feeds/debunks.atom",
            "求真 辟谣",
        ]
        assert feed.findtext(f"{ATOM}updated")
        entries = feed.findall(f"{ATOM}entry")
        assert [entry.findtext(f"{ATOM}id") for entry in entries] == [f"{SITE}/a/baijiu"]
        assert (entries[0].findtext(f"{ATOM}title") or "").startswith("❌ 假")

    async def test_rss_has_the_same(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/feeds/debunks.rss")
        channel = ElementTree.fromstring(answer.content).find("channel")  # noqa: S314 - our own
        assert channel is not None
        assert [item.findtext("link") for item in channel.findall("item")] == [f"{SITE}/a/baijiu"]
        assert channel.findtext("lastBuildDate")

    @pytest.mark.parametrize("kind", ["atom", "rss"])
    async def test_who_has_it_already_gets_nothing(self, client: httpx.AsyncClient, kind: str) -> None:
        first = await client.get(f"/feeds/debunks.{kind}")
        again = await client.get(f"/feeds/debunks.{kind}", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_whatever_is_sent_nothing_breaks_and_the_schema_holds(api: Api, database: Database) -> None:
    headers = await token(database, Role.DEBUNKER)
    schema = schemathesis.openapi.from_asgi("/openapi.json", api.app())
    tried = 0
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # the schema is our own, and valid
        cases = operation.as_strategy()

        @settings(
            max_examples=15,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def attempt(case: Any) -> None:
            case.call_and_validate(headers=headers)

        attempt()
        tried += 1
    assert tried == 8
