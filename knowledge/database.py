"""The one database: connecting, transactions, migrations.

SQLite in WAL mode unless the URL says PostgreSQL; everything above this module is the same on both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Executable, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from knowledge.errors import DatabaseNotReady
from knowledge.sqlite_connection import BEGIN_WRITING, connect

_MIGRATIONS = Path(__file__).parent / "migrations"
_NEWER = (
    "The database was made by a newer program: {} Update the program, or go back to the backup made before the update."
)
_BUSY_SECONDS = 30
_MIGRATION_LOCK = 0x7161  # any number, as long as it stays the same


class Database:
    """The database at `url`; cheap to make, connects when first used.

    Raises: DatabaseNotReady, when `url` is no database URL this program can use.
    """

    def __init__(self, url: str) -> None:
        self.url = _async_url(url)
        self._engine = _create_engine(self.url)
        self._writing = self._engine.execution_options(sqlite_begin=BEGIN_WRITING)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are committed together at the end, or not at all.

        On SQLite the write lock is taken at once: a transaction that reads first and writes later would otherwise
        fail when another writer got in between, and no time-out would help it.
        """
        async with AsyncSession(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads; it never waits for a writer."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            yield session

    async def migrate(self, revision: str = "head") -> None:
        """Bring the tables up to this version of the program, making the database first where it is a file.

        An earlier `revision` is for tests of what comes after it.

        Raises: DatabaseNotReady, when it cannot be opened or changed.
        """
        try:
            if self.url.get_backend_name() == "sqlite" and self.url.database not in (None, "", ":memory:"):
                Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
            async with self._writing.connect() as connection:
                if self.url.get_backend_name() == "sqlite":
                    # To change a table SQLite makes a new one and drops the old, and a dropped table takes along what
                    # refers to its rows. It can only be forbidden outside a transaction.
                    driver: Any = (await connection.get_raw_connection()).driver_connection
                    await driver.execute("PRAGMA foreign_keys=OFF")
                # Begun here, so that the version is read under the write lock and all migrations are one transaction:
                # left to begin by itself, Alembic commits each and lets another process in between.
                async with connection.begin():
                    await connection.run_sync(_upgrade, revision)
                await connection.invalidate()
        except CommandError as error:
            raise DatabaseNotReady(_NEWER.format(error)) from error
        except (DBAPIError, OSError) as error:
            raise self._unusable(error) from error

    async def check(self) -> None:
        """Make sure the database can be reached and has this version's tables.

        Raises: DatabaseNotReady, saying how to mend it.
        """
        try:
            async with self._engine.connect() as connection:
                current = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
        except (DBAPIError, OSError) as error:
            raise self._unusable(error) from error
        scripts = ScriptDirectory(str(_MIGRATIONS))
        head = scripts.get_current_head()
        if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
            raise DatabaseNotReady(_NEWER.format(f"It is at version {current}, which this program does not know."))
        if current != head:
            raise DatabaseNotReady(
                f"The database is at version {current or 'none'}, the program at {head}: run `qiuzhen migrate`."
            )

    def _unusable(self, error: DBAPIError | OSError) -> DatabaseNotReady:
        reason = error.orig if isinstance(error, DBAPIError) else error
        return DatabaseNotReady(
            f"The database {self.url.render_as_string(hide_password=True)} cannot be used: {reason}"
        )

    async def close(self) -> None:
        """Give back every connection."""
        await self._engine.dispose()


def upsert(build: Callable[[Callable[[Any], Any]], Executable]) -> Callable[[AsyncSession], Executable]:
    """Make `build` a statement with ON CONFLICT, which SQLAlchemy spells separately for each database.

    `build` gets the `insert` of the session's database. What it returns is kept: making a statement anew costs more
    than SQLite needs to run it, and a message runs several.
    """
    built: dict[str, Executable] = {}

    def statement(session: AsyncSession) -> Executable:
        name = session.get_bind().dialect.name
        if name not in built:
            built[name] = build(sqlite.insert if name == "sqlite" else postgresql.insert)
        return built[name]

    return statement


def _async_url(url: str) -> URL:
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    try:
        parsed = make_url(url)
        return parsed.set(drivername=drivers[parsed.drivername.partition("+")[0]])
    except (KeyError, ValueError, ArgumentError):
        # Neither the URL nor the error is repeated: there may be a password in both.
        raise DatabaseNotReady(
            "This is not a database URL; use sqlite:///path/to/file.db or postgresql://user:password@host/name."
        ) from None


def _create_engine(url: URL) -> AsyncEngine:
    # Parameters stay out of error messages: some of them are what residents wrote.
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_async_engine(
        url, connect_args={"timeout": _BUSY_SECONDS, "async_creator_fn": connect}, hide_parameters=True
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: it would not do so before a SELECT, nor immediately.
        connection.isolation_level = None
        cursor = connection.cursor()
        # WAL lets readers and one writer go on together. With NORMAL a killed process loses nothing; only a power cut
        # can take back the last moments, and never damages the file. The connection carries the log over by itself.
        for pragma in (
            "journal_mode=WAL",
            "wal_autocheckpoint=0",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_SECONDS}000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        # Two processes that start together take turns, as they do on SQLite by its write lock.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    command.upgrade(config, revision)
