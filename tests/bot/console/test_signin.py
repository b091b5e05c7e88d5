"""Coming into the console: the link of somebody new, password and code, guessing, and one's own account."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import httpx
import pyotp
import pytest
from starlette.applications import Starlette

from bot.console import Console
from bot.console.account import AccountPages
from bot.console.console import COOKIE
from bot.console.signin import SignInPages, own_place
from bot.console.staff import StaffPages
from bot.console.visit import Page
from knowledge import chats, people, staff
from knowledge.database import Database
from knowledge.models import Role
from tests.bot.console.conftest import Browser, Clock, SignIn, person
from tests.factories import VAULT, resident

PASSWORD = "correct horse battery"
HALF_MINUTE = timedelta(seconds=30)


@pytest.fixture
def pages() -> list[Page]:
    return [
        *SignInPages(VAULT, secret="a secret of the tests, long enough", site_name="求真").pages(),
        *AccountPages(VAULT).pages(),
        *StaffPages(None).pages(),
    ]


@pytest.fixture
async def invitation(database: Database, clock: Clock) -> str:
    """The address of the link of somebody who was just invited."""
    actor = await person(database, "li.na", Role.DEBUNKER)
    async with database.transaction() as session:
        return f"/console/invited/{await staff.invite(session, None, actor.id, clock.now)}"


async def join(browser: Browser, link: str, clock: Clock, password: str = PASSWORD) -> pyotp.TOTP:
    """Follow the link to its end; the phone. Half a minute later it shows a code that was not used."""
    assert (await browser.post(link, page=link, password=password, again=password)).status_code == 303
    phone = phone_on((await browser.get(f"{link}/phone")).text)
    answer = await browser.post(f"{link}/phone", page=f"{link}/phone", code=phone.at(clock.now))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    clock.now += HALF_MINUTE
    return phone


def phone_on(html: str) -> pyotp.TOTP:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", html)
    assert found
    assert all(len(four) == 4 for four in found.group(1).split())
    return pyotp.TOTP(found.group(1).replace(" ", ""))


async def enter(browser: Browser, code: str, *, password: str = PASSWORD, to: str = "") -> httpx.Response:
    """Password, then code."""
    first = await browser.post("/console/sign-in", login="li.na", password=password, to=to)
    if first.status_code != 303:
        return first
    assert first.headers["location"] == "/console/sign-in/code"
    return await browser.post("/console/sign-in/code", code=code)


def wrong(phone: pyotp.TOTP, at: datetime) -> str:
    right = {phone.at(at + HALF_MINUTE * step) for step in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


class TestJoining:
    async def test_a_link_leads_through_password_and_phone_into_the_console(
        self, sign_in: SignIn, invitation: str, clock: Clock
    ) -> None:
        browser = await sign_in()
        assert "li.na" in (await browser.get(invitation)).text
        assert (await browser.get(f"{invitation}/phone")).headers["location"] == invitation, "the password comes first"
        await join(browser, invitation, clock)
        assert "li.na·某" in (await browser.get("/console/account")).text
        assert (await browser.get(invitation)).status_code == 404

    async def test_the_picture_is_a_drawing_that_only_the_link_shows(self, sign_in: SignIn, invitation: str) -> None:
        browser = await sign_in()
        assert (await browser.get(f"{invitation}/phone.svg")).status_code == 404
        await browser.post(invitation, page=invitation, password=PASSWORD, again=PASSWORD)
        answer = await browser.get(f"{invitation}/phone.svg")
        assert answer.headers["content-type"].startswith("image/svg+xml")
        assert answer.headers["cache-control"] == "no-store"
        assert ET.fromstring(answer.text).tag.endswith("svg")  # noqa: S314 - our own
        assert f'src="{invitation}/phone.svg"' in (await browser.get(f"{invitation}/phone")).text

    @pytest.mark.parametrize(
        ("password", "again", "said"),
        [("short", "short", "至少要 10"), ("1234567890", "1234567890", "太常见"), (PASSWORD, "other", "不一样")],
    )
    async def test_a_bad_password_is_said_and_changes_nothing(
        self, sign_in: SignIn, invitation: str, password: str, again: str, said: str
    ) -> None:
        browser = await sign_in()
        answer = await browser.post(invitation, page=invitation, password=password, again=again)
        assert answer.status_code == 422
        assert said in answer.text
        assert password not in answer.text.replace("minlength", "")
        assert (await browser.get(f"{invitation}/phone")).status_code == 303

    async def test_a_wrong_code_can_be_tried_again(self, sign_in: SignIn, invitation: str, clock: Clock) -> None:
        browser = await sign_in()
        await browser.post(invitation, page=invitation, password=PASSWORD, again=PASSWORD)
        phone = phone_on((await browser.get(f"{invitation}/phone")).text)
        answer = await browser.post(f"{invitation}/phone", page=f"{invitation}/phone", code=wrong(phone, clock.now))
        assert answer.status_code == 422
        assert phone_on(answer.text).secret == phone.secret
        assert COOKIE not in browser.client.cookies
        assert (await browser.post(f"{invitation}/phone", code=phone.at(clock.now))).status_code == 303

    async def test_a_link_that_is_unknown_or_too_old_says_so(
        self, sign_in: SignIn, invitation: str, clock: Clock
    ) -> None:
        browser = await sign_in()
        clock.now += timedelta(hours=72)
        for link in (invitation, "/console/invited/unknown"):
            for answer in (
                await browser.get(link),
                await browser.get(f"{link}/phone"),
                await browser.get(f"{link}/phone.svg"),
                await browser.post(link, password=PASSWORD, again=PASSWORD),
                await browser.post(f"{link}/phone", code="123456"),
            ):
                assert answer.status_code == 404
                assert "请管理员再发一个" in answer.text


class TestSigningIn:
    @pytest.fixture
    async def phone(self, sign_in: SignIn, invitation: str, clock: Clock) -> pyotp.TOTP:
        """The phone of li.na, who joined with another browser."""
        return await join(await sign_in(), invitation, clock)

    async def test_password_and_code_lead_to_where_one_wanted_to_go(
        self, sign_in: SignIn, phone: pyotp.TOTP, clock: Clock
    ) -> None:
        browser = await sign_in()
        place = (await browser.get("/console/account")).headers["location"]
        assert 'name="to" value="/console/account"' in (await browser.get(place)).text
        answer = await enter(browser, phone.at(clock.now), to="/console/account")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/account")
        assert "li.na·某" in (await browser.get("/console/account")).text
        assert (await browser.get("/console/sign-in")).status_code == 303, "who is in need not sign in"

    async def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(
        self, sign_in: SignIn, phone: pyotp.TOTP, clock: Clock
    ) -> None:
        browser = await sign_in()
        answer = await enter(browser, phone.at(clock.now))
        (cookie,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{COOKIE}=")]
        assert {"HttpOnly", "SameSite=lax", "Secure", "Path=/console"} <= set(cookie.split("; "))

    async def test_a_token_planted_before_is_worth_nothing_afterwards(
        self, sign_in: SignIn, phone: pyotp.TOTP, clock: Clock, database: Database
    ) -> None:
        other = await person(database, "other", Role.EDITOR)
        async with database.transaction() as session:
            planted = await people.sign_in(session, other.id, clock.now)
        browser = await sign_in()
        first = await browser.post("/console/sign-in", login="li.na", password=PASSWORD)
        browser.client.cookies.set(COOKIE, planted, domain="desk.test", path="/console")
        page = (await browser.get("/console/sign-in/code")).text
        csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
        assert (first.status_code, csrf is not None) == (303, True)
        await browser.post("/console/sign-in/code", csrf=csrf.group(1) if csrf else "", code=phone.at(clock.now))
        assert browser.client.cookies.get(COOKIE, domain="desk.test") != planted
        async with database.reading() as session:
            assert await people.signed_in(session, planted, clock.now) is None

    @pytest.mark.parametrize(("login", "password"), [("li.na", "wrong password"), ("nobody", PASSWORD), ("", "")])
    async def test_what_is_wrong_is_not_told(
        self, sign_in: SignIn, phone: pyotp.TOTP, login: str, password: str
    ) -> None:
        browser = await sign_in()
        answer = await browser.post("/console/sign-in", login=login, password=password)
        assert answer.status_code == 422
        assert "登录名或密码不对" in answer.text
        assert f'value="{login}"' in answer.text
        assert "set-cookie" not in answer.headers
        assert (await browser.get("/console/sign-in/code")).headers["location"] == "/console/sign-in"

    async def test_a_code_works_once(self, sign_in: SignIn, phone: pyotp.TOTP, clock: Clock) -> None:
        code = phone.at(clock.now)
        assert (await enter(await sign_in(), code)).status_code == 303
        answer = await enter(await sign_in(), code)
        assert answer.status_code == 422
        assert "已经用过" in answer.text

    async def test_five_minutes_lie_between_password_and_code(
        self, sign_in: SignIn, phone: pyotp.TOTP, clock: Clock
    ) -> None:
        browser = await sign_in()
        await browser.post("/console/sign-in", login="li.na", password=PASSWORD)
        clock.now += timedelta(minutes=5)
        answer = await browser.post("/console/sign-in/code", code=phone.at(clock.now))
        assert answer.status_code == 422
        assert "隔得太久" in answer.text
        assert COOKIE not in browser.client.cookies

    async def test_nobody_says_themselves_that_the_password_was_right(
        self, sign_in: SignIn, phone: pyotp.TOTP, clock: Clock
    ) -> None:
        browser = await sign_in()
        browser.client.cookies.set("qiuzhen_console_step", '[1,"/console",9999999999].x', path="/console")
        assert (await browser.post("/console/sign-in/code", code=phone.at(clock.now))).status_code == 422
        assert COOKIE not in browser.client.cookies

    async def test_who_guesses_waits_and_failures_are_kept(
        self, sign_in: SignIn, phone: pyotp.TOTP, clock: Clock
    ) -> None:
        browser = await sign_in()
        for _ in range(5):
            assert (await enter(browser, "", password="wrong password")).status_code == 422
        answer = await enter(browser, phone.at(clock.now))
        assert answer.status_code == 429
        assert "请过 1 分钟再试" in answer.text
        clock.now += timedelta(minutes=1)
        for _ in range(5):
            assert (await enter(browser, wrong(phone, clock.now))).status_code == 422
        answer = await enter(browser, phone.at(clock.now))
        assert answer.status_code == 429
        assert COOKIE not in browser.client.cookies

    async def test_signing_out_ends_it_for_the_server_too(
        self, sign_in: SignIn, phone: pyotp.TOTP, clock: Clock, database: Database
    ) -> None:
        browser = await sign_in()
        await enter(browser, phone.at(clock.now))
        token = browser.client.cookies[COOKIE]
        answer = await browser.post("/console/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in")
        assert COOKIE not in browser.client.cookies
        async with database.reading() as session:
            assert await people.signed_in(session, token, clock.now) is None


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/console/desk?state=open&page=2", "/console/desk?state=open&page=2"),
        ("/console/articles/high-proof", "/console/articles/high-proof"),
        ("/console", "/console"),
        ("", "/console"),
        ("https://evil.test/console", "/console"),
        ("//evil.test/console", "/console"),
        ("/console//evil.test", "/console"),
        ("/console/../chat", "/console"),
        ("/console/..", "/console"),
        ("/consoles", "/console"),
        ("/console\\evil", "/console"),
        ("/console\n/x", "/console"),
        ("javascript:alert(1)", "/console"),
    ],
)
def test_one_is_sent_on_only_inside_the_console(path: str, place: str) -> None:
    assert own_place(path) == place


class TestRooms:
    @pytest.mark.parametrize(("role", "place"), [(Role.ADMINISTRATOR, "/console/"), (Role.EXPERT, "/console/")])
    async def test_the_first_page_is_a_room_one_may_enter(self, sign_in: SignIn, role: Role, place: str) -> None:
        answer = await (await sign_in(role)).get("/console")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(place)

    @pytest.mark.parametrize(("language", "word"), [("zh-Hant", "我的賬號"), ("en", "My account")])
    async def test_a_language_is_chosen(self, sign_in: SignIn, language: str, word: str) -> None:
        browser = await sign_in(Role.EDITOR)
        answer = await browser.post("/console/language", language=language, back="/console/account")
        assert answer.headers["location"] == "/console/account"
        assert word in (await browser.get("/console/account")).text

    async def test_an_unknown_language_changes_nothing(self, sign_in: SignIn) -> None:
        browser = await sign_in(Role.EDITOR)
        answer = await browser.post("/console/language", language="<b>", back="https://evil.test")
        assert (answer.headers["location"], "set-cookie" in answer.headers) == ("/console", False)


class TestAccount:
    @pytest.fixture
    async def li_na(self, sign_in: SignIn, invitation: str, clock: Clock) -> tuple[Browser, pyotp.TOTP]:
        """The browser of li.na, who just joined, and the phone."""
        browser = await sign_in()
        return browser, await join(browser, invitation, clock)

    async def test_a_new_password_signs_the_other_browsers_out(
        self, sign_in: SignIn, li_na: tuple[Browser, pyotp.TOTP], clock: Clock
    ) -> None:
        browser, phone = li_na
        other = await sign_in()
        await enter(other, phone.at(clock.now))
        clock.now += HALF_MINUTE
        fields = {"old": PASSWORD, "new": "another password", "again": "another password", "code": phone.at(clock.now)}
        refused = await browser.post("/console/account/password", **(fields | {"old": "wrong password"}))
        assert refused.status_code == 422
        assert "密码没有改" in refused.text
        for change, said in (({"again": "x"}, "不一样"), ({"new": "li.na", "again": "li.na"}, "至少要 10")):
            answer = await browser.post("/console/account/password", **(fields | change))
            assert (answer.status_code, said in answer.text) == (422, True)
        assert "密码改好了" in (await browser.post("/console/account/password", **fields)).text
        assert (await other.get("/console/account")).status_code == 303
        assert (await browser.get("/console/account")).status_code == 200
        clock.now += HALF_MINUTE
        assert (await enter(await sign_in(), phone.at(clock.now), password="another password")).status_code == 303

    async def test_guessing_the_old_password_is_counted(self, li_na: tuple[Browser, pyotp.TOTP], clock: Clock) -> None:
        browser, phone = li_na
        fields = {"new": "another password", "again": "another password", "code": phone.at(clock.now)}
        for _ in range(5):
            assert (await browser.post("/console/account/password", old="wrong", **fields)).status_code == 422
        assert (await browser.post("/console/account/password", old=PASSWORD, **fields)).status_code == 429

    async def test_browsers_are_listed_and_signed_out(self, sign_in: SignIn, database: Database, clock: Clock) -> None:
        browser = await sign_in(Role.EDITOR)
        stranger = await sign_in(Role.EDITOR)
        assert browser.actor
        async with database.transaction() as session:
            phone = await people.sign_in(session, browser.actor.id, clock.now)
            await people.sign_in(session, browser.actor.id, clock.now)
        page = (await browser.get("/console/account")).text
        numbers = re.findall(r"/console/account/browsers/(\d+)/sign-out", page)
        assert (len(numbers), page.count("就是这个浏览器")) == (2, 1)
        assert (await stranger.post(f"/console/account/browsers/{numbers[0]}/sign-out")).status_code == 404
        assert (await browser.post(f"/console/account/browsers/{10**30}/sign-out")).status_code == 404
        assert (await browser.post(f"/console/account/browsers/{numbers[0]}/sign-out")).status_code == 303
        assert (await browser.post("/console/account/browsers/sign-out")).status_code == 303
        async with database.reading() as session:
            assert await people.signed_in(session, phone, clock.now) is None
        assert (await browser.get("/console/account")).status_code == 200
        assert (await stranger.get("/console/account")).status_code == 200

    async def test_a_key_is_shown_once_and_taken_away(self, sign_in: SignIn, database: Database, clock: Clock) -> None:
        browser, stranger = await sign_in(Role.EDITOR), await sign_in(Role.ADMINISTRATOR)
        assert (await browser.post("/console/account/keys", name=" ")).status_code == 422
        page = (await browser.post("/console/account/keys", name="<b>导出</b>")).text
        (key,) = re.findall(r"<code>(qz_[\w-]+)</code>", page)
        assert "&lt;b&gt;导出" in page
        async with database.transaction() as session:
            assert await people.by_api_token(session, key) == browser.actor
        page = (await browser.get("/console/account")).text
        assert key not in page
        (number,) = re.findall(r"/console/account/keys/(\d+)/revoke", page)
        assert (await stranger.post(f"/console/account/keys/{number}/revoke")).status_code == 404
        assert (await browser.post(f"/console/account/keys/{number}/revoke")).status_code == 303
        async with database.transaction() as session:
            assert await people.by_api_token(session, key) is None

    async def test_a_chat_is_linked_with_a_code_shown_once_and_unlinked(
        self, sign_in: SignIn, database: Database, clock: Clock
    ) -> None:
        browser = await sign_in(Role.DEBUNKER)
        assert browser.actor
        page = (await browser.post("/console/account/chat")).text
        (code,) = re.findall(r"<code>/link ([A-Z]{5}-[A-Z]{5})</code>", page)
        assert "15 分钟" in page
        page = (await browser.get("/console/account")).text
        assert code not in page
        assert "/chat/unlink" not in page
        async with database.transaction() as session:
            chat = await resident(session)
            assert await chats.link(session, VAULT, code, chat, clock.now)
        assert "/chat/unlink" in (await browser.get("/console/account")).text
        assert (await browser.post("/console/account/chat/unlink")).status_code == 303
        async with database.reading() as session:
            assert await chats.worker(session, chat) is None


async def test_behind_a_plain_connection_the_cookie_still_works(
    console: Console, invitation: str, clock: Clock
) -> None:
    app = Starlette(routes=list(console.routes()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        plain = Plain(client)
        await plain.post(invitation, password=PASSWORD, again=PASSWORD)
        phone = phone_on((await client.get(f"{invitation}/phone")).text)
        answer = await plain.post(f"{invitation}/phone", code=phone.at(clock.now))
        assert all("Secure" not in each for each in answer.headers.get_list("set-cookie"))
        assert (await client.get("/console/account")).status_code == 200


class Plain:
    """A browser on plain http, for a machine of one's own."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self._client.post(path, data=fields, headers={"origin": "http://desk.test"})
