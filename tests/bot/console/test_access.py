"""The access matrix: every page of the console, tried by nobody, by every role, and by somebody who was shut out.

A new page needs a line in the table below; until it has one, the first test fails.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot import wiring
from bot.app import create_app
from bot.console import Console
from bot.console.console import COOKIE
from bot.console.visit import Page
from bot.wiring import Parts
from knowledge import people, rumours
from knowledge.models import Person, Role
from tests import factories
from tests.bot.console.conftest import ORIGIN, person

EVERYBODY: frozenset[Role] = frozenset()
"""Also who is not signed in."""
STAFF = frozenset(Role)
EDITORS, DEBUNKERS, EXPERTS = frozenset({Role.EDITOR}), frozenset({Role.DEBUNKER}), frozenset({Role.EXPERT})
NO_ONE_ELSE = frozenset({Role.ADMINISTRATOR})
"""Administrators may use every page and are not named again."""

ACCESS = {
    # Coming in, and one's own account
    "GET /console": STAFF,
    "GET /console/sign-in": EVERYBODY,
    "POST /console/sign-in": EVERYBODY,
    "GET /console/sign-in/code": EVERYBODY,
    "POST /console/sign-in/code": EVERYBODY,
    "POST /console/sign-out": EVERYBODY,
    "POST /console/language": EVERYBODY,
    "GET /console/invited/{token}": EVERYBODY,
    "POST /console/invited/{token}": EVERYBODY,
    "GET /console/invited/{token}/phone": EVERYBODY,
    "POST /console/invited/{token}/phone": EVERYBODY,
    "GET /console/invited/{token}/phone.svg": EVERYBODY,
    "GET /console/account": STAFF,
    "POST /console/account/password": STAFF,
    "POST /console/account/browsers/sign-out": STAFF,
    "POST /console/account/browsers/{id:int}/sign-out": STAFF,
    "POST /console/account/chat": STAFF,
    "POST /console/account/chat/unlink": STAFF,
    "POST /console/account/keys": STAFF,
    "POST /console/account/keys/{id:int}/revoke": STAFF,
    # People
    "GET /console/people": NO_ONE_ELSE,
    "POST /console/people": NO_ONE_ELSE,
    "GET /console/people/{id:int}": NO_ONE_ELSE,
    "POST /console/people/{id:int}": NO_ONE_ELSE,
    "POST /console/people/{id:int}/activate": NO_ONE_ELSE,
    "POST /console/people/{id:int}/deactivate": NO_ONE_ELSE,
    "POST /console/people/{id:int}/invite": NO_ONE_ELSE,
    # Rumour desk
    "GET /console/desk": DEBUNKERS | EXPERTS,
    "POST /console/desk/views": DEBUNKERS | EXPERTS,
    "GET /console/desk/{rumour:int}": DEBUNKERS | EXPERTS | EDITORS,
    "POST /console/desk/{rumour:int}/claim": DEBUNKERS,
    "POST /console/desk/{rumour:int}/release": DEBUNKERS,
    "POST /console/desk/{rumour:int}/assign": DEBUNKERS,
    "POST /console/desk/{rumour:int}/rate": DEBUNKERS | EXPERTS,
    "POST /console/desk/{rumour:int}/note": DEBUNKERS | EXPERTS,
    "POST /console/desk/{rumour:int}/ask": DEBUNKERS,
    "POST /console/desk/{rumour:int}/answer": EXPERTS,
    "POST /console/desk/{rumour:int}/merge": DEBUNKERS,
    "POST /console/desk/{rumour:int}/split": DEBUNKERS,
    "POST /console/desk/{rumour:int}/link": DEBUNKERS,
    "POST /console/desk/{rumour:int}/not-a-claim": DEBUNKERS,
    "POST /console/desk/{rumour:int}/reopen": DEBUNKERS,
    "POST /console/desk/{rumour:int}/original": DEBUNKERS,
    "POST /console/desk/{rumour:int}/submit": DEBUNKERS | EDITORS,
    "POST /console/desk/{rumour:int}/sign-off": DEBUNKERS | EXPERTS | EDITORS,
    "POST /console/desk/{rumour:int}/publish": DEBUNKERS | EDITORS,
    # Editors' room
    "GET /console/articles": EDITORS | DEBUNKERS | EXPERTS,
    "POST /console/articles": EDITORS | DEBUNKERS,
    "GET /console/articles/new": EDITORS | DEBUNKERS,
    "POST /console/articles/preview": EDITORS | DEBUNKERS | EXPERTS,
    "GET /console/articles/{slug}": EDITORS | DEBUNKERS | EXPERTS,
    "POST /console/articles/{slug}": EDITORS | DEBUNKERS,
    "GET /console/articles/{slug}/history": EDITORS | DEBUNKERS | EXPERTS,
    "POST /console/articles/{slug}/submit": EDITORS | DEBUNKERS,
    "POST /console/articles/{slug}/sign-off": EDITORS | DEBUNKERS | EXPERTS,
    "POST /console/articles/{slug}/publish": EDITORS | DEBUNKERS,
    "POST /console/articles/{slug}/discard": EDITORS | DEBUNKERS,
    "POST /console/articles/{slug}/restore": EDITORS | DEBUNKERS,
    "POST /console/articles/{slug}/retire": EDITORS | DEBUNKERS,
    "GET /console/import": EDITORS | DEBUNKERS | EXPERTS,
    "POST /console/import": EDITORS | DEBUNKERS,
    "POST /console/import/check": EDITORS | DEBUNKERS,
    "GET /console/export/{form}": EDITORS | DEBUNKERS | EXPERTS,
    "GET /console/calendar": EDITORS | DEBUNKERS | EXPERTS,
    "POST /console/calendar": EDITORS | DEBUNKERS,
    "GET /console/sources": EDITORS | DEBUNKERS | EXPERTS,
    "GET /console/links": EDITORS | DEBUNKERS | EXPERTS,
    "POST /console/links": EDITORS,
    "GET /console/gaps": EDITORS | DEBUNKERS | EXPERTS,
    "GET /console/try": EDITORS | DEBUNKERS | EXPERTS,
    "POST /console/try": EDITORS | DEBUNKERS | EXPERTS,
    # Reports
    "GET /console/reports": STAFF,
    "GET /console/reports/rows": STAFF,
    "GET /console/reports/report.xlsx": STAFF,
    "GET /console/reports/report.docx": STAFF,
}
"""Page -> who may use it."""


@pytest.fixture
def console(quick_parts: Parts) -> Console:
    """The console as it is served, with every room."""
    return wiring.console(quick_parts)


def name_of(page: Page) -> str:
    return f"{page.method} {page.path}"


def in_table(console: Console) -> list[tuple[Page, frozenset[Role]]]:
    """The pages, each with who may use it; that none is left out is a test of its own."""
    return [(page, ACCESS[name_of(page)]) for page in console.pages if name_of(page) in ACCESS]


class Tries:
    """Opens pages as somebody who has just signed in, so that no page spoils the try of another."""

    def __init__(self, parts: Parts, console: Console) -> None:
        self._database = parts.database
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=list(console.routes()))), base_url=ORIGIN
        )
        self._places: dict[str, object] = {}

    async def prepare(self) -> None:
        """What the addresses of the pages name: a rumour, an article, a person."""
        victim = await person(self._database, "somebody", Role.EDITOR)
        async with self._database.transaction() as session:
            asking = await factories.resident(session)
            rumour_id = await rumours.open_rumour(session, await factories.seen(session, asking))
        self._places = {
            "id:int": victim.id,
            "rumour:int": rumour_id,
            "slug": "baijiu-virus",
            "token": "unknown",
            "form": "csv",
        }

    async def close(self) -> None:
        await self._client.aclose()

    async def signed_in(self, person_id: int) -> str:
        """The cookie of a browser that was just signed in."""
        async with self._database.transaction() as session:
            return await people.sign_in(session, person_id, datetime.now(UTC))

    async def open(
        self, page: Page, token: str = "", *, csrf: str | None = None, origin: str = ORIGIN
    ) -> httpx.Response:
        """Use a page with an empty form."""
        headers = {"cookie": f"{COOKIE}={token}"} if token else {}
        path = re.sub(r"{(.+?)}", lambda found: str(self._places[found.group(1)]), page.path)
        if page.method == "GET":
            return await self._client.get(path, headers=headers)
        if csrf is None:
            html = (await self._client.get("/console/account", headers=headers)).text
            found = re.search(r'name="csrf" value="([0-9a-f]+)"', html)
            csrf = found.group(1) if found else ""
        return await self._client.request(page.method, path, data={"csrf": csrf}, headers=headers | {"origin": origin})


@pytest.fixture
async def tries(quick_parts: Parts, console: Console) -> AsyncIterator[Tries]:
    """Ready to try pages."""
    tries = Tries(quick_parts, console)
    await tries.prepare()
    yield tries
    await tries.close()


def shut(page: Page) -> int:
    """How a page answers who is not signed in."""
    return 303 if page.method == "GET" else 401


def is_to_sign_in(answer: httpx.Response) -> bool:
    return answer.status_code == 401 or answer.headers.get("location", "").startswith("/console/sign-in")


class TestMatrix:
    def test_every_page_is_in_the_table_and_every_line_is_a_page(self, console: Console) -> None:
        names = [name_of(page) for page in console.pages]
        assert sorted(names) == sorted(set(names)), "declared twice"
        assert sorted(set(names) - set(ACCESS)) == [], "pages that have no line in the table"
        assert sorted(set(ACCESS) - set(names)) == [], "lines without a page"

    def test_nothing_below_console_is_served_beside_the_door(self, quick_parts: Parts, console: Console) -> None:
        served = {route.path for route in create_app(quick_parts).routes if isinstance(route, Route)}
        assert {path for path in served if path.startswith("/console")} == {page.path for page in console.pages}

    @pytest.mark.parametrize("role", list(Role))
    async def test_each_role_opens_what_it_may_and_nothing_else(
        self, quick_parts: Parts, console: Console, tries: Tries, role: Role
    ) -> None:
        actor = await person(quick_parts.database, "tester", role)
        await person(quick_parts.database, "spare", Role.ADMINISTRATOR)
        wrong = []
        for page, allowed in in_table(console):
            answer = await tries.open(page, await tries.signed_in(actor.id))
            expected_refusal = bool(allowed) and role not in allowed and role is not Role.ADMINISTRATOR
            refused = answer.status_code in (401, 403) or answer.status_code >= 500
            if refused != expected_refusal or (expected_refusal and answer.status_code != 403):
                wrong.append((name_of(page), answer.status_code))
        assert wrong == []

    async def test_nobody_opens_only_what_needs_no_sign_in(self, console: Console, tries: Tries) -> None:
        wrong = []
        for page, allowed in in_table(console):
            answer = await tries.open(page)
            if allowed == EVERYBODY:
                right = answer.status_code < 500 and answer.status_code not in (401, 403)
            else:
                right = answer.status_code == shut(page) and is_to_sign_in(answer)
            if not right:
                wrong.append((name_of(page), answer.status_code))
        assert wrong == []

    async def test_who_was_shut_out_is_nobody(self, quick_parts: Parts, console: Console, tries: Tries) -> None:
        actor = await person(quick_parts.database, "former", *Role)
        token = await tries.signed_in(actor.id)
        async with quick_parts.database.transaction() as session:
            (await session.get_one(Person, actor.id)).active = False  # and the cookie is still there
        wrong = []
        for page, allowed in in_table(console):
            if allowed == EVERYBODY:
                continue
            answer = await tries.open(page, token)
            if answer.status_code != shut(page) or not is_to_sign_in(answer):
                wrong.append((name_of(page), answer.status_code))
        assert wrong == []

    async def test_no_form_is_taken_without_its_token_or_from_elsewhere(
        self, quick_parts: Parts, console: Console, tries: Tries
    ) -> None:
        actor = await person(quick_parts.database, "tester", *Role)
        token = await tries.signed_in(actor.id)
        wrong = []
        for page in console.pages:
            if page.method != "POST":
                continue
            answers = [
                await tries.open(page, token, csrf=""),
                await tries.open(page, token, csrf="0" * 64),
                await tries.open(page, token, origin="https://evil.test"),
            ]
            if {answer.status_code for answer in answers} != {403}:
                wrong.append((name_of(page), [answer.status_code for answer in answers]))
        assert wrong == []
