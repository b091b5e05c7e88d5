"""A rumour from two residents on its way through the desk, in a real browser and the chats of who works there, until
both have the answer, and again when it is corrected.

`QIUZHEN_TEST_SCREENSHOTS` names a folder for pictures of every step.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.bot.channels.conftest import CHROMIUM_ARGUMENTS
from tests.conftest import REPOSITORY
from tests.e2e.server import Server
from tests.telegram.bot_api import FakeBotApi

PASSWORD = "河边的小鸭子 1988"
RUMOUR = "听说石塘村的井水被人投了毒，不能喝"
FORWARDED = "转给家人：镇上的矿泉水快抢光了，赶紧去超市囤，晚了就没有了"
"""The same story in other words, so that it opens a rumour of its own."""
FIELDS = {
    "slug": "shitang-well-water",
    "title": "石塘村的井水被投毒了吗？",
    "claim": "石塘村的井水被人投了毒。",
    "short_answer": "没有。县疾控11月20日化验合格，警方没有接到投毒报案。",
    "what_to_do": "照常用水，烧开再喝。\n发现可疑的人或水变色，打110。",
    "asked_as": "石塘村的井水有毒吗\n石塘村井水被投毒是真的吗\n石塘的井水还能喝吗\n石塘井水投毒",
    "body": (
        "县疾控中心11月20日取了石塘村三口井的水，化验结果合格。公安局说没有接到投毒的报案。水发黄是前几天下大雨，"
        "泥沙进了井，澄清、烧开就能用。\n\n## 为什么有人信\n\n雨后井水发黄，又有人拉肚子，两件事凑在一起，就传成投毒。"
        "\n\n## 该怎么做\n\n- 水烧开再喝。\n- 水有怪味、变色，先别喝，告诉村委会。\n- 有人吐、拉得厉害，打120。\n"
        "- 看见有人往井里倒东西，打110。别在群里传没有查实的话。"
    ),
    "review_by": "2027-05-01",
}
SOURCE = {
    "title": "关于石塘村井水检测情况的通报",
    "publisher": "县疾病预防控制中心",
    "url": "https://cdc.example.gov.cn/1",
    "accessed": "2026-11-25",
}


class Walk:
    """The browsers of the people at the desk, each a window of its own."""

    def __init__(self, browser: Browser, site: str) -> None:
        self._browser = browser
        self._site = site
        self._pictures = Path(os.environ.get("QIUZHEN_TEST_SCREENSHOTS", ""))
        self._taken = 0

    async def join(self, link: str, *, width: int = 1280) -> tuple[Page, str]:
        """Follow an invitation: password, code, and in. Gives the window and the key of the codes."""
        context = await self._browser.new_context(
            base_url=self._site, locale="zh-CN", viewport={"width": width, "height": 844}
        )
        page = await context.new_page()
        page.set_default_timeout(15_000)
        await page.goto(link)
        await self.picture(page, "invited")
        for name in ("password", "again"):
            await page.fill(f"input[name={name}]", PASSWORD)
        await page.click("main form:has(input[name=password]) button")
        shown = await page.inner_text("main")
        found = re.search(r"((?:[A-Z2-7]{4}\s+){5,}[A-Z2-7]{4})", shown)
        assert found, shown
        key = re.sub(r"\s", "", found.group(1))
        await self.picture(page, "phone")
        await page.fill("input[name=code]", pyotp.TOTP(key).now())
        await page.click("main form:has(input[name=code]) button")
        await page.wait_for_selector(".who")
        return page, key

    async def picture(self, page: Page, name: str) -> None:
        """A picture of the whole page, when pictures are wanted; and the page must not be wider than the window."""
        wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 1, f"{name} is {wide} pixels wider than the window"
        if self._pictures.name:
            self._taken += 1
            self._pictures.mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=self._pictures / f"{self._taken:02d}-{name}.png", full_page=True)


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """A browser in the event loop of the fake Bot API."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


async def press(page: Page, place: str) -> None:
    """Send the form of the page that leads to `place`."""
    await page.click(f'form[action$="/{place}"] button:not(.quiet), form[action$="/{place}"] button')
    await page.wait_for_load_state()


