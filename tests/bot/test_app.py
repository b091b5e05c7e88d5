"""The app: health, housekeeping, and an article published elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
from sqlalchemy import select, text, update

from bot.app import create_app
from bot.wiring import Parts
from knowledge import articles
from knowledge.database import Database
from knowledge.models import Status, Turn
from tests.bot.resident import Resident
from tests.factories import article_content


@asynccontextmanager
async def _running(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The app between start and stop, and a client of it."""
    app = create_app(parts)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://qiuzhen.test") as client,
    ):
        yield client


async def test_health_says_what_works(quick_parts: Parts) -> None:
    async with _running(quick_parts) as client:
        response = await client.get("/health")
    assert response.status_code == 200
    assert response.json() == {"ok": True, "articles": 3, "database": "ok", "telegram": "off"}


async def test_health_is_503_when_the_tables_are_gone(quick_parts: Parts) -> None:
    async with _running(quick_parts) as client:
        async with quick_parts.database.transaction() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = 'other'"))
        response = await client.get("/health")
    assert response.status_code == 503
    assert response.json() == {"ok": False, "articles": 3, "database": "DatabaseNotReady", "telegram": "off"}


async def test_web_chat_is_mounted(quick_parts: Parts) -> None:
    async with _running(quick_parts) as client:
        page = await client.get("/")
        answer = await client.post("/chat/messages", json={"id": "message-1", "text": "我妈煤气中毒晕倒了"})
    assert "求真" in page.text
    assert answer.json()["route"] == "urgent"


async def test_article_published_by_another_process_is_found_within_a_second(parts: Parts) -> None:
    other = Database(parts.settings.database)
    content = article_content(
        slug="willow-well",
        title="柳树村老井被投毒了吗？",
        claim="柳树村的老井被人投了毒。",
        short_answer="没有。井水化验合格。",
        asked_as=["柳树村老井投毒是真的吗", "老井的水有毒吗", "柳树村井水能喝吗", "柳树村的井被投毒了"],
    )
    async with _running(parts) as client:
        async with other.transaction() as session:
            await articles.save(session, content, status=Status.PUBLISHED)
        published = time.monotonic()
        while (found := (await _ask(client, "柳树村老井投毒是真的吗")))["article"] != "willow-well":
            assert time.monotonic() - published < 3.0, "a second, and a little for a busy machine"
            await asyncio.sleep(0.05)
        async with other.transaction() as session:
            await articles.retire(session, "willow-well")
        assert (await _ask(client, "柳树村老井投毒是真的吗"))["article"] is None
    await other.close()
    assert found["verdict"] == "false"


async def _ask(client: httpx.AsyncClient, question: str) -> dict[str, str | None]:
    key = f"message-{time.monotonic_ns()}"
    answer: dict[str, str | None] = (await client.post("/chat/messages", json={"id": key, "text": question})).json()
    return answer


async def test_old_replies_are_let_go_and_new_ones_kept(quick_parts: Parts) -> None:
    resident = Resident(quick_parts.conversation, channel="web")
    old, new = await resident.writes("你好"), await resident.writes("谢谢")
    async with quick_parts.database.transaction() as session:
        long_ago = datetime.now(UTC) - timedelta(hours=quick_parts.settings.keep_replies_hours, minutes=1)
        await session.execute(update(Turn).where(Turn.id == old.turn).values(received_at=long_ago))
    database = Database(quick_parts.settings.database)
    async with _running(quick_parts):
        async with asyncio.timeout(5):
            while True:
                async with database.reading() as session:
                    kept = list(await session.scalars(select(Turn.id).where(Turn.reply.is_not(None))))
                if kept == [new.turn]:
                    break
                await asyncio.sleep(0.02)
    await database.close()
