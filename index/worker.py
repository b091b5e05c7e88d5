"""Search for an event loop that must never wait for the processor.

One thread encodes and searches. What arrives while it is busy is taken together next time: a lone message never waits
for company, and a crowd shares one pass through the model.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from index.search import Outcome, Searcher

MAX_BATCH = 32


class SearchWorker:
    """Runs searches of one searcher in a thread of its own."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search")
        self._waiting: list[tuple[str, asyncio.Future[Outcome]]] = []
        self._running: asyncio.Task[None] | None = None

    async def search(self, text: str) -> Outcome:
        """The outcome for one text."""
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((text, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await answer

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                try:
                    outcomes = await loop.run_in_executor(
                        self._thread, self.searcher.search_all, [text for text, _ in batch]
                    )
                except Exception as error:
                    self._settle_all(batch, error)
                else:
                    for (_, answer), outcome in zip(batch, outcomes, strict=True):
                        if not answer.done():
                            answer.set_result(outcome)
        finally:
            self._running = None

    @staticmethod
    def _settle_all(batch: list[tuple[str, asyncio.Future[Outcome]]], error: Exception) -> None:
        for _, answer in batch:
            if not answer.done():
                answer.set_exception(error)
