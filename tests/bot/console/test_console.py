"""The door of the console: sign-in, roles, forged forms, sizes, and what an error does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from sqlalchemy import select
from starlette.responses import Response

from bot.channels.web.wording import Language
from bot.console import console
from bot.console.signin import own_place
from bot.console.visit import EVERYBODY, Page, Visit
from bot.console.words import ConsoleWords
from knowledge.database import Database
from knowledge.errors import Conflict, NotAllowed, NotFound
from knowledge.models import Counter, Role
from knowledge.models import SignIn as SignInRow
from tests.bot.console.conftest import ORIGIN, Clock, SignIn


async def _show(visit: Visit) -> Response:
    return visit.page("frame.html")


async def _count(visit: Visit) -> Response:
    visit.session.add(Counter(name=visit.value("name"), value=1))
    await visit.session.flush()
    if visit.value("fail") == "conflict":
        raise Conflict("Somebody else was quicker.")
    if visit.value("fail") == "missing":
        raise NotFound("Nothing there.")
    if visit.value("fail") == "bug":
        raise RuntimeError("secret details")
    return visit.to("/console/account")


@pytest.fixture
def pages() -> list[Page]:
    return [
        Page("GET", "/console/account", _show),
        Page("GET", "/console/open", _show, EVERYBODY),
        Page("GET", "/console/editors", _show, frozenset({Role.EDITOR})),
        Page("GET", "/console/desk/{rumour:int}", _show),
        Page("POST", "/console/open", _count, EVERYBODY),
        Page("POST", "/console/count", _count, frozenset({Role.EDITOR}), largest_body=2000),
    ]


async def counters(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(select(Counter.name)))


class TestDoor:
    async def test_who_is_not_signed_in_is_sent_to_sign_in(self, sign_in: SignIn) -> None:
        nobody = await sign_in()
        answer = await nobody.get("/console/editors")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in?to=/console/editors")
        assert (await nobody.get("/console/open")).status_code == 200
        assert (await nobody.post("/console/count", name="x")).status_code == 401

    async def test_signing_in_leads_back_to_what_a_link_asked_for(self, sign_in: SignIn) -> None:
        nobody = await sign_in()
        answer = await nobody.get("/console/editors?of=健康,1&page=2")
        (place,) = parse_qs(urlsplit(answer.headers["location"]).query)["to"]
        assert own_place(place) == place
        assert dict(parse_qsl(urlsplit(place).query)) == {"of": "健康,1", "page": "2"}

    async def test_a_role_that_is_not_held_is_refused(self, sign_in: SignIn) -> None:
        for role, status in ((Role.EDITOR, 200), (Role.DEBUNKER, 403), (Role.ADMINISTRATOR, 200)):
            assert (await (await sign_in(role)).get("/console/editors")).status_code == status

    async def test_a_sign_in_ends_by_itself_and_when_it_is_taken_away(
        self, sign_in: SignIn, clock: Clock, database: Database
    ) -> None:
        browser = await sign_in(Role.EDITOR)
        begun = clock.now
        clock.now = begun.replace(day=begun.day + 1)
        assert (await browser.get("/console/editors")).status_code == 303
        clock.now = begun
        assert (await browser.get("/console/editors")).status_code == 200
        async with database.transaction() as session:
            await session.delete(await session.scalar(select(SignInRow)))
        assert (await browser.get("/console/editors")).status_code == 303

    async def test_pages_are_not_kept_and_carry_the_strict_headers(self, sign_in: SignIn) -> None:
        answer = await (await sign_in(Role.EDITOR)).get("/console/editors")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers.get_list("content-security-policy") == [answer.headers["content-security-policy"]]
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


class TestForms:
    async def test_a_form_is_taken(self, sign_in: SignIn, database: Database) -> None:
        answer = await (await sign_in(Role.EDITOR)).post("/console/count", name="taken")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/account")
        assert await counters(database) == ["taken"]

    async def test_a_forged_form_is_refused(self, sign_in: SignIn, database: Database) -> None:
        browser, other = await sign_in(Role.EDITOR), await sign_in(Role.EDITOR)
        foreign = await browser.client.post(
            "/console/count", data={"name": "x"}, headers={"origin": "https://evil.test"}
        )
        assert foreign.status_code == 403
        assert (await browser.post("/console/count", csrf="", name="x")).status_code == 403
        theirs = (await other.get("/console/account")).text.split('name="csrf" value="')[1][:64]
        assert (await browser.post("/console/count", csrf=theirs, name="x")).status_code == 403
        assert await counters(database) == []

    async def test_too_much_is_refused_unread(self, sign_in: SignIn, database: Database) -> None:
        browser = await sign_in(Role.EDITOR)
        assert (await browser.post("/console/count", name="x" * 3000)).status_code == 413

        async def slowly() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"name=" + b"x" * 100

        headers = {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"}
        unannounced = await browser.client.post("/console/count", content=slowly(), headers=headers)
        assert unannounced.status_code == 413
        assert await counters(database) == []

    @pytest.mark.parametrize(("fail", "status"), [("conflict", 409), ("missing", 404), ("bug", 500)])
    async def test_what_fails_changes_nothing_and_is_said(
        self, sign_in: SignIn, database: Database, fail: str, status: int
    ) -> None:
        answer = await (await sign_in(Role.EDITOR)).post("/console/count", name="x", fail=fail)
        assert answer.status_code == status
        assert "secret details" not in answer.text
        assert 'role="alert"' in answer.text
        assert await counters(database) == []

    @pytest.mark.parametrize(
        ("referer", "back"),
        [
            (f"{ORIGIN}/console/desk/7?done=saved#note", "/console/desk/7"),
            (f"{ORIGIN}/console/desk/7/original", "/console/desk/7"),
            (f"{ORIGIN}/console/account/keys/3/revoke", "/console/account"),
            (f"{ORIGIN}/console/count", None),
            (f"{ORIGIN}/console/nowhere/at/all", None),
            ("https://evil.test/console/desk/7", None),
            (f"{ORIGIN}.evil.test/console/desk/7", None),
            (f"{ORIGIN}/a/baijiu-virus", None),
            (f"{ORIGIN}/consoles/x", None),
            (f"{ORIGIN}/console/sign-in?to=/console/x", None),
            ("https://[", None),
            ("", None),
        ],
    )
    async def test_a_refusal_leads_back_to_a_page_of_the_console_only(
        self, sign_in: SignIn, referer: str, back: str | None
    ) -> None:
        browser = await sign_in(Role.EDITOR)
        browser.client.headers["referer"] = referer
        page = (await browser.post("/console/count", name="x", fail="conflict")).text
        links = re.findall(r'<a class="button[^"]*" href="([^"]*)"', page)
        assert links == ([back] if back else []) + ["/console"]

    async def test_a_refusal_keeps_the_rooms_of_whoever_is_signed_in(self, sign_in: SignIn) -> None:
        debunker, nobody = await sign_in(Role.DEBUNKER), await sign_in()
        debunker.client.headers["referer"] = f"{ORIGIN}/console/editors"
        for answer in (await debunker.get("/console/editors"), await debunker.post("/console/count", csrf="")):
            assert answer.status_code == 403
            assert 'href="/console/desk"' in answer.text
            assert 'href="/console/people"' not in answer.text
        assert (
            'class="button" href="/console"' in (await debunker.get("/console/editors")).text
        )  # not round in a circle
        assert 'href="/console/desk"' not in (await nobody.post("/console/count", name="x")).text
        sent = re.search(r'name="csrf" value="([0-9a-f]+)"', (await debunker.get("/console/editors")).text)
        account = re.search(r'name="csrf" value="([0-9a-f]+)"', (await debunker.get("/console/account")).text)
        assert sent
        assert account
        assert sent.group(1) == account.group(1)  # signing out works from there

    async def test_what_was_written_can_be_copied_from_the_refusal(self, sign_in: SignIn, database: Database) -> None:
        note, names = "第一行\n</textarea><script>1</script>", {"slug": "a-b" * 9, "query": "text=%E6%B0%B4" * 9}
        secrets = {"password": "p" * 30, "old": "o" * 30, "new": "n" * 30, "again": "a" * 30, "code": "9" * 30}
        browser, nobody = await sign_in(Role.EDITOR), await sign_in()
        refused = (
            await browser.post("/console/count", name="x", fail="conflict", note=note, short="短", **secrets, **names)
        ).text
        assert "按浏览器的返回键" in refused
        assert ">\n第一行\n&lt;/textarea&gt;" in refused
        assert refused.count("<textarea") == 1
        assert all(value not in refused for value in (secrets | names).values())
        brief = "打电话问过水厂了，没有这回事"
        assert (
            f">\n{brief}</textarea>"
            in (await browser.post("/console/count", name="x", fail="conflict", note=brief)).text
        )
        too_old = await browser.post("/console/count", csrf="0" * 64, note=note)
        assert ">\n第一行\n&lt;/textarea&gt;" in too_old.text
        signed_out = await nobody.post("/console/count", note=note)
        assert (signed_out.status_code, signed_out.text.count("<textarea")) == (401, 1)
        assert "<textarea" not in (await nobody.post("/console/open", name="x", fail="conflict", note=note)).text
        assert "按浏览器的返回键" not in (await (await sign_in(Role.EXPERT)).get("/console/editors")).text

    async def test_whoever_is_signed_out_meanwhile_signs_in_beside_what_they_wrote(self, sign_in: SignIn) -> None:
        nobody = await sign_in()
        nobody.client.headers["referer"] = f"{ORIGIN}/console/desk/7?done=saved"
        page = (await nobody.post("/console/count", note="打电话问过水厂了，没有这回事")).text
        links = re.findall(r'<a class="button[^"]*" href="([^"]*)" target="_blank"', page)
        assert links == ["/console/sign-in?to=/console/desk/7"]
        assert '<details class="card" open>' in page
        assert "按浏览器的返回键" not in page

    async def test_a_form_that_came_apart_is_said(self, sign_in: SignIn) -> None:
        browser = await sign_in(Role.EDITOR)
        headers = {"origin": ORIGIN, "content-type": "multipart/form-data; boundary=x"}
        assert (await browser.client.post("/console/count", content=b"--y\r\n", headers=headers)).status_code == 400


@pytest.mark.parametrize(
    ("language", "word"), [("zh-CN", "这一步没有做成"), ("zh-TW", "這一步沒有做成"), ("en", "This was not done")]
)
async def test_it_speaks_the_readers_language(sign_in: SignIn, language: str, word: str) -> None:
    browser = await sign_in(Role.DEBUNKER)
    assert word in (await browser.client.get("/console/editors", headers={"accept-language": language})).text


def test_a_name_is_written_as_its_owner_writes_it() -> None:
    words = ConsoleWords(Language.TRADITIONAL, "Asia/Shanghai")
    assert words.say("articles-signed-by", names="于海、范伟") == "已會簽：于海、范伟"


@pytest.mark.parametrize(("error", "mark"), [(NotFound, "NotFound"), (NotAllowed, "NotAllowed")])
@pytest.mark.parametrize("language", [Language.SIMPLIFIED, Language.ENGLISH])
def test_every_reason_of_a_refusal_has_a_sentence(
    error: type[NotFound | NotAllowed], mark: str, language: Language
) -> None:
    root = Path(console.__file__).parents[2]
    sources = [path for room in ("knowledge", "bot/console") for path in (root / room).rglob("*.py")]
    raised = re.compile(rf'{mark}\((?:[^"\n]*"(?:[^"\\]|\\.)*"), "(\w+)"\)')
    reasons = {reason for path in sources for reason in raised.findall(path.read_text(encoding="utf-8"))}
    words = ConsoleWords(language, "Asia/Shanghai")
    sentences = {console.said(error("It is said in English.", reason), words) for reason in ("", *reasons)}
    assert len(reasons) > 5
    assert len(sentences) == len(reasons) + 1
    assert "It is said in English." not in sentences


def test_every_password_of_a_form_is_a_secret() -> None:
    templates = Path(console.__file__).parent / "templates"
    text = "".join(path.read_text(encoding="utf-8") for path in templates.rglob("*.html"))
    inputs = re.findall(r"<input[^>]*>", text)
    secret = [one for one in inputs if 'type="password"' in one or "one-time-code" in one]
    names = {re.findall(r'name="(\w+)"', one)[0] for one in secret}
    assert names == console.SECRETS - {"csrf"}
