"""A console over a fresh database, and people signed in to it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest
from starlette.applications import Starlette

from bot.console import Console
from bot.console.console import COOKIE
from bot.console.visit import Page
from knowledge import people
from knowledge.database import Database
from knowledge.models import Person, PersonRole, Role
from knowledge.people import Actor
from tests.factories import NOON

ORIGIN = "https://desk.test"


@dataclass(slots=True)
class Clock:
    """The time of the console, set by the test."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Browser:
    """Somebody's browser: keeps cookies, and sends a form with the token of the page it stands on."""

    client: httpx.AsyncClient
    actor: Actor | None

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path)

    async def post(
        self, path: str, *, page: str | None = None, csrf: str | None = None, **fields: object
    ) -> httpx.Response:
        """Send a form that stands on `page` (any page of the console serves; by default the account page)."""
        if csrf is None:
            found = re.search(r'name="csrf" value="([0-9a-f]+)"', (await self.get(page or "/console/account")).text)
            csrf = found.group(1) if found else ""
        return await self.client.post(path, data={"csrf": csrf} | fields, headers={"origin": ORIGIN})


async def person(database: Database, login: str, *roles: Role, region: str = "") -> Actor:
    """Somebody with these roles, who has joined."""
    async with database.transaction() as session:
        held = [PersonRole(role=role, region=region) for role in roles]
        made = Person(login=login, name=f"{login}·某", totp_step=1, roles=held)
        session.add(made)
        await session.flush()
        return Actor.of(made)


@pytest.fixture
def clock() -> Clock:
    """The time of the console."""
    return Clock()


@pytest.fixture
def pages() -> list[Page]:
    """The pages under test; a test module overrides this with those of its room."""
    return []


@pytest.fixture
def console(database: Database, pages: list[Page], clock: Clock) -> Console:
    """A console that serves `pages`."""
    return Console(
        database,
        pages,
        secret="a secret of the tests, long enough",
        site_name="求真",
        timezone="Asia/Shanghai",
        clock=clock,
    )


SignIn = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def sign_in(console: Console, database: Database, clock: Clock) -> AsyncIterator[SignIn]:
    """Make a browser: `await sign_in(Role.EDITOR)`; without a role, of somebody who is not signed in."""
    browsers: list[httpx.AsyncClient] = []
    app = Starlette(routes=list(console.routes()))

    async def make(*roles: Role, login: str = "", region: str = "") -> Browser:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN)
        browsers.append(client)
        if not roles:
            return Browser(client, None)
        actor = await person(database, login or f"{roles[0]}-{len(browsers)}", *roles, region=region)
        async with database.transaction() as session:
            client.cookies.set(COOKIE, await people.sign_in(session, actor.id, clock.now))
        return Browser(client, actor)

    yield make
    for client in browsers:
        await client.aclose()
