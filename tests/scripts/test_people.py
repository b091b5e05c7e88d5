"""`qiuzhen people` as an administrator of the machine runs it; no model is needed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import credentials, people, staff
from knowledge.database import Database
from knowledge.models import Role
from knowledge.people import Actor
from tests.scripts.test_commands import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A data folder with an empty database."""
    home = Home(tmp_path / "data", tmp_path / "no model", {"QIUZHEN_HOST": "127.0.0.1", "QIUZHEN_PORT": "8000"})
    home.database(lambda database: database.migrate())
    return home


def token_in(printed: str, site: str = "http://127.0.0.1:8000") -> str:
    (token,) = re.findall(rf"^{re.escape(site)}/console/invited/([\w-]+)$", printed, re.MULTILINE)
    return str(token)


async def invited(database: Database, token: str) -> Actor:
    async with database.reading() as session:
        person = await credentials.invited(session, token, datetime.now(UTC))
        return Actor.of(await staff.by_id(session, person.id))


def test_the_first_administrator_is_added_and_lost_and_found_again(home: Home) -> None:
    printed = home.succeed("people", "add", "boss", "--name", "王某", "--role", "administrator")
    first = token_in(printed)
    assert home.database(lambda database: invited(database, first)).roles == {(Role.ADMINISTRATOR, "")}
    assert "last administrator" in home.refuse("people", "deactivate", "boss")

    again = token_in(
        home.succeed("people", "invite", "boss", QIUZHEN_PUBLIC_URL="https://qiuzhen.example.org"),
        "https://qiuzhen.example.org",
    )
    assert home.database(lambda database: invited(database, again)).login == "boss"
    listed = home.succeed("people", "list")
    assert "boss" in listed
    assert "invited" in listed


def test_roles_hold_in_the_regions_named(home: Home) -> None:
    home.succeed("people", "add", "boss", "--name", "王某", "--role", "administrator")
    roles = ("--role", "debunker", "--role", "editor", "--region", "衢州市", "--region", "丽水市")
    token = token_in(home.succeed("people", "add", "li.na", "--name", "李娜", *roles))
    actor = home.database(lambda database: invited(database, token))
    assert actor.roles == {(role, place) for role in (Role.DEBUNKER, Role.EDITOR) for place in ("衢州市", "丽水市")}

    async def signed_in(database: Database) -> str:
        async with database.transaction() as session:
            return await people.sign_in(session, actor.id, datetime.now(UTC))

    browser = home.database(signed_in)
    home.succeed("people", "deactivate", "li.na")

    async def still_in(database: Database) -> Actor | None:
        async with database.reading() as session:
            return await people.signed_in(session, browser, datetime.now(UTC))

    assert home.database(still_in) is None
    assert "deactivated" in home.succeed("people", "list")


def test_what_is_wrong_is_said_in_a_sentence(home: Home) -> None:
    assert "nobody with the login 'nobody'" in home.refuse("people", "invite", "nobody")
    assert "small letters" in home.refuse("people", "add", "Li Na", "--name", "李娜", "--role", "editor")
