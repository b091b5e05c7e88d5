"""What is on the desk, in which order, and who sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import trend
from knowledge.database import Database
from knowledge.desk import queue
from knowledge.desk.queue import PAGE, Filters, Group, Order
from knowledge.models import Harm, Rumour, RumourKind, RumourStatus
from knowledge.people import Actor
from tests.conftest import EVERY_DATABASE
from tests.factories import NOON
from tests.knowledge.desk.conftest import Desk, asked


async def rumour(session: AsyncSession, said: str, **fields: Any) -> Rumour:
    """A rumour in the database."""
    seen = fields.pop("seen", NOON)
    given: dict[str, Any] = {
        "kind": RumourKind.CLAIM,
        "status": RumourStatus.OPEN,
        "text": said,
        "sightings": 1,
        "first_seen": seen,
        "last_seen": seen,
        "trend": trend.of_sighting(seen),
        "acknowledge_due": seen + timedelta(days=1),
        "answer_due": seen + timedelta(days=3),
    }
    made = Rumour(**(given | fields))
    session.add(made)
    await session.flush()
    return made


async def texts(session: AsyncSession, actor: Actor, page: int = 1, **filters: Any) -> list[str]:
    found = await queue.listed(session, actor, Filters(**filters), now=NOON, page=page)
    return [one.text for one, _ in found.rumours]


@pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
async def test_each_order_begins_with_what_matters_most_in_it(database: Database, desk: Desk) -> None:
    old = NOON - timedelta(days=20)
    async with database.transaction() as session:
        await rumour(session, "often", sightings=9, seen=old, trend=trend.of_sighting(old) + 3)
        await rumour(session, "hot", sightings=3, trend=trend.of_sighting(NOON) + 1)
        await rumour(session, "grave", harm=Harm.HIGH, answer_due=NOON + timedelta(days=9))
        await rumour(session, "done", sightings=99, status=RumourStatus.ANSWERED, settled_at=NOON)
    async with database.reading() as session:
        for order, first in (
            (Order.DEMAND, "often"),
            (Order.TREND, "hot"),
            (Order.HARM, "grave"),
            (Order.AGE, "often"),
        ):
            assert (await texts(session, desk.writer, order=order))[0] == first
        assert (await texts(session, desk.writer, order=Order.DUE)) == ["often", "hot", "grave"]


@pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
async def test_filters_let_through_what_they_say(database: Database, desk: Desk) -> None:
    async with database.transaction() as session:
        await rumour(session, "水库 要垮坝", harm=Harm.HIGH, region="柯城区")
        await rumour(session, "水库 涨价 100%", kind=RumourKind.QUESTION, seen=NOON - timedelta(days=9))
        await rumour(session, "井水", status=RumourStatus.CLAIMED, assigned_to_id=desk.writer.id)
        await rumour(session, "草稿", status=RumourStatus.REVIEW, assigned_to_id=desk.reader.id)
        await rumour(session, "早先", status=RumourStatus.NOT_A_CLAIM, settled_at=NOON - timedelta(days=1))
        await rumour(session, "刚才", status=RumourStatus.ANSWERED, settled_at=NOON)
        await rumour(session, "并走", status=RumourStatus.MERGED, settled_at=NOON)
    async with database.reading() as session:
        everything = await texts(session, desk.writer)
        assert set(everything) == {"水库 要垮坝", "水库 涨价 100%", "井水", "草稿"}
        assert await texts(session, desk.writer, text="水库 垮坝") == ["水库 要垮坝"]
        assert await texts(session, desk.writer, text="0%") == ["水库 涨价 100%"]
        assert await texts(session, desk.writer, text="没有这个") == []
        assert await texts(session, desk.writer, harm=Harm.HIGH) == ["水库 要垮坝"]
        assert await texts(session, desk.writer, kind=RumourKind.QUESTION) == ["水库 涨价 100%"]
        assert await texts(session, desk.writer, region="柯城区") == ["水库 要垮坝"]
        assert await texts(session, desk.writer, group=Group.MINE) == ["井水"]
        assert await texts(session, desk.writer, assigned_to=desk.reader.id) == ["草稿"]
        assert set(await texts(session, desk.writer, group=Group.UNASSIGNED)) == {"水库 要垮坝", "水库 涨价 100%"}
        assert await texts(session, desk.writer, group=Group.OVERDUE) == ["水库 涨价 100%"]
        assert await texts(session, desk.writer, group=Group.REVIEW) == ["草稿"]
        assert await texts(session, desk.writer, group=Group.SETTLED) == ["刚才", "早先"]


@pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
async def test_words_are_looked_for_in_every_wording(database: Database, desk: Desk) -> None:
    async with database.transaction() as session:
        await asked(session, "井水有毒", "村口的水井被人投了药")
    async with database.reading() as session:
        assert await texts(session, desk.writer, text="水井 投了药") == ["井水有毒"]
        assert await texts(session, desk.writer, text="有毒 投了药") == []


async def test_a_region_is_not_shown_the_rumours_of_another(database: Database, desk: Desk) -> None:
    async with database.transaction() as session:
        for region in ("柯城区", "衢江区", ""):
            await rumour(session, region or "everywhere", region=region)
    async with database.reading() as session:
        assert set(await texts(session, desk.local)) == {"柯城区", "everywhere"}
        assert len(await texts(session, desk.writer)) == 3


@pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
async def test_pages_follow_each_other_without_gap(database: Database, desk: Desk) -> None:
    async with database.transaction() as session:
        for number in range(PAGE + 3):
            await rumour(session, f"number {number}")
    async with database.reading() as session:
        first = await queue.listed(session, desk.writer, Filters(), now=NOON)
        second = await queue.listed(session, desk.writer, Filters(), now=NOON, page=2)
        assert (len(first.rumours), first.has_more, len(second.rumours), second.has_more) == (PAGE, True, 3, False)
        assert len({one.id for page in (first, second) for one, _ in page.rumours}) == PAGE + 3
        assert (await queue.listed(session, desk.writer, Filters(), now=NOON, page=-7)).page == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("order", Order)
async def test_no_order_sorts_the_desk(database: Database, desk: Desk, order: Order) -> None:
    """A page is read off an index; sorting a hundred thousand rows took two seconds."""
    async with database.transaction() as session:
        await rumour(session, "x")
        connection = await session.connection()
        statements: list[tuple[str, Any]] = []
        event.listen(
            connection.sync_connection,
            "before_cursor_execute",
            lambda _c, _u, statement, parameters, _x, _m: statements.append((statement, parameters)),
        )
        await queue.listed(session, desk.writer, Filters(order=order), now=NOON)
        statement, parameters = next(found for found in statements if "LIMIT" in found[0])
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        told = "\n".join(str(row) for row in plan)
    assert "ix_rumours_queue_" in told
    assert "B-TREE" not in told


async def test_views_are_kept_by_person_and_room(database: Database, desk: Desk) -> None:
    async with database.transaction() as session:
        await queue.save_view(session, desk.writer, "rumours", "急的", "?harm=3")
        await queue.save_view(session, desk.writer, "rumours", "急的", "?harm=2")
        await queue.save_view(session, desk.writer, "articles", "到期", "?due=1")
        await queue.save_view(session, desk.reader, "rumours", "别人的", "?x=1")
        assert [(v.name, v.query) for v in await queue.views(session, desk.writer, "rumours")] == [("急的", "?harm=2")]
        await queue.save_view(session, desk.writer, "rumours", "急的", "")
        assert await queue.views(session, desk.writer, "rumours") == []
        assert await session.scalar(text("SELECT count(*) FROM saved_views")) == 2
