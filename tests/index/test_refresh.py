from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import structlog
from sqlalchemy import text

from index.refresh import POLL_SECONDS, Refresher
from index.search import Searcher
from index.vector_cache import CachedEncoder
from knowledge import articles
from knowledge.database import Database
from knowledge.models import Status
from tests.factories import article_content, saved_article
from tests.fakes import HashingEncoder

LIQUOR = "喝高度白酒能杀死病毒吗？"
MICROWAVE = "微波炉加热食物会致癌吗？"


@pytest.fixture
def searcher() -> Searcher:
    return Searcher(CachedEncoder(HashingEncoder(), None))


@pytest.fixture
def refresher(database: Database, searcher: Searcher) -> Refresher:
    return Refresher(database, searcher)


async def publish(database: Database, title: str, slug: str = "liquor", status: Status = Status.PUBLISHED) -> int:
    """Save an article as it is published by an editor, and give its id."""
    asked = [f"{title}{ending}" for ending in ("求解", "真的吗", "请问", "听说")]
    async with database.transaction() as session:
        claim = f"{title}的说法"
        saved = await saved_article(session, slug=slug, title=title, claim=claim, asked_as=asked, status=status)
        return saved.id


def first(searcher: Searcher, question: str) -> int | None:
    """The article found first."""
    found = searcher.search(question).found
    return found[0].article_id if found else None


@asynccontextmanager
async def following(refresher: Refresher) -> AsyncIterator[None]:
    """The refresher at work."""
    task = asyncio.create_task(refresher.follow())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def seconds_until(condition: Callable[[], bool]) -> float:
    """How long it took, at most five seconds."""
    started = time.perf_counter()
    while not condition():
        assert time.perf_counter() - started < 5
        await asyncio.sleep(0.005)
    return time.perf_counter() - started


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_the_index_holds_what_is_published_and_nothing_else(
    database: Database, searcher: Searcher, refresher: Refresher
) -> None:
    liquor = await publish(database, LIQUOR)
    microwave = await publish(database, MICROWAVE, "microwave")
    await publish(database, "草稿里的文章", "draft", Status.DRAFT)
    assert await refresher.refresh() == 3
    assert len(searcher) == 2
    assert (first(searcher, LIQUOR), first(searcher, MICROWAVE)) == (liquor, microwave)

    async with database.transaction() as session:
        await articles.publish(session, "draft")
    assert await refresher.refresh() == 1
    assert len(searcher) == 3

    async with database.transaction() as session:
        await articles.retire(session, "liquor")
    assert await refresher.refresh() == 1
    assert len(searcher) == 2
    assert liquor not in {found.article_id for found in searcher.search(LIQUOR).found}


async def test_a_changed_article_is_found_by_its_new_words(
    database: Database, searcher: Searcher, refresher: Refresher
) -> None:
    liquor = await publish(database, LIQUOR)
    other = await publish(database, "隔夜菜能不能吃？", "leftovers")
    await refresher.refresh()
    await publish(database, MICROWAVE)
    assert await refresher.refresh() == 1
    assert first(searcher, MICROWAVE) == liquor
    assert len(searcher) == 2
    assert first(searcher, "隔夜菜能不能吃") == other
    assert liquor not in {hit.id for hit in searcher.rank_by_words("听说能杀死", 5) if hit.score > 0.9}


async def test_what_did_not_change_is_not_encoded_again(
    database: Database, searcher: Searcher, refresher: Refresher
) -> None:
    await publish(database, LIQUOR)
    await refresher.refresh()
    await publish(database, MICROWAVE, "microwave")
    heard: list[tuple[int, int]] = []
    assert await refresher.refresh(lambda done, total: heard.append((done, total))) == 1
    assert len(heard) == 2  # what asks and what tells: title, claim, four phrasings; summary and body
    assert sum(total for _, total in heard) < 12  # of one article, those known left out
    assert await refresher.refresh() == 0


async def test_changes_that_were_taken_back_leave_no_trace(
    database: Database, searcher: Searcher, refresher: Refresher
) -> None:
    async with database.reading() as session:
        await articles.save(session, article_content(title=LIQUOR), status=Status.PUBLISHED)
        await session.rollback()
    assert await refresher.refresh() == 0
    assert len(searcher) == 0


async def test_refreshing_at_the_same_time_takes_each_change_once(
    database: Database, searcher: Searcher, refresher: Refresher
) -> None:
    await publish(database, LIQUOR)
    assert sorted(await asyncio.gather(*(refresher.refresh() for _ in range(5)))) == [0, 0, 0, 0, 1]


async def test_whoever_publishes_and_wakes_it_is_searchable_at_once(
    database: Database, searcher: Searcher, refresher: Refresher
) -> None:
    async with following(refresher):
        await asyncio.sleep(0.05)  # it has looked and waits
        await publish(database, LIQUOR)
        refresher.wake()
        assert await seconds_until(lambda: len(searcher) == 1) < POLL_SECONDS / 2
        assert first(searcher, LIQUOR) is not None


async def test_what_another_process_publishes_is_searchable_within_a_second(
    database: Database, searcher: Searcher, refresher: Refresher
) -> None:
    other = Database(database.url.render_as_string(hide_password=False))
    async with following(refresher):
        await asyncio.sleep(0.05)
        await publish(other, LIQUOR)
        assert await seconds_until(lambda: len(searcher) == 1) < 1.0
    await other.close()


async def test_waking_it_while_it_works_is_not_lost(
    database: Database, searcher: Searcher, refresher: Refresher
) -> None:
    for number in range(5):
        await publish(database, f"{LIQUOR}{number}", f"a-{number}")
    async with following(refresher):
        await asyncio.sleep(0)
        for number in range(5, 10):
            await publish(database, f"{LIQUOR}{number}", f"a-{number}")
            refresher.wake()
        assert await seconds_until(lambda: len(searcher) == 10) < POLL_SECONDS / 2


async def test_a_failing_database_is_said_and_survived(
    database: Database, searcher: Searcher, refresher: Refresher
) -> None:
    await publish(database, LIQUOR)
    await refresher.refresh()
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE counters RENAME TO counters_gone"))
    with structlog.testing.capture_logs() as logs:
        async with following(refresher):
            await seconds_until(lambda: len(logs) >= 2)
            assert first(searcher, LIQUOR) is not None  # it answers from what it has
            async with database.transaction() as session:
                await session.execute(text("ALTER TABLE counters_gone RENAME TO counters"))
            await publish(database, MICROWAVE, "microwave")
            refresher.wake()
            assert await seconds_until(lambda: len(searcher) == 2) < 1.0
    assert {log["event"] for log in logs} == {"index refresh failed", "index refreshed"}
    assert all("高度白酒" not in str(log) for log in logs)
    failures = [log for log in logs if log["log_level"] == "error"]
    assert {log["error"] for log in failures} == {"OperationalError"}
