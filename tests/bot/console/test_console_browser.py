"""Every page of the console in a real browser: axe-core finds nothing serious, and nothing is wider than a phone.

`QIUZHEN_TEST_SCREENSHOTS` names a folder for a picture of every page.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Dialog, Page, Route, ViewportSize
from sqlalchemy import update

from bot import wiring
from bot.app import create_app
from bot.console.console import COOKIE
from bot.wiring import Parts
from knowledge import credentials, editing, links, originals, people, rumours, staff, turns
from knowledge.article_content import ArticleContent
from knowledge.desk import queue, verdicts, work
from knowledge.desk.steps import Step
from knowledge.links import Checked, Problem
from knowledge.models import Band, Harm, LinkState, Role, Rumour, Turn
from knowledge.people import Actor
from tests import factories
from tests.bot.channels.conftest import headless_chromium
from tests.bot.console.conftest import person

PHONE: ViewportSize = {"width": 360, "height": 780}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PASSWORD = "河边的小鸭子 1988"
DRAFT = "well-water"
ADDRESSES: dict[str, Sequence[str]] = {
    "/console/desk": ("", "?status=settled", "?text=没有这个词", "?harm=3&order=harm&status=unsettled"),
    "/console/desk/{rumour:int}": ("1", "2", "3"),
    "/console/articles": ("", "?look=draft", "?text=没有这个词"),
    "/console/links": ("", "?show=moved", "?show=all", "?show=by_hand"),
    "/console/articles/new": ("", "?rumour=3"),
    "/console/articles/{slug}": (DRAFT, "baijiu-virus"),
    "/console/articles/{slug}/history": (f"{DRAFT}/history", "baijiu-virus/history"),
    "/console/people/{id:int}": ("1", "3"),
    "/console/reports/rows": ("?figure=messages", "?figure=new", "?figure=nonsense"),
}
"""Where a page is looked at in several states: what stands in the place of its last `{...}`, or behind its address."""
FILES = frozenset(
    {
        "/console/export/{form}",
        "/console/invited/{token}/phone.svg",
        "/console/reports/report.docx",
        "/console/reports/report.xlsx",
    }
)
"""What is loaded down or is a picture, not a page."""
OUTSIDE = "/console/invited/"
"""Pages for whoever is not signed in yet; they have a test of their own."""


def addresses(parts: Parts, actor: Actor) -> list[str]:
    """Where somebody finds every page they may open, in every state it is looked at in."""
    found = []
    for page in wiring.console(parts).pages:
        if page.method != "GET" or page.path in FILES or page.path.startswith(OUTSIDE) or not actor.may(page.roles):
            continue
        base = page.path.partition("{")[0]
        found += [base + more for more in ADDRESSES.get(page.path, ("",))]
    return found


class Eyes:
    """Looks at pages, and writes down what is wrong with them."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.wrong: list[str] = []
        self._name = name
        self._axe = Axe()
        self._pictures = os.environ.get("QIUZHEN_TEST_SCREENSHOTS")
        self._taken = 0
        page.on("console", lambda message: self._complain(message.text))
        page.on("pageerror", lambda error: self._complain(str(error)))

    async def open(self, address: str) -> None:
        """Open a page and look at it."""
        await self.page.goto(address)
        await self.look()

    async def look(self) -> None:
        """At the page that is open."""
        await self._take_picture()
        wide = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            self._note(f"{wide} pixels too wide")
        headings = await self.page.locator("h1").count()
        if headings != 1:
            self._note(f"{headings} h1")
        # What an article looks like to residents has tests of its own, so the frames of the preview are left out.
        result: Any = await self._axe.run(self.page, options={"resultTypes": ["violations"], "iframes": False})
        for violation in result.response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                places = "; ".join(str(node["html"])[:160] for node in violation["nodes"][:4])
                self._note(f"{violation['id']} ({len(violation['nodes'])}): {places}")

    async def _take_picture(self) -> None:
        if self._pictures:
            self._taken += 1
            place = re.sub(r"\W+", "-", self.page.url.partition("/console")[2]).strip("-")[:40]
            path = Path(self._pictures) / self._name / f"{self._taken:02d}-{place}.png"
            await self.page.screenshot(path=path, full_page=True)

    def _complain(self, text: str) -> None:
        # That a page says 404 or 422 is its business; that it breaks a rule of its own is not.
        if not text.startswith("Failed to load resource"):
            self._note(text)

    def _note(self, what: str) -> None:
        self.wrong.append(f"{self.page.url.partition('/console')[2] or '/'}: {what}")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser that lives as long as one test, on its event loop."""
    async with headless_chromium() as browser:
        yield browser


@pytest.fixture
async def address(furnished: Parts) -> AsyncIterator[str]:
    """The whole site on a port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(furnished), log_level="warning", ws="none", lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture
