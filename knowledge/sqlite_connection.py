"""A connection to SQLite that seldom changes threads.

aiosqlite runs every call in a thread of its own, and SQLAlchemy makes four calls a statement: open a cursor, execute,
fetch, close. Each visit to the thread waits for the scheduler; with several statements a message, that took longer
than everything else the database did. So here

- opening and closing a cursor, which only touch memory, are no visits;
- executing and fetching are one;
- inside a write transaction they are none. Its statements cannot wait: the lock is held, and they read and write a few
  cached pages. The lock is taken without a visit when it is free, and committing is none either: in WAL mode with
  synchronous=NORMAL it appends to a file and waits for no disk.

What can take long is left to the thread: waiting for the lock; carrying the log over into the database, which does wait
for the disk; and all that only reads, since a report may read for long.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiosqlite

BEGIN_WRITING = "BEGIN IMMEDIATE"
_CHUNK = 64
COMMITS_PER_CHECKPOINT = 500


class _Connection(aiosqlite.Connection):
    holds_write_lock = False
    _commits = 0
    _stopping: asyncio.Future[Any] | None = None

    def stop(self) -> asyncio.Future[Any] | None:
        self._stopping = super().stop()
        return self._stopping

    async def _connect(self) -> aiosqlite.Connection:
        try:
            return await super()._connect()
        except Exception:
            # aiosqlite does not wait for its thread here, which would then report to an event loop that may be gone.
            if self._stopping is not None:
                await self._stopping
            raise

    def cursor(self) -> AbstractAsyncContextManager[aiosqlite.Cursor]:  # type: ignore[override]  # aiosqlite's is awaitable too, which nobody here needs
        return _EagerCursor(self, self._conn.cursor())

    async def commit(self) -> None:
        self._conn.commit()
        self.holds_write_lock = False
        self._commits += 1
        if self._commits % COMMITS_PER_CHECKPOINT == 0:
            await self._execute(self._carry_log_over)  # type: ignore[no-untyped-call]

    def _carry_log_over(self) -> None:
        # Its row is fetched although nobody reads it: while one is left, nothing can be committed, and the thread of
        # aiosqlite keeps its last result, here a cursor, until it is given something else to do.
        self._conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    async def rollback(self) -> None:
        # The pool rolls back every connection it gets; most have nothing to roll back.
        if self.in_transaction:
            await super().rollback()
        self.holds_write_lock = False


class _EagerCursor(aiosqlite.Cursor):
    """Has all its rows as soon as it has executed; rows are never streamed."""

    _conn: _Connection
    _rows: list[Any]

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> aiosqlite.Cursor:
        if self._conn.holds_write_lock:
            self._rows = self._execute_and_fetch(sql, parameters or ())
        elif sql == BEGIN_WRITING and self._take_free_lock():
            self._rows = []
            self._conn.holds_write_lock = True
        else:
            self._rows = await self._execute(self._execute_and_fetch, sql, parameters or ())  # type: ignore[no-untyped-call]
            self._conn.holds_write_lock = sql == BEGIN_WRITING
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._cursor.close()

    def _take_free_lock(self) -> bool:
        """Begin writing unless somebody else is."""
        patience = self._be_patient_for(0)
        try:
            self._cursor.execute(BEGIN_WRITING)
        except sqlite3.OperationalError:
            return False  # begun again in the thread, which waits, or says what is wrong
        finally:
            self._be_patient_for(patience)
        return True

    def _be_patient_for(self, milliseconds: int) -> int:
        """How long to wait for a lock from now on; how long it was before."""
        before = int(self._cursor.execute("PRAGMA busy_timeout").fetchall()[0][0])
        self._cursor.execute(f"PRAGMA busy_timeout={milliseconds}").fetchall()
        return before

    def _execute_and_fetch(self, sql: str, parameters: Any) -> list[Any]:
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchall() if self._cursor.description else []


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """Open a connection; `options` are those of `sqlite3.connect`.

    One task uses it at a time, which SQLAlchemy's pool sees to, so SQLite's check for the thread is turned off.
    """
    options["check_same_thread"] = False
    connection = _Connection(lambda: sqlite3.connect(database, **options), _CHUNK)
    connection._thread.daemon = True  # a program must be able to end while a connection is open
    return connection
