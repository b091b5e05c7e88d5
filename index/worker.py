"""Search for an event loop that must never wait for the processor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from index.search import Outcome, Searcher
from index.vectors import FloatVector

T = TypeVar("T")

AT_ONCE = 3
"""So many are searched side by side, first come first served: more only wait for each other's processor cores, and one
alone would let everybody wait behind a very long text."""


class SearchWorker:
    """Runs searches of one searcher in threads of its own."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="search")
        self._is_closed = False

    async def search(self, text: str) -> Outcome:
        """The outcome for one text.

        Raises: RuntimeError after `close`.
        """
        return await self._run(self.searcher.search, text)

    async def vector_of(self, text: str) -> FloatVector:
        """The vector of one text, with which it can be searched for afterwards at no more cost.

        Raises: RuntimeError after `close`.
        """
        return await self._run(self.searcher.vector_of, text)

    async def _run(self, work: Callable[[str], T], text: str) -> T:
        task = asyncio.current_task()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, text)
        except asyncio.CancelledError:
            if self._is_closed and not (task and task.cancelling()):
                raise RuntimeError("cannot search after shutdown") from None
            raise

    def close(self) -> None:
        """Let go of the threads: what has begun is finished, what waits is told."""
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