async def furnished(quick_parts: Parts) -> Parts:
    """A site on which a good deal has happened: every list has something in it."""
    parts = quick_parts
    boss = await person(parts.database, "admin", Role.ADMINISTRATOR)
    writer = await person(parts.database, "writer", Role.DEBUNKER)
    reader = await person(parts.database, "reader", Role.DEBUNKER, Role.EXPERT, region="青河县")
    await person(parts.database, "editor", Role.EDITOR)
    await _talk(parts)
    await _desk(parts, writer, reader)
    await _room(parts, boss, writer)
    async with parts.database.reading() as session:
        parts.clusters.add(await rumours.opened_after(session, 0))
    return parts


async def _talk(parts: Parts) -> None:
    """Residents ask, are answered and say what they think of it; three rumours come of it."""
    now = datetime.now(UTC)
    texts = (
        ["听说村口的井水有毒，千万别喝", "转给家人：村口井水被人投了毒！！！" + "喝了的人都送医院了，" * 12] * 4,
        ["超市的盐要涨到五十块一斤"],
        ["村口井水投毒的人抓到了吗"],
    )
    async with parts.database.transaction() as session:
        who = [await factories.resident(session, str(number)) for number in range(8)]
        for said in texts:
            number = 0
            for place, text in enumerate(said):
                at = now - timedelta(days=3 * (len(said) - place), hours=3)
                seen = await factories.seen(session, who[place], text, received_at=at)
                if number:
                    await rumours.join(session, seen, number)
                else:
                    number = await rumours.open_rumour(session, seen)
                until = now + timedelta(days=9)
                await originals.keep(session, parts.vault, seen.turn_id, f"{text} 电话 13800000000", until)
        for place in range(6):
            turn = await factories.turn(session, who[place], received_at=now - timedelta(hours=place))
            answered = update(Turn).where(Turn.id == turn).values(band=Band.SURE, article_id=1, resident_id=who[place])
            await session.execute(answered)
            await turns.rate(session, turn, helpful=place == 5, reason="unclear" if place < 5 else None)


async def _desk(parts: Parts, writer: Actor, reader: Actor) -> None:
    """The first rumour has notes and a draft that waits for a second person; the second one is settled."""
    now = datetime.now(UTC)
    draft = factories.article_content(
        slug=DRAFT, title="村口的井水被人投了毒吗？", claim="村口的井水被人投了毒，千万别喝。", topic="disaster"
    )
    async with parts.database.transaction() as session:

        async def step(number: int) -> Step:
            return Step(writer, (await session.get_one(Rumour, number)).version, now)

        await work.claim(session, 1, await step(1))
        await work.rate(session, 1, Harm.HIGH, "青河县", await step(1))
        await work.add_note(session, 1, "打电话问过村委会，没有这件事。", await step(1))
        await work.ask_expert(session, 1, reader.id, "井水发黄是什么原因？", await step(1))
        await verdicts.draft(session, 1, draft, await step(1))
        await verdicts.submit(session, 1, await step(1))
        await verdicts.sign_off(session, 1, 1, Step(reader, (await step(1)).version, now))
        await verdicts.link(session, 2, "baijiu-virus", await step(2))
        late = {"answer_due": now - timedelta(hours=2), "harm": Harm.MEDIUM}
        await session.execute(update(Rumour).where(Rumour.id == 3).values(**late))
        await queue.save_view(session, writer, "rumours", "急的", "harm=3&order=harm")


