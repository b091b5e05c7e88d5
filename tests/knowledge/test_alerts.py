"""Who at the desk hears what, once, and what is no longer so is not said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import alerts, carried, turns
from knowledge.database import Database
from knowledge.desk import verdicts, work
from knowledge.models import Alert, AlertReason, Harm, Person
from knowledge.people import Actor
from tests import factories
from tests.factories import NOON
from tests.knowledge.desk.conftest import Desk, asked, desk, step

__all__ = ["desk"]
WELL = "听说村口的井水昨天有人投了毒"


async def link(session: AsyncSession, *actors: Actor) -> None:
    """Give each of them a chat."""
    for actor in actors:
        chat = await factories.resident(session, f"chat of {actor.login}")
        await session.execute(update(Person).where(Person.id == actor.id).values(resident_id=chat))


async def waiting(session: AsyncSession) -> list[tuple[str, AlertReason, str]]:
    """Who is to hear what of which rumour."""
    return [(item.actor.login, item.reason, item.rumour.ref) for item in await alerts.to_say(session, limit=100)]


async def look(session: AsyncSession, now: datetime = NOON, hot: int = 3) -> list[tuple[str, AlertReason, str]]:
    await alerts.look_around(session, now, hot=hot)
    return await waiting(session)


async def test_debunkers_hear_of_what_is_hot_and_nobodys_where_they_work(database: Database, desk: Desk) -> None:
    async with database.transaction() as session:
        rumour = await asked(session, WELL, WELL + "。", WELL + "！")
        await asked(session, "别的说法", "别的说法。", first=10)
        assert await look(session) == []
        assert (await session.scalars(select(Alert))).all() == []

        await link(session, desk.writer, desk.expert, desk.editor, desk.local, desk.admin)
        hot = [("writer", AlertReason.HOT, "R1"), ("local", AlertReason.HOT, "R1")]
        assert await look(session) == hot
        assert await look(session, NOON + timedelta(minutes=1)) == hot, "told twice"
        assert await alerts.is_waiting(session)

        rumour.region = "衢江区"
        await session.flush()
        await session.execute(delete(Alert))
        assert await look(session) == hot[:1]
        await work.claim(session, rumour.id, step(desk.reader, rumour.version))
        assert await waiting(session) == []
        assert not await alerts.is_waiting(session)


async def test_no_more_than_ten_are_called_hot_at_a_time(database: Database, desk: Desk) -> None:
    async with database.transaction() as session:
        await link(session, desk.writer)
        for number in range(alerts.HOTTEST + 2):
            await asked(session, f"第{number}种说法", f"第{number}种说法。", first=number * 2 + 1)
        assert len(await look(session, hot=2)) == alerts.HOTTEST
        first = (await alerts.hottest(session, 2))[0]
        await work.claim(session, first.id, step(desk.reader, first.version))
        assert len(await look(session, hot=2)) == alerts.HOTTEST


async def test_whoever_is_given_a_rumour_hears_so_and_when_it_is_due(database: Database, desk: Desk) -> None:
    async with database.transaction() as session:
        await link(session, desk.writer, desk.reader)
        rumour = await asked(session, WELL)
        await work.claim(session, rumour.id, step(desk.writer, rumour.version))
        assert await waiting(session) == []
        await work.assign(session, rumour.id, desk.reader.id, step(desk.writer, rumour.version))
        given = ("reader", AlertReason.ASSIGNED, "R1")
        assert await waiting(session) == [given]

        due = rumour.answer_due
        assert due is not None
        assert await look(session, due - alerts.DUE_WITHIN - timedelta(seconds=1)) == [given]
        soon = [given, ("reader", AlertReason.DUE, "R1")]
        assert await look(session, due - alerts.DUE_WITHIN) == soon
        assert await look(session, due) == soon

        await verdicts.not_a_claim(session, rumour.id, "chat", step(desk.reader, rumour.version))
        assert await waiting(session) == []
        await verdicts.reopen(session, rumour.id, step(desk.reader, rumour.version))
        rumour.answer_due = due + timedelta(days=3)
        await session.flush()
        assert len(await look(session, due + timedelta(days=3))) == 3, "due again after it was opened again"


async def test_experts_hear_of_questions_signers_of_drafts_and_writers_of_signatures(
    database: Database, desk: Desk
) -> None:
    async with database.transaction() as session:
        await link(session, desk.writer, desk.reader, desk.expert, desk.local, desk.editor)
        rumour = await asked(session, WELL)
        await work.rate(session, rumour.id, Harm.HIGH, "衢江区", step(desk.writer, rumour.version))
        await work.ask_expert(session, rumour.id, desk.expert.id, "井水检测一般多久出结果？", step(desk.writer))
        await work.ask_expert(session, rumour.id, desk.expert.id, "还有呢？", step(desk.writer))
        assert await waiting(session) == [("expert", AlertReason.QUESTION, "R1")] * 2

        content = factories.article_content(slug="well")
        draft = await verdicts.draft(session, rumour.id, content, step(desk.writer, rumour.version))
        await verdicts.submit(session, rumour.id, step(desk.writer, rumour.version))
        told = {login for login, reason, _ in await waiting(session) if reason is AlertReason.REVIEW}
        assert told == {"reader", "expert", "editor"}, "not the writer, and not who works elsewhere"

        await verdicts.sign_off(session, rumour.id, draft.number, step(desk.expert, rumour.version))
        assert ("writer", AlertReason.SIGNED, "R1") in await waiting(session)


async def test_who_is_deactivated_or_unlinked_hears_nothing_and_what_failed_waits_again(
    database: Database, desk: Desk
) -> None:
    async with database.transaction() as session:
        await link(session, desk.writer, desk.reader)
        rumour = await asked(session, WELL)
        await work.assign(session, rumour.id, desk.reader.id, step(desk.writer, rumour.version))
        await work.assign(session, rumour.id, desk.writer.id, step(desk.reader, rumour.version))
        assert await waiting(session) == [("writer", AlertReason.ASSIGNED, "R1")], "the reader has it no more"
        await session.execute(update(Person).where(Person.id == desk.writer.id).values(active=False))
        assert await waiting(session) == []
        await session.execute(update(Person).where(Person.id == desk.writer.id).values(active=True, resident_id=None))
        assert await waiting(session) == []

        await link(session, desk.writer)
        (item,) = await alerts.to_say(session, limit=10)
        turn = await factories.turn(session, item.resident_id, received_at=NOON)
        await carried.attach(session, Alert, item.id, turn)
        assert await waiting(session) == []
        await turns.settle_delivery(session, turn, delivered=False)
        assert await carried.try_again(session, Alert, NOON + carried.TRIED_AGAIN_AFTER) == 1
        assert (await alerts.to_say(session, limit=10))[0].attempts == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_hundred_thousand_rumours_are_not_read_to_find_the_hottest(database: Database) -> None:
    asked_for: list[tuple[str, Any]] = []
    async with database.reading() as session:
        connection = await session.connection()

        def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            asked_for.append((statement, parameters))

        event.listen(connection.sync_connection, "before_cursor_execute", remember)
        await alerts.hottest(session, 1)
        ((statement, parameters),) = asked_for
        plan = str((await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all())
    assert "ix_rumours_queue_trend" in plan
    assert "TEMP B-TREE" not in plan
