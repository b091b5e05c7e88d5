"""A conversation small enough to read, and the web chat served from it."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, async_playwright
from starlette.applications import Starlette

from bot.channels.webchat import WebChat
from bot.messages import Choice, IncomingMessage, Reply, ReplyGone, Source

HEADLINE = "❌ 假：喝高度白酒不能杀死病毒"
ANSWER = Reply(
    f"{HEADLINE}\n酒精进了血液，杀不了病毒。\n喘不过气，马上打120。血压120/80是正常的。",
    choices=((Choice("fb:1:y", "有用"), Choice("fb:1:n", "没用")),),
    sources=(
        Source("饮酒能杀死病毒吗？", "国家卫生健康委员会", "https://example.org/a", "2026-03-12"),
        Source("不该点的链接", "某网站", "javascript:alert(1)", None),
    ),
    route="question",
    band="sure",
    article="liquor-virus",
    verdict="false",
    turn=7,
)
MENU = Reply(
    "❓ 您想问哪一个？",
    choices=((Choice("pick:3:1", "隔夜菜致癌吗"),), (Choice("pick:3:2", "隔夜茶致癌吗"), Choice("none:3", "都不是"))),
)
NOTICE = Reply(
    "❌ 假｜井水没有毒\n您之前问过 R1：“村口<井水>”。现在查清楚了。",
    choices=((Choice("full:1", "看详细"),), (Choice("hush:1", "不再通知我"),)),
    article="well-water",
    verdict="false",
    route="notice",
    turn=9,
)
FORGET = Reply(
    "要删除吗？", choices=((Choice("forget:yes", "是，删除"), Choice("forget:no", "不删")),), route="command"
)
SCAM = Reply(
    "🚨 诈骗：没有“安全账户”\n马上挂断。拨打110，或反诈专线96110。",
    choices=((Choice("aid:paid", "我已经转钱了"),),),
    verdict="scam",
)


@dataclass
class SmallTalk:
    """Keeps the contract of `Answering`: the same key is the same message, and gets the reply it got before."""

    heard: list[IncomingMessage] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)
    flooded: bool = False
    failing: bool = False
    too_many: bool = False
    """Whether a message is the first of too many: its reply says so, and nothing is done."""
    forgetful: bool = False
    """Whether replies are not kept."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    held: str = ""
    """Only a message that has this in its text waits for the gate."""

    def __post_init__(self) -> None:
        self.gate.set()

    async def reply_to(self, message: IncomingMessage) -> Reply | None:
        """Answer from a handful of fixed replies, once the gate is open."""
        if self.held in message.text:
            await self.gate.wait()
        if self.failing:
            raise RuntimeError(f"cannot store {message.text}")
        if self.flooded:
            return None
        if message.key in self.replies and self.forgetful:
            raise ReplyGone
        if message.key in self.replies:
            return replace(self.replies[message.key], repeated=True)
        self.heard.append(message)
        reply = self.replies[message.key] = self._decide(message)
        return reply

    def _decide(self, message: IncomingMessage) -> Reply:
        if self.too_many:
            return Reply("请歇一会儿", route="flood")
        if message.pressed == "forget:yes":
            return Reply("删好了", route="choice")
        if message.text == "/forget":
            return FORGET
        if message.pressed is not None:
            return Reply(f"您选了 {message.pressed}")
        if message.text.startswith("/"):
            return Reply("好的")
        if "隔夜" in message.text:
            return MENU
        return SCAM if "洗钱" in message.text else ANSWER


@pytest.fixture
def talk() -> SmallTalk:
    """What the page talks to."""
    return SmallTalk()


@dataclass
class Letters:
    """Keeps the contract of `Mailbox`: what was given is not given again."""

    waiting: list[Reply] = field(default_factory=list)
    failing: bool = False
    asked_for: list[tuple[str, str]] = field(default_factory=list)

    async def collect(self, channel: str, address: str) -> Sequence[Reply]:
        """All that waits, whoever asks."""
        self.asked_for.append((channel, address))
        if self.failing:
            raise RuntimeError("cannot be read")
        given, self.waiting = self.waiting, []
        return given


@pytest.fixture
def letters() -> Letters:
    """What visitors of the page are to be told."""
    return Letters()


def site(talk: SmallTalk, letters: Letters | None = None, *, trust_proxy: bool = False) -> Starlette:
    """An app with nothing but the web chat."""
    chat = WebChat(talk, notices=letters, secret="a secret of the tests", region="青河县", trust_proxy=trust_proxy)
    return Starlette(routes=list(chat.routes()))


@pytest.fixture
async def client(talk: SmallTalk, letters: Letters) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a screen, which keeps cookies."""
    transport = httpx.ASGITransport(site(talk, letters))
    async with httpx.AsyncClient(transport=transport, base_url="http://qiuzhen.test") as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def web_address(talk: SmallTalk, letters: Letters) -> AsyncIterator[str]:
    """The web chat on a port of this machine; its base address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(site(talk, letters), log_level="warning", ws="none", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        talk.gate.set()
        server.should_exit = True
        await serving


CHROMIUM_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def headless_chromium() -> AsyncIterator[Browser]:
    """A browser of the system's own, without a screen."""
    path = shutil.which("chromium")
    assert path, "these tests need a browser: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """One headless browser for all tests of a module."""
    async with headless_chromium() as browser:
        yield browser


NewMessage = Callable[..., dict[str, object]]


@pytest.fixture
def message() -> NewMessage:
    """Makes the JSON of a message with an id of its own."""
    count = 0

    def make(**fields: object) -> dict[str, object]:
        nonlocal count
        count += 1
        return {"id": f"message-{count:08}", **fields}

    return make