async def _room(parts: Parts, boss: Actor, writer: Actor) -> None:
    """A published article with a draft on top; keys and browsers of the administrator."""
    now = datetime.now(UTC)
    async with parts.database.transaction() as session:
        last = await editing.newest(session, "baijiu-virus")
        changed = ArticleContent.model_validate(
            last.content | {"short_answer": "不能，反而伤肝。", "review_by": str((now + timedelta(days=9)).date())}
        )
        await editing.save_draft(session, writer, changed, base=last.number, at=now)
        urls = await links.to_check(session, now)
        states = (LinkState.DEAD, LinkState.UNREACHABLE, LinkState.UNCLEAR, LinkState.WORKS)
        looked = [
            Checked(url=url, state=state, status_code={LinkState.DEAD: 404}.get(state), problem=problem, moved_to=moved)
            for url, state, problem, moved in zip(
                urls,
                states,
                (None, Problem.CERTIFICATE, Problem.ENCRYPTION, None),
                (None, None, None, "https://www.example.org/news/2026/" + "a-very-long-address-" * 8),
                strict=False,
            )
        ]
        await links.record(session, looked, now)
        for url in urls[4:5]:
            await links.mark(session, boss, url, LinkState.DEAD, now)
        for actor in (boss, writer):
            await people.new_api_token(session, actor.id, "大屏幕", now)
            await people.sign_in(session, actor.id, now)


async def signed_in(parts: Parts, browser: Browser, address: str, login: str, **options: Any) -> BrowserContext:
    """The browser of somebody who has signed in."""
    context = await browser.new_context(base_url=address, locale="zh-CN", **options)
    async with parts.database.transaction() as session:
        somebody = await staff.by_login(session, login)
        token = await people.sign_in(session, somebody.id, datetime.now(UTC))
    await context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
    return context


async def actor_of(parts: Parts, login: str) -> Actor:
    async with parts.database.reading() as session:
        return Actor.of(await staff.by_login(session, login))


@pytest.mark.parametrize(
    ("login", "options"),
    [
        ("admin", {"viewport": PHONE, "color_scheme": "light"}),
        ("writer", {"viewport": PHONE, "color_scheme": "dark"}),
        ("reader", {"viewport": DESKTOP, "color_scheme": "light"}),
    ],
    ids=["administrator-phone", "debunker-phone-dark", "debunker-desktop"],
)
async def test_every_page_can_be_read_and_used(
    furnished: Parts, browser: Browser, address: str, login: str, options: dict[str, Any]
) -> None:
    context = await signed_in(furnished, browser, address, login, **options)
    eyes = Eyes(await context.new_page(), login)
    for place in addresses(furnished, await actor_of(furnished, login)):
        await eyes.open(place)
    assert eyes.wrong == []


async def test_what_forms_answer_can_be_read_and_used(furnished: Parts, browser: Browser, address: str) -> None:
    context = await signed_in(furnished, browser, address, "admin", viewport=PHONE)
    page = await context.new_page()
    eyes = Eyes(page, "answers")

    async def send(form: str, **fields: str) -> None:
        for name, text in fields.items():
            await page.fill(f"{form} [name={name}]", text)
        await page.click(f"{form} button >> nth=0")
        await page.wait_for_load_state()
        await eyes.look()

    await page.goto("/console/articles/new")
    await send("#writing", slug="Not A Slug", title="太长" * 20)
    await page.goto("/console/try")
    await send('form[action$="/try"]', text="喝白酒能杀病毒吗", slug="baijiu-virus")
    await page.goto("/console/people")
    await send('form[action$="/people"]', login="x", name="某")
    await send('form[action$="/people"]', login="newcomer", name="新来的")
    await page.goto("/console/account")
    await send('form[action$="/password"]', old="x", new=PASSWORD, again="something else", code="000000")
    await page.goto("/console/account")
    await send('form[action$="/keys"]', name="另一块屏幕")
    await page.goto("/console/desk/1")
    await page.click("details:has([name=reason]) >> nth=0 >> summary")
    await page.fill("details[open] [name=reason]", "核对电话号码")
    await page.click("details[open] button")
    await page.wait_for_load_state()
    await eyes.look()
    await page.goto("/console/desk/1")
    await send('form[action$="/merge"]', into="R99")
    await page.goto("/console/desk/1")
    await page.evaluate("document.querySelectorAll('[name=csrf]').forEach(field => field.value = 'too old')")
    await send('form[action$="/note"]', text="打电话问过村委会和水务局，都说没有这件事。" * 4)
    await page.click("summary")
    await eyes.look()
    await page.click("a.button >> nth=0")
    await page.wait_for_url("**/console/desk/1")
    assert eyes.wrong == []


