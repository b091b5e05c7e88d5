"""The tables come from nothing, are what the models say, and a database that is not ready says how to mend it."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, make_url, select, text
from sqlalchemy.exc import IntegrityError

from knowledge import trend
from knowledge.database import Database
from knowledge.errors import DatabaseNotReady
from knowledge.models import Base, Rumour, RumourStatus
from tests.conftest import EVERY_DATABASE, REPOSITORY

NEWEST = max(path.name[:4] for path in (REPOSITORY / "knowledge" / "migrations" / "versions").glob("[0-9]*.py"))
"""The version of the program."""


def differences(connection: Connection) -> list[Any]:
    """What would still have to be migrated."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, Base.metadata))


async def test_migrating_makes_exactly_the_tables_of_the_models(database: Database) -> None:
    async with database.transaction() as session:
        connection = await session.connection()
        assert await connection.run_sync(differences) == []
        tables = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    assert tables == {*Base.metadata.tables, "alembic_version"}


async def test_a_missing_column_is_noticed(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE residents DROP COLUMN language"))
        found = await (await session.connection()).run_sync(differences)
    assert [(change[0], change[2], change[3].name) for change in found] == [("add_column", "residents", "language")]


async def test_migrating_again_changes_nothing(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO counters (name, value) VALUES ('kept', 7)"))
    await database.migrate()
    await database.check()
    async with database.reading() as session:
        assert await session.scalar(text("SELECT value FROM counters WHERE name = 'kept'")) == 7
        assert (await session.scalars(text("SELECT version_num FROM alembic_version"))).all() == [NEWEST]


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    program = (
        "import asyncio, sys; from knowledge.database import Database; asyncio.run(Database(sys.argv[1]).migrate())"
    )
    together = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, database_url, cwd=REPOSITORY)
        for _ in range(3)
    ]
    assert [await process.wait() for process in together] == [0, 0, 0]
    database = Database(database_url)
    await database.check()
    await database.close()


@pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
async def test_a_migration_that_fails_leaves_the_database_as_it_was(database_url: str) -> None:
    database = Database(database_url)
    await database.migrate("0002")
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE alerts (mine INTEGER)"))  # in the way of the last migration
    with pytest.raises(DatabaseNotReady, match=r"alerts.* already exists"):
        await database.migrate()
    async with database.transaction() as session:
        connection = await session.connection()
        tables = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
        assert "rumour_notes" not in tables  # made by the one before
        assert await session.scalar(text("SELECT version_num FROM alembic_version")) == "0002"
        await session.execute(text("DROP TABLE alerts"))
    await database.migrate()
    await database.check()
    await database.close()