async def test_a_rumour_goes_through_the_desk_and_both_residents_hear_of_it(
    server: Server, bot_api: FakeBotApi, chromium: Browser
) -> None:
    server.telegram(bot_api.url)
    await server.start()
    walk = Walk(chromium, server.url)

    # Two residents, one on Telegram and one on the web page.
    bot_api.send_text(7, RUMOUR)
    assert "R1" in (await bot_api.wait_for_reply(7, within=30)).text
    resident = httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30)
    await resident.get("/")
    said = {"id": "message-of-the-web", "text": FORWARDED}
    assert (await resident.post("/chat/messages", json=said)).json()["rumour"] == "R2"

    # The first administrator, made on the server; the others, made on the page.
    admin, key = await walk.join(_added(server, "laowang", "王芳"), width=390)
    await press(admin, "sign-out")
    await admin.goto("/console")
    await admin.fill("input[name=login]", "laowang")
    await admin.fill("input[name=password]", PASSWORD)
    await walk.picture(admin, "sign-in")
    await admin.click("main form:has(input[name=password]) button")
    await admin.fill("input[name=code]", pyotp.TOTP(key).at(int(time.time()) + 30))
    await walk.picture(admin, "code")
    await admin.click("main form:has(input[name=code]) button")
    await admin.wait_for_selector(".who")
    links = {}
    for login, role in (("writer", "debunker"), ("reader", "debunker")):
        await admin.goto("/console/people")
        form = 'form[action$="/console/people"]'
        await admin.fill(f"{form} input[name=login]", login)
        await admin.fill(f"{form} input[name=name]", f"{login}·辟谣员")
        await admin.check(f'{form} input[name=role][value="{role}"]')
        await walk.picture(admin, f"people-{login}")
        await admin.click(f"{form} button")
        found = re.search(r"\S*/console/invited/\S+", await admin.inner_text("main"))
        assert found
        links[login] = "/console/invited/" + found.group(0).rsplit("/", 1)[1]
    writer, _ = await walk.join(links["writer"])
    reader, _ = await walk.join(links["reader"])

    # Merged, claimed, rated, drafted.
    await writer.goto("/console/desk")
    await walk.picture(writer, "queue")
    await writer.goto("/console/desk/2")
    await writer.fill("input[name=into]", "R1")
    await press(writer, "merge")
    assert "R1" in await writer.inner_text("main")
    await walk.picture(writer, "merged")
    await writer.goto("/console/desk/1")
    assert "收到 2 次" in await writer.inner_text("main")
    for window, chat in ((writer, 8), (reader, 9)):
        await _links_chat(window, bot_api, chat)
    await walk.picture(writer, "chat-linked")
    await reader.goto("/console/desk/1")
    await reader.select_option('form[action$="/assign"] select[name=person]', label="writer·辟谣员")
    await press(reader, "assign")
    assigned = await bot_api.wait_for_reply(8, 2, within=30)
    assert "同事把这条交给您了。" in assigned.text
    await writer.goto("/console/desk/1")
    await writer.select_option("select[name=harm]", "2")
    await press(writer, "rate")
    await walk.picture(writer, "rumour")
    await writer.click('a[href$="/console/articles/new?rumour=1"]')
    await writer.select_option("select[name=topic]", "disaster")
    await writer.select_option("select[name=verdict]", "false")
    for name, text in FIELDS.items():
        await writer.fill(f"#{name}", text)
    for part, text in SOURCE.items():
        await writer.fill(f"#source-0-{part}", text)
    await writer.check("input[name=single_source]")
    await walk.picture(writer, "draft")
    await writer.click("#writing button:not(.quiet)")
    await writer.wait_for_url("**/console/desk/1?done=saved")
    await press(writer, "submit")
    await walk.picture(writer, "submitted")

    # Nobody signs off their own work.
    await press(writer, "sign-off")
    assert await writer.locator('[role="alert"]').count() == 1
    assert "会签" in await writer.inner_text('[role="alert"]')
    await walk.picture(writer, "own-work")
    asked_to_sign = await bot_api.wait_for_reply(9, 2, within=30)
    bot_api.press(9, asked_to_sign.message_id, asked_to_sign.tokens[0])
    draft = await bot_api.wait_for_reply(9, 3)
    assert "澄清、烧开就能用" in draft.text
    bot_api.press(9, draft.message_id, draft.tokens[0])
    assert (await bot_api.wait_for_reply(9, 4)).text.startswith("✅ 会签好了")
    assert "可以在网页上发布了" in (await bot_api.wait_for_reply(8, 3, within=30)).text
    await writer.goto("/console/desk/1")
    await press(writer, "publish")
    assert "done=published" in writer.url
    await walk.picture(writer, "published")

    # Both hear of it, and whoever asks now is answered.
    told = await bot_api.wait_for_reply(7, 2, within=30)
    assert told.text.startswith("❌ 假｜“石塘村的井水被人投了毒”")
    assert "R1" in told.text
    page = (await resident.get("/")).text
    assert "❌ 假｜“石塘村的井水被人投了毒”" in page
    assert "❌ 假｜“石塘村的井水被人投了毒”" not in (await resident.get("/")).text  # told once
    asked = {"id": "message-asked-again", "text": "石塘村井水被投毒是真的吗"}
    again = (await resident.post("/chat/messages", json=asked)).json()
    assert (again["band"], again["verdict"]) == ("sure", "false")

    # A correction is told again.
    await reader.goto("/console/articles/shitang-well-water")
    await reader.select_option("select[name=verdict]", "misleading")
    await reader.fill("#short_answer", "没有投毒。不过11月20日有一口井细菌超标，要烧开再喝。")
    await reader.click("#writing button:not(.quiet)")
    await reader.wait_for_url("**?done=saved")
    await writer.goto("/console/articles/shitang-well-water")
    await press(writer, "sign-off")
    await walk.picture(writer, "correction")
    await reader.goto("/console/articles/shitang-well-water")
    await press(reader, "publish")
    assert "done=published" in reader.url
    corrected = await bot_api.wait_for_reply(7, 3, within=30)
    assert "更正" in corrected.text
    assert "有误导" in corrected.text
    assert "更正" in (await resident.get("/")).text
    await resident.aclose()


async def _links_chat(page: Page, bot_api: FakeBotApi, chat: int) -> None:
    """Get a code on the account page and send it to the bot from this chat."""
    await page.goto("/console/account")
    await press(page, "account/chat")
    code = re.search(r"/link [A-Z]{5}-[A-Z]{5}", await page.inner_text("main"))
    assert code
    bot_api.send_text(chat, code.group())
    assert (await bot_api.wait_for_reply(chat)).text.startswith("✅ 绑定好了")


def _added(server: Server, login: str, name: str) -> str:
    """The link of an administrator made with the command."""
    command = [
        sys.executable,
        "-m",
        "scripts.qiuzhen",
        "people",
        "add",
        login,
        "--name",
        name,
        "--role",
        "administrator",
    ]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QIUZHEN_")}
    made = subprocess.run(
        command,
        env=clean | {"PYTHONPATH": str(REPOSITORY), **server.environment},
        cwd=server.data,
        capture_output=True,
        text=True,
        check=True,
    )
    return next(line for line in made.stdout.splitlines() if "/console/invited/" in line).strip()
