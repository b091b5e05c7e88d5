"""Transactions: together or not at all, one writer after the other, readers never waiting, nothing told in errors."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database
from knowledge.models import Counter, Resident
from knowledge.sqlite_connection import COMMITS_PER_CHECKPOINT
from tests.factories import NOON


async def value_of(database: Database, name: str) -> int | None:
    """The value of a counter as everybody sees it."""
    async with database.reading() as session:
        return await session.scalar(select(Counter.value).where(Counter.name == name))


async def test_what_a_transaction_did_is_seen_after_it(database: Database) -> None:
    async with database.transaction() as session:
        session.add(Counter(name="a", value=1))
        await session.flush()
        assert await value_of(database, "a") is None
    assert await value_of(database, "a") == 1


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as session:
            session.add(Counter(name="a", value=1))
            await session.flush()
            await session.execute(insert(Counter).values(name="b", value=2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (await value_of(database, "a"), await value_of(database, "b")) == (None, None)
    async with database.transaction() as session:  # and the connection it used is fit for the next
        session.add(Counter(name="a", value=3))
    assert await value_of(database, "a") == 3


async def test_a_cancelled_transaction_leaves_nothing_and_no_lock(database: Database) -> None:
    wrote = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.transaction() as session:
            session.add(Counter(name="a", value=1))
            await session.flush()
            wrote.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(write_and_wait())
    await wrote.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), database.transaction() as session:
        session.add(Counter(name="a", value=2))
    assert await value_of(database, "a") == 2


async def test_what_is_only_read_is_never_written(database: Database) -> None:
    async with database.reading() as session:
        await session.execute(insert(Counter).values(name="a", value=1))
    assert await value_of(database, "a") is None


async def test_writers_wait_for_each_other_and_none_is_lost(database: Database, database_url: str) -> None:
    async with database.transaction() as session:
        session.add(Counter(name="a", value=0))
    other = Database(database_url)  # as another process would

    async def count_up(through: Database) -> None:
        for _ in range(10):
            async with through.transaction() as session:
                await session.execute(update(Counter).where(Counter.name == "a").values(value=Counter.value + 1))
                await asyncio.sleep(0)

    async with asyncio.timeout(60):
        await asyncio.gather(*(count_up(through) for through in (database, other) for _ in range(4)))
    await other.close()
    assert await value_of(database, "a") == 80


async def test_a_reader_goes_on_while_somebody_writes(database: Database) -> None:
    async with database.transaction() as session:
        session.add(Counter(name="a", value=1))
    async with database.transaction() as session:
        await session.execute(update(Counter).values(value=2))
        async with asyncio.timeout(5):
            assert await value_of(database, "a") == 1


async def test_errors_do_not_tell_what_residents_wrote(database: Database) -> None:
    values = {"key": "same", "channel": "telegram", "address": b"wang-xiaoming", "created_at": NOON, "seen_at": NOON}
    async with database.transaction() as session:
        await session.execute(insert(Resident).values(**values))
    with pytest.raises(IntegrityError) as refused:
        async with database.transaction() as session:
            await session.execute(insert(Resident).values(**values))
    assert "SQL parameters hidden" in str(refused.value)
    assert "wang-xiaoming" not in str(refused.value)


async def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            await session.execute(
                text("INSERT INTO followers (rumour_id, resident_id, since) VALUES (1, 1, :at)"),
                {"at": NOON.isoformat()},
            )


async def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    async with database.transaction() as session:
        session.add(Resident(key="k", channel="web", address=b"", created_at=NOON, seen_at=NOON))
    async with database.reading() as session:
        resident = (await session.scalars(select(Resident))).one()
        assert await session.scalar(select(func.count()).where(Resident.seen_at == NOON)) == 1
    assert resident.seen_at == NOON
    assert resident.seen_at.utcoffset() == NOON.utcoffset()
    with pytest.raises(Exception, match="must be aware"):
        async with database.transaction() as session:
            session.add(Resident(key="l", channel="web", address=b"", seen_at=NOON.replace(tzinfo=None)))


async def test_sqlite_runs_with_a_write_ahead_log_and_patience(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await database.migrate()
    async with database.reading() as session:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [await session.scalar(text(f"PRAGMA {pragma}")) for pragma in pragmas]
    await database.close()
    assert found == ["wal", 1, 1, 30000]


async def test_sqlite_carries_its_log_over_without_holding_up_the_next_commit(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await database.migrate()
    async with database.transaction() as session:
        session.add(Counter(name="a", value=0))
    for _ in range(2 * COMMITS_PER_CHECKPOINT + 1):
        async with database.transaction() as session:
            await session.execute(update(Counter).where(Counter.name == "a").values(value=Counter.value + 1))
    assert await value_of(database, "a") == 2 * COMMITS_PER_CHECKPOINT + 1
    await database.close()


async def test_sqlite_locks_before_it_reads_so_that_no_writer_fails(tmp_path: Path) -> None:
    """A transaction that reads first and writes later would fail at once when another wrote in between."""
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await database.migrate()
    async with database.transaction() as session:
        session.add(Counter(name="a", value=0))

    async def read_then_write() -> None:
        async with database.transaction() as session:
            value = await session.scalar(select(Counter.value).where(Counter.name == "a"))
            assert value is not None
            await asyncio.sleep(0.005)
            await session.execute(update(Counter).where(Counter.name == "a").values(value=value + 1))

    await asyncio.gather(*(read_then_write() for _ in range(10)))
    assert await value_of(database, "a") == 10
    await database.close()
