"""The administrators' room: adding people, roles and regions, new links, shutting out."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bot.console.account import AccountPages
from bot.console.signin import SignInPages
from bot.console.staff import StaffPages
from bot.console.visit import Page
from knowledge import credentials, staff
from knowledge.database import Database
from knowledge.models import AuditRow, Role
from knowledge.people import Actor
from tests.bot.console.conftest import Clock, SignIn, person
from tests.factories import VAULT


@pytest.fixture
def pages() -> list[Page]:
    return [
        *SignInPages(VAULT, secret="a secret of the tests, long enough", site_name="求真").pages(),
        *AccountPages(VAULT).pages(),
        *StaffPages("https://qiuzhen.example.org/").pages(),
    ]


async def roles_of(database: Database, login: str) -> set[tuple[Role, str]]:
    async with database.reading() as session:
        return set(Actor.of(await staff.by_login(session, login)).roles)


async def test_somebody_is_added_with_regions_and_gets_a_link(
    sign_in: SignIn, database: Database, clock: Clock
) -> None:
    boss = await sign_in(Role.ADMINISTRATOR)
    answer = await boss.post(
        "/console/people",
        login="wang.fang",
        name="王芳",
        role=["debunker", "expert"],
        **{"region-debunker": "衢州市、丽水市", "region-editor": "不算"},
    )
    (token,) = re.findall(r"https://qiuzhen\.example\.org/console/invited/([\w-]+)", answer.text)
    assert await roles_of(database, "wang.fang") == {
        (Role.DEBUNKER, "衢州市"),
        (Role.DEBUNKER, "丽水市"),
        (Role.EXPERT, ""),
    }
    async with database.reading() as session:
        assert (await credentials.invited(session, token, clock.now)).login == "wang.fang"
        by = await session.scalars(select(AuditRow.by_id).where(AuditRow.action.in_(["person.add", "person.invite"])))
        assert boss.actor
        assert by.all() == [boss.actor.id, boss.actor.id]
    page = (await boss.get("/console/people")).text
    assert "王芳" in page
    assert "还没有设置密码" in page
    assert token not in page


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"login": "Wang Fang"}, 422, "小写字母"),
        ({"name": " "}, 422, "姓名要写"),
        ({"role": []}, 422, "至少选一个角色"),
        ({"region-debunker": "区" * 41}, 422, "最多 40 个字"),
        ({"login": "taken"}, 409, "已经有人用了"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_written_stays(
    sign_in: SignIn, database: Database, fields: dict[str, object], status: int, said: str
) -> None:
    await person(database, "taken", Role.EDITOR)
    boss = await sign_in(Role.ADMINISTRATOR)
    given: dict[str, object] = {"login": "wang.fang", "name": "王“芳”", "role": ["debunker"], "region-debunker": "衢州"}
    answer = await boss.post("/console/people", page=None, csrf=None, **(given | fields))
    assert answer.status_code == status
    assert said in answer.text
    if "name" not in fields:
        assert 'value="王“芳”"' in answer.text
    if "region-debunker" not in fields and "role" not in fields:
        assert 'name="region-debunker" value="衢州"' in answer.text
    async with database.reading() as session:
        assert len(await staff.everyone(session)) == 2


async def test_roles_and_regions_are_changed(sign_in: SignIn, database: Database) -> None:
    wang = await person(database, "wang.fang", Role.DEBUNKER, region="衢州市")
    boss = await sign_in(Role.ADMINISTRATOR)
    page = (await boss.get(f"/console/people/{wang.id}")).text
    assert 'name="region-debunker" value="衢州市"' in page
    answer = await boss.post(f"/console/people/{wang.id}", name="王芳", role=["debunker", "editor"])
    assert answer.status_code == 303
    assert await roles_of(database, "wang.fang") == {(Role.DEBUNKER, ""), (Role.EDITOR, "")}
    assert (await boss.post(f"/console/people/{wang.id}", name="王芳")).status_code == 422
    assert await roles_of(database, "wang.fang") == {(Role.DEBUNKER, ""), (Role.EDITOR, "")}


async def test_a_role_taken_away_is_gone_with_the_next_click(sign_in: SignIn) -> None:
    boss, other = await sign_in(Role.ADMINISTRATOR), await sign_in(Role.ADMINISTRATOR)
    assert other.actor
    assert (await other.get("/console/people")).status_code == 200
    await boss.post(f"/console/people/{other.actor.id}", name="某", role=["editor"])
    assert (await other.get("/console/people")).status_code == 403


async def test_who_is_deactivated_is_out_and_can_come_back(sign_in: SignIn) -> None:
    boss, other = await sign_in(Role.ADMINISTRATOR), await sign_in(Role.EDITOR)
    assert other.actor
    place = f"/console/people/{other.actor.id}"
    assert (await boss.post(f"{place}/deactivate")).status_code == 303
    assert (await other.get("/console/account")).status_code == 303
    page = (await boss.get(place)).text
    assert "已停用" in page
    assert f"{place}/invite" not in page
    assert (await boss.post(f"{place}/invite")).status_code == 404
    assert (await boss.post(f"{place}/activate")).status_code == 303
    assert "已停用" not in (await boss.get(place)).text


async def test_the_last_administrator_stays(sign_in: SignIn) -> None:
    boss = await sign_in(Role.ADMINISTRATOR)
    assert boss.actor
    place = f"/console/people/{boss.actor.id}"
    for answer in (
        await boss.post(f"{place}/deactivate"),
        await boss.post(place, name="某", role=["editor"]),
    ):
        assert answer.status_code == 409
        assert "最后一位管理员" in answer.text
    assert (await boss.get("/console/people")).status_code == 200


async def test_a_new_link_signs_the_person_out(sign_in: SignIn) -> None:
    boss, other = await sign_in(Role.ADMINISTRATOR), await sign_in(Role.EDITOR)
    assert other.actor
    answer = await boss.post(f"/console/people/{other.actor.id}/invite")
    assert "/console/invited/" in answer.text
    assert (await other.get("/console/account")).status_code == 303


async def test_who_is_not_there_is_not_found(sign_in: SignIn) -> None:
    boss = await sign_in(Role.ADMINISTRATOR)
    for number in (777, 10**30):
        assert (await boss.get(f"/console/people/{number}")).status_code == 404
        for work in ("", "/deactivate", "/activate", "/invite"):
            answer = await boss.post(f"/console/people/{number}{work}", name="某", role=["editor"])
            assert answer.status_code == 404


async def test_an_administrator_of_one_region_changes_nobody(sign_in: SignIn, database: Database) -> None:
    wang = await person(database, "wang.fang", Role.EDITOR)
    regional = await sign_in(Role.ADMINISTRATOR, region="衢州市")
    assert (await regional.post(f"/console/people/{wang.id}", name="某", role=["administrator"])).status_code == 403
    assert await roles_of(database, "wang.fang") == {(Role.EDITOR, "")}