async def test_a_form_is_sent_once_and_loses_nothing_typed_into_another(
    furnished: Parts, browser: Browser, address: str
) -> None:
    context = await signed_in(furnished, browser, address, "writer", viewport=DESKTOP)
    page = await context.new_page()
    sent: list[str] = []
    asked: list[str] = []

    async def slowly(route: Route) -> None:
        sent.append(route.request.url)
        await asyncio.sleep(1)
        await route.continue_()

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    await page.route("**/desk/1/*", slowly)
    page.on("dialog", stay)
    await page.goto("/console/desk/1")
    await page.fill("#note", "再问问卫生院。")
    await page.click('form[action$="/rate"] button', no_wait_after=True)
    await page.wait_for_function("document.querySelector('#note').value === '再问问卫生院。'")
    assert (asked, sent) == (["beforeunload"], [])
    await page.evaluate(
        """() => {
          const button = document.querySelector('form[action$="/note"] button');
          button.click();
          setTimeout(() => button.click(), 200);
        }"""
    )
    await page.wait_for_url("**/desk/1?done=saved")
    assert (asked, len(sent)) == (["beforeunload"], 1)
    assert await page.locator("#notes ~ .card", has_text="再问问卫生院。").count() == 1


async def test_leaving_asks_where_something_would_be_lost(furnished: Parts, browser: Browser, address: str) -> None:
    page = await (await signed_in(furnished, browser, address, "writer", viewport=DESKTOP)).new_page()

    async def asks() -> bool:
        leaving = "() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
        return bool(await page.evaluate(leaving))

    for place in ("desk/1", "desk/3", "articles/new", "articles/new?rumour=3", f"articles/{DRAFT}"):
        await page.goto(f"/console/{place}")
        assert not await asks(), place
    await page.goto("/console/desk/1")
    await page.check("[form=splitting][name=sighting] >> nth=0")
    assert await asks()
    await page.uncheck("[form=splitting][name=sighting] >> nth=0")
    assert not await asks()
    await page.select_option("#canned", "chat")  # not the first, which no page marks as chosen
    assert await asks()
    await page.goto("/console/articles/new")
    await page.fill("#slug", "Not A Slug")
    await page.click("#writing button >> nth=0")
    await page.wait_for_selector(".trouble")
    assert await asks()


async def test_whoever_joins_and_signs_in_can_read_and_use_the_pages(
    furnished: Parts, browser: Browser, address: str
) -> None:
    now = datetime.now(UTC)
    async with furnished.database.transaction() as session:
        boss = Actor.of(await staff.by_login(session, "admin"))
        roles = [(Role.DEBUNKER, "")]
        newcomer = await staff.add(session, boss, "newcomer", "新来的", roles, now)
        token = await staff.invite(session, boss, newcomer.id, now)
    page = await (await browser.new_context(base_url=address, locale="zh-CN", viewport=PHONE)).new_page()
    eyes = Eyes(page, "nobody")
    await eyes.open("/console/sign-in")
    await eyes.open(f"/console/invited/{token}")
    await page.fill("[name=password]", PASSWORD)
    await page.fill("[name=again]", PASSWORD)
    await page.click("main form button >> nth=0")
    await page.wait_for_selector("[name=code]")
    await eyes.look()
    async with furnished.database.reading() as session:
        key = await credentials.phone_key(session, furnished.vault, token, now)
    assert key
    await page.fill("[name=code]", pyotp.TOTP(key).now())
    await page.click("main form button >> nth=0")
    await page.wait_for_selector(".who")
    await page.click(".who button")
    await page.fill("[name=login]", "newcomer")
    await page.fill("[name=password]", PASSWORD)
    await page.click("main form button >> nth=0")
    await page.wait_for_selector("[name=code]")
    await eyes.look()
    await page.fill("[name=code]", "000000")
    await page.click("main form button >> nth=0")
    await page.wait_for_selector("[role=alert]")
    await eyes.look()
    await eyes.open("/console/invited/unknown")
    assert eyes.wrong == []
