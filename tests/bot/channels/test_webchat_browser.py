"""The web chat as a person meets it: in a real browser, with a keyboard, a bad line and old eyes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Route,
    ViewportSize,
    expect,
)
from playwright.async_api import (
    Error as PlaywrightError,
)

from tests.bot.channels.conftest import HEADLINE, NOTICE, Letters, SmallTalk

# One browser for all, so one event loop for all.
pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE: ViewportSize = {"width": 390, "height": 844}

# Contrast as WCAG 2 defines it, of every piece of text against the nearest painted background.
CONTRASTS = """() => {
  const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const part = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = element => {
    for (let node = element; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const [high, low] = [light(parse(style.color)), light(behind(element))].sort((a, b) => b - a);
    found.push({
      text: walker.currentNode.data.trim().slice(0, 20),
      ratio: (high + 0.05) / (low + 0.05),
      size: parseFloat(style.fontSize),
    });
  }
  return found;
}"""


class Visit:
    """One open page, and everything it asked for or complained about."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._on_request)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    async def open(self) -> None:
        await self.page.goto(self.address)

    async def ask(self, text: str) -> None:
        await self.page.locator("#text").fill(text)
        await self.page.locator("#text").press("Enter")

    async def answered(self, count: int = 1) -> None:
        await expect(self.page.locator(".reply")).to_have_count(count)

    async def overflow(self) -> int:
        """How many pixels one would have to scroll sideways."""
        width: int = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return width


@pytest_asyncio.fixture(loop_scope="module")
async def visit(chromium: Browser, web_address: str) -> AsyncIterator[Visit]:
    """The page on a phone, in Chinese; nothing it does may reach beyond us, nor break a rule of its own."""
    context = await chromium.new_context(viewport=PHONE, locale="zh-CN")
    visit = Visit(await context.new_page(), web_address)
    await visit.open()
    yield visit
    assert {urlsplit(url).netloc for url in visit.requests} == {urlsplit(web_address).netloc}
    assert visit.complaints == []
    await context.close()


async def test_question_is_answered_headline_first(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    await visit.ask("喝高度白酒能杀死病毒吗")
    await visit.answered()
    await expect(page.locator(".you .said")).to_have_text("喝高度白酒能杀死病毒吗")
    await expect(page.locator(".reply h2")).to_have_text(HEADLINE)
    await expect(page.locator(".reply h2")).to_be_in_viewport()
    await expect(page.locator(".reply")).to_have_class("reply tone-false")
    await expect(page.locator(".reply .body")).to_have_js_property("childNodes.length", 5)
    assert await page.locator(".reply .tel").evaluate_all("all => all.map(a => a.href)") == ["tel:120"]
    await expect(page.locator("#text")).to_have_value("")
    assert [m.text for m in talk.heard] == ["喝高度白酒能杀死病毒吗"]


async def test_what_was_found_out_meanwhile_stays_in_the_conversation(visit: Visit, letters: Letters) -> None:
    page = visit.page
    await visit.ask("喝高度白酒能杀死病毒吗")
    await visit.answered()
    letters.waiting.append(NOTICE)
    for _ in range(2):  # told with the first visit, kept by the page after it
        await visit.open()
        await visit.answered(2)
        await expect(page.locator("#log .reply h2").last).to_have_text("❌ 假｜井水没有毒")
        await expect(page.locator("#log .reply h2").last).to_be_in_viewport()
        await expect(page.locator("#notices")).to_have_count(0)
    assert await visit.overflow() <= 0


async def test_open_page_hears_of_it_within_a_minute(chromium: Browser, web_address: str, letters: Letters) -> None:
    context = await chromium.new_context(viewport=PHONE, locale="zh-CN")
    page = await context.new_page()
    await page.clock.install()
    await page.goto(web_address)
    letters.waiting.append(NOTICE)
    await page.clock.fast_forward(45_000)  # the clock goes on by itself as well, and a busy machine takes seconds
    await expect(page.locator(".reply")).to_have_count(0)
    await page.clock.fast_forward(16_000)
    await expect(page.locator("#log .reply h2")).to_have_text("❌ 假｜井水没有毒")
    await context.close()


async def test_without_script_what_was_found_out_is_on_the_page(
    chromium: Browser, web_address: str, letters: Letters
) -> None:
    context = await chromium.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)
    page = await context.new_page()
    await page.goto(web_address)
    letters.waiting.append(NOTICE)
    await page.goto(web_address)
    await expect(page.locator("#notices .reply h2")).to_have_text("❌ 假｜井水没有毒")
    await expect(page.locator("#notices .reply h2")).to_be_in_viewport()
    await page.get_by_role("button", name="不再通知我").click()
    await expect(page.locator("#log .reply h2")).to_have_text("您选了 hush:1")
    await context.close()


async def test_sources_open_elsewhere_and_only_web_addresses_are_links(visit: Visit) -> None:
    await visit.ask("喝酒")
    link = visit.page.locator(".sources a")
    await expect(link).to_have_count(1)
    await expect(link).to_have_attribute("href", "https://example.org/a")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(link).to_have_attribute("target", "_blank")
    await expect(visit.page.locator(".sources li")).to_have_count(2)


async def test_markup_in_a_question_stays_text(visit: Visit) -> None:
    await visit.ask("<img src=x onerror=alert(1)>")
    await expect(visit.page.locator(".you .said")).to_have_text("<img src=x onerror=alert(1)>")
    await expect(visit.page.locator(".log img")).to_have_count(0)


async def test_example_is_asked_with_one_tap(visit: Visit, talk: SmallTalk) -> None:
    await visit.page.get_by_role("button", name="洗钱").click()
    await visit.answered()
    await expect(visit.page.locator(".reply")).to_have_class("reply tone-scam")
    assert await visit.page.locator(".reply .tel").all_text_contents() == ["110", "96110"]
    assert talk.heard[0].text.startswith("有人说我涉嫌洗钱")


async def test_used_menu_is_closed_and_stays_closed(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    await visit.ask("隔夜菜")
    await page.get_by_role("button", name="隔夜茶致癌吗").click()
    await visit.answered(2)
    await expect(page.locator(".reply").nth(1).locator("h2")).to_have_text("您选了 pick:3:2")
    await page.reload()
    for button in await page.locator(".reply").first.get_by_role("button").all():
        await expect(button).to_be_disabled()
        await button.click(force=True)
    await expect(page.locator(".chosen")).to_have_text("隔夜茶致癌吗")
    assert [m.pressed for m in talk.heard] == [None, "pick:3:2"]


async def test_button_that_is_no_menu_stays_open(visit: Visit) -> None:
    await visit.ask("喝酒")
    await visit.page.get_by_role("button", name="有用").click()
    await visit.answered(2)
    await expect(visit.page.get_by_role("button", name="有用")).to_be_enabled()


async def test_everything_can_be_done_with_the_keyboard(visit: Visit, talk: SmallTalk) -> None:
    page, keyboard = visit.page, visit.page.keyboard
    await keyboard.press("Tab")
    await expect(page.get_by_role("link", name="跳到提问框")).to_be_focused()
    await keyboard.press("Enter")
    await keyboard.press("Tab")
    await keyboard.press("Shift+Tab")
    await expect(page.locator("#text")).to_be_focused()
    await keyboard.type("隔夜菜")
    await keyboard.press("Shift+Enter")
    await keyboard.type("能吃吗")
    await expect(page.locator("#text")).to_have_value("隔夜菜\n能吃吗")
    await keyboard.press("Enter")
    await visit.answered()
    for _ in range(3):
        await keyboard.press("Shift+Tab")
    choice = page.get_by_role("button", name="隔夜菜致癌吗")
    await expect(choice).to_be_focused()
    outline = await choice.evaluate("element => getComputedStyle(element).outlineWidth")
    assert outline == "4px"
    await keyboard.press("Enter")
    await visit.answered(2)
    await expect(choice).to_be_focused()
    assert [m.pressed for m in talk.heard] == [None, "pick:3:1"]


async def test_enter_while_composing_picks_a_word_and_sends_nothing(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    await page.locator("#text").focus()
    input_method = await page.context.new_cdp_session(page)
    await input_method.send("Input.imeSetComposition", {"text": "geyecai", "selectionStart": 7, "selectionEnd": 7})
    await page.keyboard.press("Enter")
    await expect(page.locator(".you")).to_have_count(0)
    assert talk.heard == []
    # Safari ends the composition first, and marks the key only by its old code.
    await page.locator("#text").evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, cancelable: true}))"
    )
    await expect(page.locator(".you")).to_have_count(0)
    await visit.ask("隔夜菜")
    await visit.answered()
    assert [m.text for m in talk.heard] == ["隔夜菜"]


