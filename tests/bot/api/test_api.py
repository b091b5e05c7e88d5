"""The JSON API, for everybody and for programs of the staff."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import func, select, update

from knowledge import articles
from knowledge.database import Database
from knowledge.models import ApiToken, AuditRow, Person, Role, Rumour, RumourNote, RumourStatus
from tests import factories
from tests.bot.api.conftest import SITE, Clock, MakeApi, token

PROBLEM = "application/problem+json"


async def get(client: httpx.AsyncClient, path: str, **params: str) -> Any:
    """What the API says at this address."""
    answer = await client.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestSearch:
    async def test_it_gives_what_residents_get(self, client: httpx.AsyncClient) -> None:
        found = await get(client, "/search", q="喝白酒能杀毒吗")
        assert found["band"] in ("sure", "ambiguous")
        [article] = found["articles"]
        assert (article["url"], article["verdict"]) == (f"{SITE}/a/baijiu", "false")
        assert article["short_answer"] == "不能。喝酒杀不死体内的病毒，反而伤身体。"

    async def test_what_it_does_not_know_it_does_not_judge(self, client: httpx.AsyncClient) -> None:
        found = await get(client, "/search", q="明天几点开会")
        assert (found["band"], found["articles"]) == ("unknown", [])

    async def test_an_article_taken_away_since_is_not_given(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        async with database.transaction() as session:
            await articles.retire(session, "baijiu")
        found = await get(client, "/search", q="喝白酒能杀毒吗")
        assert (found["band"], found["articles"]) == ("unknown", [])

    async def test_one_address_may_not_search_without_end(self, client: httpx.AsyncClient) -> None:
        answers = [await client.get("/api/v1/search", params={"q": "水"}) for _ in range(7)]
        assert [one.status_code for one in answers] == [200] * 5 + [429] * 2
        assert (answers[-1].headers["content-type"], answers[-1].headers["retry-after"]) == (PROBLEM, "60")

    async def test_a_refusal_does_not_repeat_what_was_asked(self, client: httpx.AsyncClient) -> None:
        refused = await client.get("/api/v1/search", params={"q": "张三" * 600})
        assert (refused.status_code, refused.headers["content-type"]) == (422, PROBLEM)
        assert "张三" not in refused.text
        assert "query.q" in refused.json()["detail"]


class TestArticles:
    async def test_only_what_residents_may_read_is_there(self, client: httpx.AsyncClient) -> None:
        assert [one["slug"] for one in (await get(client, "/articles"))["articles"]] == ["baijiu"]
        assert (await get(client, "/articles/baijiu"))["sources"][0]["publisher"] == "世界卫生组织"

    @pytest.mark.parametrize(
        ("slug", "status", "why"),
        [
            ("overdue", 404, "due for review"),
            ("draft", 404, "no article"),
            ("none-such", 404, "no article"),
            ("gone", 410, "withdrawn"),
        ],
    )
    async def test_what_they_may_not_says_why(
        self, client: httpx.AsyncClient, slug: str, status: int, why: str
    ) -> None:
        refused = await client.get(f"/api/v1/articles/{slug}")
        assert (refused.status_code, refused.headers["content-type"]) == (status, PROBLEM)
        assert refused.json()["status"] == status
        assert why in refused.json()["detail"]

    async def test_filters_narrow(self, client: httpx.AsyncClient, database: Database) -> None:
        async with database.transaction() as session:
            await factories.saved_article(session, slug="parcel", topic="fraud", kind="scam_alert")

        async def slugs(**params: str) -> list[str]:
            return [one["slug"] for one in (await get(client, "/articles", **params))["articles"]]

        assert await slugs() == ["baijiu", "parcel"]
        assert await slugs(topic="fraud") == ["parcel"]
        assert await slugs(kind="debunk") == ["baijiu"]
        assert await slugs(topic="fraud", kind="debunk") == []
        changed = (await get(client, "/articles/parcel"))["updated_at"]
        assert await slugs(updated_since=changed) == ["parcel"]
        assert await slugs(updated_since="0001-01-01T00:00:00+14:00") == ["baijiu", "parcel"]

    async def test_pages_follow_each_other_without_gap(self, client: httpx.AsyncClient, database: Database) -> None:
        async with database.transaction() as session:
            for number in range(120):
                await factories.saved_article(session, slug=f"more-{number:03}")
        first = await get(client, "/articles")
        async with database.transaction() as session:
            await articles.retire(session, "more-003")  # one on the first page: nothing of the second slips past
        second = await get(client, "/articles", cursor=first["next"])
        assert (len(first["articles"]), first["total"], second["next"]) == (100, 121, None)
        assert [one["slug"] for one in second["articles"]] == [f"more-{number:03}" for number in range(99, 120)]


class TestDebunks:
    async def test_they_are_claim_reviews(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/v1/debunks.json")
        assert answer.headers["content-type"] == "application/ld+json"
        assert "link" not in answer.headers
        feed = answer.json()
        assert (feed["@context"], feed["@type"]) == ("https://schema.org", "DataFeed")
        [review] = feed["dataFeedElement"]
        assert (review["@type"], review["url"]) == ("ClaimReview", f"{SITE}/a/baijiu")
        assert review["claimReviewed"] == "喝高度白酒可以杀死体内的病毒。"
        assert review["reviewRating"]["alternateName"] == "假"

    async def test_a_header_leads_to_the_next_page(self, client: httpx.AsyncClient, database: Database) -> None:
        async with database.transaction() as session:
            for number in range(60):
                await factories.saved_article(session, slug=f"more-{number:02}")
        first = await client.get("/api/v1/debunks.json")
        second = await client.get(first.links["next"]["url"])
        urls = [one["url"] for page in (first, second) for one in page.json()["dataFeedElement"]]
        assert urls == [f"{SITE}/a/baijiu", *(f"{SITE}/a/more-{number:02}" for number in range(60))]
        assert "next" not in second.links


class TestOpenData:
    async def lines(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        """The rumours."""
        answer = await client.get("/api/v1/open-data.jsonl")
        assert answer.headers["content-type"].startswith("application/jsonl")
        return [json.loads(line) for line in answer.text.splitlines()]

    async def test_it_names_nobody(self, client: httpx.AsyncClient) -> None:
        [rumour] = await self.lines(client)  # what one resident said is not among it
        assert rumour.pop("text") == ""  # nobody has settled it
        assert len(rumour.pop("id")) == 16
        assert rumour == {
            "kind": "claim",
            "sightings": 3,
            "first_seen": "2026-11-22",
            "last_seen": "2026-11-22",
            "verdict": None,
            "article": None,
        }

    async def test_it_is_made_at_most_once_an_hour(
        self, client: httpx.AsyncClient, database: Database, clock: Clock
    ) -> None:
        assert len(await self.lines(client)) == 1
        async with database.transaction() as session:
            await session.execute(update(Rumour).values(status=RumourStatus.NOT_A_CLAIM))
        clock.now += timedelta(minutes=59)
        assert len(await self.lines(client)) == 1
        clock.now += timedelta(minutes=1)
        assert await self.lines(client) == []

    async def test_who_has_it_gets_nothing_new_and_its_licence(self, client: httpx.AsyncClient) -> None:
        first = await client.get("/api/v1/open-data.jsonl")
        assert first.links["license"]["url"] == "https://creativecommons.org/publicdomain/zero/1.0/"
        again = await client.get("/api/v1/open-data.jsonl", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


OPEN = (
    ("GET", "/search?q=x"),
    ("GET", "/articles"),
    ("GET", "/articles/baijiu"),
    ("GET", "/debunks.json"),
    ("GET", "/open-data.jsonl"),
)
DESK = (("GET", "/rumours"), ("GET", "/rumours/1"), ("POST", "/rumours/1/notes"))
ON_DESK = {Role.DEBUNKER, Role.EXPERT, Role.ADMINISTRATOR}


class TestAccess:
    async def statuses(
        self, client: httpx.AsyncClient, tried: tuple[tuple[str, str], ...], headers: dict[str, str]
    ) -> set[int]:
        """How the operations answer."""
        answers = [
            await client.request(
                method, f"/api/v1{path}", headers=headers, json={"text": "x"} if method == "POST" else None
            )
            for method, path in tried
        ]
        return {one.status_code for one in answers}

    def test_every_operation_is_tried(self, make_api: MakeApi) -> None:
        paths = make_api().app().openapi()["paths"]
        declared = {(method.upper(), path) for path, operations in paths.items() for method in operations}
        tried = {
            (method, path.partition("?")[0].replace("/1", "/{rumour_id}").replace("/baijiu", "/{slug}"))
            for method, path in (*OPEN, *DESK)
        }
        assert tried == declared

    @pytest.mark.parametrize("role", Role)
    async def test_roles(self, client: httpx.AsyncClient, database: Database, role: Role) -> None:
        headers = await token(database, role)
        assert await self.statuses(client, OPEN, headers) == {200}
        assert await self.statuses(client, DESK, headers) == ({200, 201} if role in ON_DESK else {403})

    @pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic x"}])
    async def test_nobody(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        assert await self.statuses(client, OPEN, headers) == {200}
        assert await self.statuses(client, DESK, headers) == {401}
        assert (await client.get("/api/v1/rumours", headers=headers)).headers["www-authenticate"] == "Bearer"

    async def test_a_token_taken_away_and_a_person_shut_out(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        gone, shut_out = await token(database, Role.DEBUNKER), await token(database, Role.EXPERT)
        async with database.transaction() as session:
            first = await session.scalar(select(func.min(ApiToken.id)))
            await session.delete(await session.get_one(ApiToken, first))
            await session.execute(update(Person).where(Person.login.contains("expert")).values(active=False))
        assert await self.statuses(client, DESK, gone) == {401}
        assert await self.statuses(client, DESK, shut_out) == {401}

    async def test_another_region_is_not_there(self, client: httpx.AsyncClient, database: Database) -> None:
        async with database.transaction() as session:
            (await session.get_one(Rumour, 1)).region = "衢江区"
        local = await token(database, Role.DEBUNKER, region="柯城区")
        assert (await client.get("/api/v1/rumours/1", headers=local)).status_code == 404
        assert [one["id"] for one in (await client.get("/api/v1/rumours", headers=local)).json()["rumours"]] == [2]
        refused = await client.post("/api/v1/rumours/1/notes", headers=local, json={"text": "x"})
        assert (refused.status_code, refused.headers["content-type"]) == (403, PROBLEM)


async def test_no_token_keeps_waiting_for_a_writer(client: httpx.AsyncClient, database: Database) -> None:
    mine = await token(database, Role.DEBUNKER)
    assert (await client.get("/api/v1/rumours", headers=mine)).status_code == 200  # its use is written down
    async with database.transaction():
        for headers, status in ((mine, 200), ({"authorization": "Bearer made-up"}, 401)):
            answer = await asyncio.wait_for(client.get("/api/v1/rumours", headers=headers), 10)
            assert answer.status_code == status


class TestDesk:
    async def test_a_debunkers_program_reads(self, client: httpx.AsyncClient, database: Database) -> None:
        mine = await token(database, Role.DEBUNKER)
        queue = (await client.get("/api/v1/rumours", headers=mine)).json()
        assert [one["sightings"] for one in queue["rumours"]] == [3, 1]
        assert queue["has_more"] is False
        found = (await client.get("/api/v1/rumours", headers=mine, params={"text": "张三"})).json()
        assert [one["id"] for one in found["rumours"]] == [2]
        whole = (await client.get("/api/v1/rumours/1", headers=mine)).json()
        assert {one["count"] for one in whole["wordings"]} == {1}
        assert (await client.get("/api/v1/rumours/99", headers=mine)).status_code == 404

    async def test_a_note_is_kept_and_audited(self, client: httpx.AsyncClient, database: Database) -> None:
        mine = await token(database, Role.EXPERT)
        done = await client.post("/api/v1/rumours/1/notes", headers=mine, json={"text": "问过水务局\0"})
        assert (done.status_code, done.json()) == (201, {"done": True})
        notes = (await client.get("/api/v1/rumours/1", headers=mine)).json()["notes"]
        assert [(one["kind"], one["text"], one["by"]) for one in notes] == [
            ("note", "问过水务局", "somebody-all-expert·某")
        ]
        async with database.reading() as session:
            assert await session.scalar(select(func.count()).where(AuditRow.action == "rumour.note")) == 1

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b'{"text": "  "}', 422),
            (rb'{"text": "\u0000 \u001c"}', 422),
            (b'{"text": "' + b"x" * 4001 + b'"}', 422),
            (rb'{"text": "\ud800"}', 422),
            (b"[" * 60_000, 400),
            (b"{", 422),
            (b'{"text": "' + b"x" * 70_000 + b'"}', 413),
        ],
        ids=["blank", "no text", "long", "half a character", "nested", "cut off", "huge"],
    )
    async def test_a_bad_note_is_refused_in_a_sentence(
        self, client: httpx.AsyncClient, database: Database, body: bytes, status: int
    ) -> None:
        headers = await token(database, Role.DEBUNKER) | {"content-type": "application/json"}

        async def pieces() -> Any:
            for start in range(0, len(body), 10_000):
                yield body[start : start + 10_000]

        for content in (body, pieces()):  # its length announced, and not
            refused = await client.post("/api/v1/rumours/1/notes", headers=headers, content=content)
            assert (refused.status_code, refused.headers["content-type"]) == (status, PROBLEM)
            assert refused.json()["detail"]
        async with database.reading() as session:
            assert await session.scalar(select(func.count()).select_from(RumourNote)) == 0


async def test_every_answer_is_guarded(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/articles", "/api/v1/nowhere", "/api/v1/rumours", "/feeds/debunks.atom"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
    assert (await client.get("/api/v1/nowhere")).headers["content-type"] == PROBLEM
    assert (await client.put("/api/v1/articles")).status_code == 405
    assert (await client.get("/api/v1/docs")).status_code == 404


async def test_whatever_is_sent_nothing_breaks_and_the_schema_holds(make_api: MakeApi, database: Database) -> None:
    headers = await token(database, Role.DEBUNKER)
    schema = schemathesis.openapi.from_asgi("/openapi.json", make_api(searches_per_minute=100_000).app())

    @schema.auth()
    class Program:
        """Signs in as the debunker's program; that it is asked to is checked too."""

        def get(self, _case: Any, _context: Any) -> dict[str, str]:
            return headers

        def set(self, case: Any, data: dict[str, str], _context: Any) -> None:
            case.headers.update(data)

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
            case.call_and_validate()

        attempt()
        tried += 1
    assert tried == len(OPEN) + len(DESK)
