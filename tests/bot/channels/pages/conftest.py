"""The real app with a handful of articles of every kind, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from bot.app import create_app
from bot.wiring import Parts
from knowledge.models import Article
from tests.factories import saved_article

BASE = "http://qiuzhen.test"
Rewrite = Callable[..., Awaitable[None]]


def browser(parts: Parts) -> httpx.AsyncClient:
    """A client of the whole app."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(parts)), base_url=BASE)


@pytest.fixture
async def client(quick_parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a screen, and three articles of the factory beside the starter ones."""
    async with quick_parts.database.transaction() as session:
        await saved_article(
            session,
            slug="liquor",
            related=["flood-guide", "nowhere", "gone"],
            regions=["浙江省", "江西省"],
            single_source=True,
            second_reading={"on": "2026-11-20", "changed": "nothing"},
        )
        await saved_article(session, slug="flood-guide", kind="guide", topic="disaster", title="家里进水怎么办？")
        await saved_article(session, slug="old", review_by="2020-01-01", title="过期的文章")
    async with browser(quick_parts) as client:
        yield client


@pytest.fixture
def rewrite(quick_parts: Parts) -> Rewrite:
    """Puts words into the article ``liquor`` that no editor's form would let through."""

    async def put(**values: Any) -> None:
        async with quick_parts.database.transaction() as session:
            await session.execute(update(Article).where(Article.slug == "liquor").values(**values))

    return put