async def test_an_empty_database_says_what_to_run(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(DatabaseNotReady, match=f"at version none, the program at {NEWEST}: run `qiuzhen migrate`"):
        await database.check()
    await database.close()


async def test_a_database_of_an_older_version_says_what_to_run(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(DatabaseNotReady, match=f"at version 0001, the program at {NEWEST}: run `qiuzhen migrate`"):
        await database.check()


async def test_a_database_of_a_newer_program_says_so(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for used in (database.check, database.migrate):
        with pytest.raises(DatabaseNotReady, match=r"newer program.*9999.*Update the program"):
            await used()


async def test_the_folder_of_a_new_sqlite_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "county office" / "数据" / "bot.db"
    database = Database(f"sqlite:///{path}")
    await database.migrate()
    await database.check()
    await database.close()
    assert path.is_file()
    assert stat.S_ISREG(path.stat().st_mode)


async def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear editor, " * 500)
    database = Database(f"sqlite:///{path}")
    for work in (database.check, database.migrate):
        with pytest.raises(DatabaseNotReady, match=r"letter\.db cannot be used: file is not a database"):
            await work()
    await database.close()
    assert path.read_text() == "Dear editor, " * 500


async def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    database = Database(f"sqlite:///{tmp_path}/file/bot.db")
    for work in (database.check, database.migrate):
        with pytest.raises(DatabaseNotReady, match="cannot be used"):
            await work()
    await database.close()


async def test_a_server_that_cannot_be_reached_is_named_without_its_password() -> None:
    database = Database("postgresql://bot:verysecret@127.0.0.1:1/qiuzhen")
    for work in (database.check, database.migrate):
        with pytest.raises(DatabaseNotReady, match=r"127\.0\.0\.1:1/qiuzhen cannot be used") as refused:
            await work()
        assert "verysecret" not in str(refused.value)
    await database.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "/var/lib/bot.db",
        "mysql://bot:verysecret@host/name",
        "oracle://bot:verysecret@host",
        "postgresql://bot:verysecret@host:notaport/name",
    ],
)
def test_what_is_no_database_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(DatabaseNotReady, match="not a database URL; use sqlite:///") as refused:
        Database(url)
    assert "verysecret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///bot.db", "sqlite+aiosqlite"),
        ("sqlite+pysqlite:///bot.db", "sqlite+aiosqlite"),
        ("postgres://bot@host/name", "postgresql+psycopg"),
        ("postgresql+asyncpg://bot@host/name", "postgresql+psycopg"),
    ],
)
def test_the_driver_is_ours_to_choose(url: str, driver: str) -> None:
    assert Database(url).url == make_url(url).set(drivername=driver)


def test_enum_values_are_not_checked_by_sqlite() -> None:
    """A new value must not cost a rebuild of the table: see `stored_as`."""
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    enums = [column.type for column in columns if hasattr(column.type, "create_constraint")]
    assert len(enums) >= 10
    assert not any(getattr(enum, "create_constraint", False) for enum in enums if hasattr(enum, "enums"))
    assert sqlite3.sqlite_version_info >= (3, 35)  # RETURNING


@pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
async def test_what_older_versions_stored_is_kept(database_url: str) -> None:
    database = Database(database_url)
    await database.migrate("0001")
    async with database.transaction() as session:
        for statement in _OLD_ROWS:
            await session.execute(text(statement))
    await database.migrate()
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM article_sources")) == 1
        assert await session.scalar(text("SELECT count(*) FROM followers")) == 1
        rumour = await session.scalar(select(Rumour))
        assert rumour is not None
        assert rumour.status is RumourStatus.OPEN
        assert trend.weight(rumour.trend, rumour.last_seen) == pytest.approx(4)
        assert rumour.answer_due == rumour.first_seen + timedelta(days=3)
    async with database.transaction() as session:  # and what refers to nothing is refused again
        with pytest.raises(IntegrityError):
            await session.execute(
                text("INSERT INTO followers (rumour_id, resident_id, since) VALUES (99, 1, '2026-01-01')")
            )
        await session.rollback()
    await database.close()


_OLD_ROWS = (
    """INSERT INTO articles (id, slug, kind, topic, title, short_answer, what_to_do, asked_as, body, audience, regions,
    season, review_by, status, change, created_at, updated_at) VALUES (1, 'a', 'guide', 'health', 't', 's', '[]', '[]',
    'b', '[]', '[]', '[]', '2099-01-01', 'published', 1, '2026-11-01 00:00:00', '2026-11-01 00:00:00')""",
    """INSERT INTO article_sources (article_id, position, title, publisher, url, accessed)
    VALUES (1, 0, 't', 'p', 'https://www.who.int/', '2026-11-01')""",
    """INSERT INTO residents (id, key, channel, address, created_at, seen_at)
    VALUES (1, 'k', 'web', 'a', '2026-11-01 00:00:00', '2026-11-01 00:00:00')""",
    """INSERT INTO rumours (id, kind, status, text, sightings, first_seen, last_seen)
    VALUES (1, 'claim', 'open', 'x', 4, '2026-11-01 00:00:00', '2026-11-05 00:00:00')""",
    "INSERT INTO followers (rumour_id, resident_id, since) VALUES (1, 1, '2026-11-01 00:00:00')",
)
