from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest

from index.encoder import Encoded
from index.passages import Document
from index.search import Outcome, Searcher
from index.vector_cache import CachedEncoder
from index.worker import AT_ONCE, SearchWorker
from tests.fakes import HashingEncoder

TITLES = ("喝白酒能杀病毒吗", "微波炉会致癌吗", "隔夜菜能吃吗", "接到公检法电话怎么办", "地震了往哪儿躲")


class GatedEncoder(HashingEncoder):
    """Says what came, and waits until it is let go on. Refuses a question about poison."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.held = ""
        """Only questions with this in them have to wait."""
        self.started = threading.Semaphore(0)
        self.open = threading.Event()
        self.open.set()

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        self.asked += texts
        self.started.release()
        if any(self.held in text for text in texts):
            assert self.open.wait(10)
        if "毒药" in texts:
            raise ValueError("poison")
        return super().encode_queries(texts)


@pytest.fixture
def encoder() -> GatedEncoder:
    return GatedEncoder()


@pytest.fixture
async def worker(encoder: GatedEncoder) -> AsyncIterator[SearchWorker]:
    searcher = Searcher(CachedEncoder(encoder, None))
    searcher.replace({number: Document(number, title) for number, title in enumerate(TITLES, start=1)})
    encoder.asked.clear()
    encoder.started = threading.Semaphore(0)
    worker = SearchWorker(searcher)
    yield worker
    encoder.open.set()
    worker.close()


def same(left: Outcome, right: Outcome) -> bool:
    """Whether two outcomes say the same, vectors included."""
    return (
        left.query.folded == right.query.folded
        and np.allclose(left.query.vector, right.query.vector)
        and left.found == right.found
        and left.probability == right.probability
        and left.band is right.band
    )


async def busy(worker: SearchWorker, encoder: GatedEncoder) -> list[asyncio.Task[Outcome]]:
    """Questions that keep the worker busy until the encoder is let go on."""
    encoder.open.clear()
    first = [asyncio.create_task(worker.search(f"先来的问题{number}")) for number in range(AT_ONCE)]
    for _ in first:
        assert await asyncio.to_thread(encoder.started.acquire, timeout=10)
    return first


async def test_everyone_gets_the_outcome_of_their_own_question(worker: SearchWorker) -> None:
    questions = [f"{TITLES[number % 5]}{number}" for number in range(80)]
    outcomes = await asyncio.gather(*map(worker.search, questions))
    for question, outcome in zip(questions, outcomes, strict=True):
        assert same(outcome, worker.searcher.search(question))
    assert [outcome.found[0].article_id for outcome in outcomes] == [number % 5 + 1 for number in range(80)]


async def test_nobody_waits_for_a_slow_question_of_somebody_else(worker: SearchWorker, encoder: GatedEncoder) -> None:
    encoder.held = "慢"
    encoder.open.clear()
    slow = asyncio.create_task(worker.search("慢的问题"))
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*map(worker.search, TITLES))
    assert [outcome.found[0].article_id for outcome in outcomes] == [1, 2, 3, 4, 5]
    assert not slow.done()
    encoder.open.set()
    assert (await slow).query.folded == "慢的问题"


async def test_the_event_loop_goes_on_while_the_worker_is_busy(worker: SearchWorker, encoder: GatedEncoder) -> None:
    first = await busy(worker, encoder)
    for _ in range(100):
        await asyncio.sleep(0)
    assert not any(task.done() for task in first)
    encoder.open.set()
    assert (await first[0]).query.folded == "先来的问题0"


async def test_a_failure_reaches_only_who_asked(worker: SearchWorker, encoder: GatedEncoder) -> None:
    first = await busy(worker, encoder)
    asked = [asyncio.create_task(worker.search(text)) for text in ("毒药", TITLES[1], "毒药", TITLES[0])]
    await asyncio.sleep(0)
    encoder.open.set()
    await asyncio.gather(*first)
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(each) if isinstance(each, ValueError) else each.found[0].article_id for each in found] == [  # type: ignore[union-attr]
        "poison",
        2,
        "poison",
        1,
    ]


async def test_one_who_goes_away_harms_nobody(worker: SearchWorker, encoder: GatedEncoder) -> None:
    first = await busy(worker, encoder)
    waiting = [asyncio.create_task(worker.search(title)) for title in TITLES]
    await asyncio.sleep(0)
    waiting[1].cancel()
    first[0].cancel()
    await asyncio.sleep(0)
    encoder.open.set()
    outcomes = await asyncio.gather(first[0], *waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, Outcome)] == [asyncio.CancelledError] * 2
    assert [o.found[0].article_id for o in outcomes if isinstance(o, Outcome)] == [1, 3, 4, 5]
    assert TITLES[1] not in encoder.asked  # nobody waits for it any more


async def test_a_closed_worker_says_so_at_once_and_leaves_nobody_waiting(
    worker: SearchWorker, encoder: GatedEncoder
) -> None:
    first = await busy(worker, encoder)
    late = asyncio.create_task(worker.search("排队中"))
    await asyncio.sleep(0)
    worker.close()
    encoder.open.set()
    async with asyncio.timeout(5):
        assert (await first[0]).query.folded == "先来的问题0"  # what had begun is finished
        with pytest.raises(RuntimeError, match="shutdown"):
            await late
        with pytest.raises(RuntimeError, match="shutdown"):
            await worker.search("打烊之后")
