"""The pages as a person meets them on a phone, with and without a script."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, ViewportSize, expect
from starlette.applications import Starlette

from bot.channels.pages import Pages
from knowledge.database import Database
from tests.bot.channels.conftest import ANSWER, SmallTalk, site
from tests.bot.channels.test_webchat_browser import CONTRASTS
from tests.factories import saved_article

# One browser for all, so one event loop for all.
pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE: ViewportSize = {"width": 390, "height": 844}
LONG = "x" * 80


@pytest_asyncio.fixture(loop_scope="module")
async def pages_address(talk: SmallTalk, tmp_path: Path) -> AsyncIterator[str]:
    """The web chat and the pages of three articles on a port of this machine; their base address."""
    database = Database(f"sqlite:///{tmp_path / 'pages.db'}")
    await database.migrate()
    async with database.transaction() as session:
        assert ANSWER.article
        await saved_article(session, slug=ANSWER.article, related=["guide", "scam"], regions=["浙江省"])
        await saved_article(session, slug="guide", kind="guide", title=LONG[:30])
        await saved_article(session, slug="scam", kind="scam_alert", topic="fraud")
    pages = Pages(database, site_name="求真", timezone="Asia/Shanghai")
    app = Starlette(routes=[*site(talk).routes, *pages.routes()])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving
    await database.close()


@pytest_asyncio.fixture(loop_scope="module", params=[True, False], ids=["script", "no-script"])
async def page(chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """A page on a phone, in Chinese, that must find nothing to complain about."""
    context = await chromium.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=request.param)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []
    await context.close()


async def sideways(page: Page) -> int:
    """How many pixels one would have to scroll sideways."""
    width: int = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width


async def letters(page: Page, selector: str) -> float:
    """How large letters are, in pixels."""
    size: float = await page.locator(selector).first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    return size


async def test_one_reads_from_the_list_to_the_article_in_large_print(page: Page, pages_address: str) -> None:
    await page.goto(f"{pages_address}/topics")
    assert await sideways(page) == 0
    await page.locator(".topics a").first.click()
    await expect(page.locator("h1")).to_have_text("健康")
    assert await sideways(page) == 0
    await page.get_by_role("link", name="喝高度白酒").click()
    await expect(page.locator("h1")).to_have_text("“喝高度白酒可以杀死体内的病毒”")
    await expect(page.locator(".verdict")).to_have_css("border-left-color", "rgb(179, 38, 30)")
    assert await sideways(page) == 0
    before = await letters(page, ".steps li")
    await page.get_by_role("link", name="大字").click()
    await expect(page.get_by_role("link", name="正常字号")).to_be_visible()
    assert (before, await letters(page, ".steps li")) == (20, 25.6)
    assert await sideways(page) == 0
    await page.locator(".entries a").nth(1).click()
    await expect(page.locator(".verdict .mark")).to_have_text("🚨 诈骗")
    assert await letters(page, ".steps li") == 25.6
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    assert await letters(page, ".steps li") == 25.6
    assert await sideways(page) == 0


async def test_an_answer_leads_to_its_article_and_that_back_to_the_chat(page: Page, pages_address: str) -> None:
    await page.goto(pages_address)
    await page.locator("#text").fill("喝高度白酒能杀死病毒吗")
    await page.locator("#send").click()
    await page.locator(".article-page a").click()
    await expect(page.locator("h1")).to_have_text("“喝高度白酒可以杀死体内的病毒”")
    await page.get_by_role("link", name="问问求真").click()
    await expect(page.locator("#text")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_is_large_and_of_high_contrast(page: Page, pages_address: str, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in (f"/a/{ANSWER.article}", "/a/guide", "/a/scam", "/topics", "/topics/health"):
        await page.goto(pages_address + path)
        found = await page.evaluate(CONTRASTS)
        assert found
        assert [piece for piece in found if piece["ratio"] < 4.5 or piece["size"] < 18] == []


async def test_whatever_is_pressed_is_large_enough_for_a_thumb(page: Page, pages_address: str) -> None:
    await page.goto(f"{pages_address}/a/{ANSWER.article}")
    for link in await page.locator(".tools a, .way, .entries a").all():
        box = await link.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 48