async def test_wait_is_shown_and_nothing_is_sent_twice_meanwhile(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    talk.gate.clear()
    await visit.ask("隔夜菜")
    await expect(page.locator("#waiting")).to_have_text("正在查")
    await page.locator("#text").press("Enter")
    await page.get_by_role("button", name="油锅").click()
    talk.gate.set()
    await visit.answered()
    await expect(page.locator("#waiting")).to_have_text("")
    assert [m.text for m in talk.heard] == ["隔夜菜"]


async def test_cry_for_help_waits_for_no_other_answer(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    talk.gate.clear()
    talk.held = "隔夜菜"
    await visit.ask("隔夜菜")
    await expect(page.locator("#waiting")).to_have_text("正在查")
    await visit.ask("洗钱")
    await visit.answered()
    await expect(page.locator("#log > :nth-child(3) h2")).to_contain_text("诈骗")
    await expect(page.locator("#waiting")).to_have_text("正在查")
    talk.gate.set()
    await visit.answered(2)
    await expect(page.locator("#log > :nth-child(2) h2")).to_contain_text("您想问哪一个")
    await expect(page.locator("#log > :nth-child(4) h2")).to_be_in_viewport()
    await expect(page.locator("#waiting")).to_have_text("")
    assert [m.text for m in talk.heard] == ["洗钱", "隔夜菜"]


async def test_money_already_sent_waits_for_no_other_answer(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    await visit.ask("洗钱")
    await visit.answered()
    talk.gate.clear()
    await visit.ask("隔夜菜")
    await expect(page.locator("#waiting")).to_have_text("正在查")
    await page.get_by_role("button", name="我已经转钱了").dblclick()
    await expect(page.locator(".you")).to_have_count(3)
    talk.gate.set()
    await visit.answered(3)
    await expect(page.locator("#waiting")).to_have_text("")
    assert sorted(m.pressed or "" for m in talk.heard) == ["", "", "aid:paid"]


async def test_quick_answer_needs_no_word_of_waiting(visit: Visit) -> None:
    await visit.page.locator("#waiting").evaluate(
        "line => new MutationObserver(() => line.dataset.shown = 'yes').observe(line, {characterData: true})"
    )
    await visit.ask("隔夜菜")
    await visit.answered()
    await expect(visit.page.locator("#waiting")).not_to_have_attribute("data-shown", "yes")


async def ask_and_lose_the_answer(visit: Visit) -> None:
    """The question arrives and is answered, but the connection breaks before the answer is back."""
    page = visit.page

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")

    await page.route("**/chat/messages", lose_the_answer)
    await visit.ask("隔夜菜")
    await expect(page.locator(".problem")).to_contain_text("网络断了")
    await page.unroute("**/chat/messages")


async def test_lost_answer_is_sent_again_as_the_same_message(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    await ask_and_lose_the_answer(visit)
    await page.get_by_role("button", name="重发").click()
    await visit.answered()
    await expect(page.locator(".problem")).to_have_count(0)
    assert len(talk.heard) == 1
    assert len(visit.complaints) == 1
    assert "ERR_CONNECTION_RESET" in visit.complaints.pop()


async def test_what_is_sent_again_too_late_is_asked_anew(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    talk.forgetful = True
    await ask_and_lose_the_answer(visit)
    await page.get_by_role("button", name="重发").click()
    await expect(page.locator(".problem")).to_contain_text("没有保留")
    await page.get_by_role("button", name="重发").click()
    await visit.answered()
    assert len(talk.heard) == 2
    assert "410" in visit.complaints.pop()
    assert "ERR_CONNECTION_RESET" in visit.complaints.pop()


async def test_failed_message_survives_a_reload_and_can_be_changed(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    talk.flooded = True
    await visit.ask("隔夜菜")
    await expect(page.locator(".problem")).to_contain_text("歇一会儿")
    await page.reload()
    await expect(page.locator(".problem")).to_contain_text("歇一会儿")
    await page.get_by_role("button", name="改一改").click()
    await expect(page.locator("#text")).to_have_value("隔夜菜")
    await expect(page.locator("#text")).to_be_focused()
    await expect(page.locator(".you")).to_have_count(0)
    assert "429" in visit.complaints.pop()


async def test_reload_keeps_the_conversation_and_what_was_not_sent(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    await visit.ask("喝酒")
    await visit.answered()
    await page.locator("#text").fill("还没写完")
    await page.locator("#forwarded").check()
    await page.reload()
    await visit.answered()
    await expect(page.locator(".reply h2")).to_have_text(HEADLINE)
    await expect(page.locator("#text")).to_have_value("还没写完")
    await expect(page.locator("#forwarded")).to_be_checked()
    assert len(talk.heard) == 1


async def test_reload_while_waiting_asks_again_as_the_same_message(visit: Visit, talk: SmallTalk) -> None:
    talk.gate.clear()
    await visit.ask("喝酒")
    await expect(visit.page.locator("#waiting")).to_have_text("正在查")
    await visit.page.reload()
    await expect(visit.page.locator("#waiting")).to_have_text("正在查")
    talk.gate.set()
    await visit.answered()
    assert len(talk.heard) == 1


async def test_screen_can_be_cleared_for_good(visit: Visit) -> None:
    page = visit.page
    await expect(page.get_by_role("button", name="清空屏幕")).to_be_hidden()
    await visit.ask("喝酒")
    await visit.answered()
    await page.get_by_role("button", name="清空屏幕").click()
    await expect(page.locator(".log > *")).to_have_count(0)
    await page.reload()
    await expect(page.locator(".log > *")).to_have_count(0)


async def test_who_is_forgotten_leaves_nothing_on_the_phone(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    await visit.ask("喝酒")
    await page.get_by_role("button", name="删除我的记录").click()
    await visit.answered(2)
    await page.locator("#text").fill("还没写完")
    talk.gate.clear()
    await page.get_by_role("button", name="是，删除").click()
    await expect(page.locator("#waiting")).to_have_text("正在查")
    await visit.ask("洗钱")
    talk.gate.set()
    await visit.answered(2)
    for _ in range(2):
        await expect(page.locator(".you .said")).to_have_text(["是，删除", "洗钱"])
        await expect(page.locator(".reply h2").first).to_have_text("删好了")
        await expect(page.locator("#text")).to_have_value("")
        assert "喝酒" not in await page.evaluate("JSON.stringify(sessionStorage)")
        await page.reload()


async def test_long_paste_counts_as_forwarded_and_is_folded(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    rumour = "紧急通知！转给家人！" * 40
    await page.locator("#text").focus()
    await page.locator("#text").evaluate(
        """(box, text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          box.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
        }""",
        rumour,
    )
    await page.keyboard.insert_text(rumour)
    await expect(page.locator("#forwarded")).to_be_checked()
    box = await page.locator("#text").bounding_box()
    assert box is not None
    assert 100 < box["height"] <= 0.33 * PHONE["height"]
    await page.locator("#send").click()
    await visit.answered()
    assert (talk.heard[0].text, talk.heard[0].forwarded) == (rumour, True)
    await expect(page.locator("#forwarded")).not_to_be_checked()
    fold = page.get_by_role("button", name="看全文")
    await expect(fold).to_have_attribute("aria-expanded", "false")
    await fold.click()
    await expect(page.get_by_role("button", name="收起")).to_have_attribute("aria-expanded", "true")


async def test_language_is_switched_and_the_conversation_stays(visit: Visit, talk: SmallTalk) -> None:
    page = visit.page
    await visit.ask("喝酒")
    await visit.answered()
    await page.locator("#text").fill("还没写完")
    await page.get_by_role("button", name="繁體中文").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    await expect(page.locator("h1")).to_have_text("謠言、健康、防騙，問一問")
    await visit.answered()
    await expect(page.locator("#text")).to_have_value("还没写完")
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("#send")).to_have_text("Send")
    assert [m.text for m in talk.heard] == ["喝酒", "/language zh-Hant", "/language en"]


async def test_larger_text_is_remembered(visit: Visit) -> None:
    page = visit.page
    before = float(await page.locator(".lead").evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))
    larger = page.get_by_role("button", name="大字")
    await larger.click()
    await page.reload()
    await expect(larger).to_have_attribute("aria-pressed", "true")
    after = float(await page.locator(".lead").evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))
    assert (before, after) == (20, 25.6)
    await visit.ask("喝酒")
    await visit.answered()
    links = page.locator("a[href^='/a/'], a[href^='/topics']")
    await expect(links).to_have_count(2)
    assert [await link.get_attribute("href") for link in await links.all()] == [
        "/topics?size=large",
        "/a/liquor-virus?size=large",
    ]
    await larger.click()
    await expect(larger).to_have_attribute("aria-pressed", "false")
    assert [await link.get_attribute("href") for link in await links.all()] == ["/topics", "/a/liquor-virus"]


async def test_large_print_of_the_article_pages_stays_until_it_is_put_back(visit: Visit) -> None:
    page, larger = visit.page, visit.page.get_by_role("button", name="大字")
    await page.goto(f"{visit.address}/?size=large")
    await expect(larger).to_have_attribute("aria-pressed", "true")
    await page.goto(visit.address)
    await expect(larger).to_have_attribute("aria-pressed", "true")
    await page.goto(f"{visit.address}/?size=large")
    await larger.click()
    await page.reload()
    await expect(larger).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_is_large_and_of_high_contrast(visit: Visit, scheme: str) -> None:
    page = visit.page
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for count, question in enumerate(("喝酒", "洗钱", "隔夜菜"), start=1):
        await visit.ask(question)
        await visit.answered(count)
    await page.get_by_role("button", name="都不是").click()
    await visit.answered(4)
    pieces = await page.evaluate(CONTRASTS)
    assert len(pieces) > 40
    assert [piece for piece in pieces if piece["ratio"] < 7] == []
    assert [piece for piece in pieces if piece["size"] < 18] == []


async def test_what_is_pressed_is_large_enough_for_any_finger(visit: Visit) -> None:
    await visit.ask("隔夜菜")
    await visit.answered()
    pressable = visit.page.locator("button:visible, .emergency a, label.forwarded")
    heights = await pressable.evaluate_all("all => all.map(e => e.getBoundingClientRect().height)")
    assert len(heights) > 12
    assert min(heights) >= 48


@pytest.mark.parametrize("size", [(320, 568), (640, 400)], ids=["narrow phone", "1280 px at 200 %"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("large", [False, True])
async def test_nothing_runs_out_of_a_small_screen(
    chromium: Browser, web_address: str, size: tuple[int, int], locale: str, large: bool
) -> None:
    context = await chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale=locale)
    visit = Visit(await context.new_page(), web_address)
    await visit.open()
    if large:
        await visit.page.locator("#larger").click()
    assert await visit.overflow() == 0
    for count, question in enumerate(("喝酒", "洗钱", "隔夜菜", "https://example.org/" + "x" * 200), start=1):
        await visit.ask(question)
        await visit.answered(count)
    assert await visit.overflow() == 0
    await context.close()


async def test_landmarks_and_names_are_there(visit: Visit) -> None:
    page = visit.page
    for role in ("banner", "main", "contentinfo"):
        await expect(page.get_by_role(role)).to_have_count(1)
    await expect(page.get_by_role("navigation", name="紧急情况，先打电话")).to_be_visible()
    await expect(page.get_by_role("log", name="对话")).to_have_attribute("aria-live", "polite")
    await expect(page.get_by_role("textbox", name="写下问题，或粘贴收到的消息")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert await page.title() == "求真 · 谣言、健康、防骗问一问"


async def test_nothing_moves_for_who_wants_it_still(visit: Visit, talk: SmallTalk) -> None:
    await visit.page.emulate_media(reduced_motion="reduce")
    talk.gate.clear()
    await visit.ask("喝酒")
    await expect(visit.page.locator("#waiting")).to_have_text("正在查")
    animation = await visit.page.locator("#waiting").evaluate("e => getComputedStyle(e, '::after').animationName")
    assert animation == "none"


async def test_old_phone_without_a_script_can_ask_and_choose(
    chromium: Browser, web_address: str, talk: SmallTalk
) -> None:
    context = await chromium.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)
    page = await context.new_page()
    await page.goto(web_address)
    await expect(page.get_by_role("button", name="大字")).to_be_hidden()
    await page.locator("#text").fill("隔夜菜")
    await page.get_by_role("button", name="发送").click()
    await page.get_by_role("button", name="隔夜菜致癌吗").click()
    await expect(page.locator(".reply h2")).to_have_text("您选了 pick:3:1")
    await page.get_by_role("button", name="油锅").click()
    await expect(page.locator(".reply h2")).to_have_text(HEADLINE)
    assert len({m.address for m in talk.heard}) == 1
    assert [m.pressed for m in talk.heard] == [None, "pick:3:1", None]
    await context.close()


@pytest.mark.parametrize("size", ["", "?size=large"])
async def test_without_script_the_answer_is_on_the_screen_and_stays_under_the_back_key(
    chromium: Browser, web_address: str, size: str
) -> None:
    small: ViewportSize = {"width": 360, "height": 640}
    context = await chromium.new_context(viewport=small, locale="zh-CN", java_script_enabled=False)
    page = await context.new_page()
    headline = page.locator(".reply h2")
    await page.goto(f"{web_address}/{size}")
    await page.locator("#text").fill("洗钱" * 200)
    await page.get_by_role("button", name="发送").click()
    await expect(headline).to_be_in_viewport(ratio=0.9)
    await page.get_by_role("button", name="我已经转钱了").click()
    await expect(page.locator(".you .said")).to_have_text("我已经转钱了")
    await expect(headline).to_be_in_viewport(ratio=0.9)
    await page.go_back()
    await expect(headline).to_contain_text("安全账户")
    await page.get_by_role("button", name="删除我的记录").click()
    await page.get_by_role("button", name="是，删除").click()
    await expect(headline).to_have_text("删好了")
    with pytest.raises(PlaywrightError):  # nothing comes back of who was forgotten
        await page.go_back()
    await context.close()
