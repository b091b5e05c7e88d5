"""Keeps the search index where the database is.

Whoever publishes wakes the refresher; it also looks at the change counter twice a second, so a lost wake-up, or an
article published by another process, costs half a second and never correctness.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from index.passages import Document
from index.search import Searcher
from knowledge import articles
from knowledge.database import Database

POLL_SECONDS = 0.5
_log = structlog.get_logger(__name__)


class Refresher:
    """Follows the articles of `database` into `searcher`."""

    def __init__(self, database: Database, searcher: Searcher) -> None:
        self._database = database
        self._searcher = searcher
        self._known = 0
        self._one_at_a_time = asyncio.Lock()
        self._wake = asyncio.Event()

    async def refresh(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Bring the index up to the database and say how many articles changed."""
        async with self._one_at_a_time:
            async with self._database.reading() as session:
                if await articles.last_change(session) == self._known:
                    return 0
                changes = await articles.changes_since(session, self._known)
            documents = {
                change.article_id: Document.of(change.article_id, change.content) if change.content else None
                for change in changes
            }
            await asyncio.to_thread(self._searcher.replace, documents, progress)
            self._known = max((change.number for change in changes), default=self._known)
            return len(changes)

    def wake(self) -> None:
        """Look now; something was published."""
        self._wake.set()

    async def follow(self) -> None:
        """Refresh for ever. A failure is logged and tried again: the index goes on answering from what it has."""
        while True:
            self._wake.clear()  # before looking, so that whatever is published meanwhile is looked for at once
            try:
                if changed := await self.refresh():
                    _log.info("index refreshed", articles=changed, total=len(self._searcher))
            except Exception as error:
                _log.error("index refresh failed", error=type(error).__name__)
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue
