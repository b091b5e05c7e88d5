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
from index.worker import MAX_BATCH, SearchWorker
from tests.fakes import HashingEncoder

TITLES = ("喝白酒能杀病毒吗", "微波炉会致癌吗", "隔夜菜能吃吗", "接到公检法电话怎么办", "地震了往哪儿躲")


class GatedEncoder(HashingEncoder):
    """Says which questions came together, and waits until it is let go on. Refuses a question about poison."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []
        self.started = threading.Event()
        self.open = threading.Event()
        self.open.set()

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        self.batches.append(list(texts))
        self.started.set()
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
    encoder.batches.clear()
    encoder.started.clear()
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


async def busy(worker: SearchWorker, encoder: GatedEncoder) -> asyncio.Task[Outcome]:
    """A question that keeps the worker busy until the encoder is let go on."""
    encoder.started.clear()
    encoder.open.clear()
    first = asyncio.create_task(worker.search("先来的问题"))
    await asyncio.to_thread(encoder.started.wait, 10)
    return first


async def test_everyone_gets_the_outcome_of_their_own_question(worker: SearchWorker, encoder: GatedEncoder) -> None:
    questions = [f"{TITLES[number % 5]}{number}" for number in range(80)]
    outcomes = await asyncio.gather(*map(worker.search, questions))
    assert len(encoder.batches) < len(questions)
    for question, outcome in zip(questions, outcomes, strict=True):
        assert same(outcome, worker.searcher.search(question))
    assert [outcome.found[0].article_id for outcome in outcomes] == [number % 5 + 1 for number in range(80)]


async def test_who_comes_while_it_is_busy_shares_one_pass(worker: SearchWorker, encoder: GatedEncoder) -> None:
    first = await busy(worker, encoder)
    crowd = [asyncio.create_task(worker.search(f"问题{number}")) for number in range(MAX_BATCH + 5)]
    await asyncio.sleep(0)
    encoder.open.set()
    await asyncio.gather(first, *crowd)
    assert [len(batch) for batch in encoder.batches] == [1, MAX_BATCH, 5]
    assert encoder.batches[1][0] == "问题0"


async def test_a_lone_question_does_not_wait_for_company(worker: SearchWorker, encoder: GatedEncoder) -> None:
    for title in TITLES:
        await worker.search(title)
    assert [len(batch) for batch in encoder.batches] == [1] * 5


async def test_the_event_loop_goes_on_while_the_worker_is_busy(worker: SearchWorker, encoder: GatedEncoder) -> None:
    first = await busy(worker, encoder)
    for _ in range(100):
        await asyncio.sleep(0)
    assert not first.done()
    encoder.open.set()
    assert (await first).query.folded == "先来的问题"


async def test_a_failure_reaches_its_own_batch_and_nobody_else(worker: SearchWorker, encoder: GatedEncoder) -> None:
    first = await busy(worker, encoder)
    texts = ["毒药"] + ["好问题"] * (MAX_BATCH - 1)
    with_poison = [asyncio.create_task(worker.search(text)) for text in texts]
    after = [asyncio.create_task(worker.search(TITLES[1])) for _ in range(3)]
    await asyncio.sleep(0)
    encoder.open.set()
    assert (await first).query.folded == "先来的问题"
    failures = await asyncio.gather(*with_poison, return_exceptions=True)
    assert [str(failure) for failure in failures] == ["poison"] * MAX_BATCH
    assert [outcome.found[0].article_id for outcome in await asyncio.gather(*after)] == [2, 2, 2]
    assert (await worker.search(TITLES[0])).found[0].article_id == 1


async def test_one_who_goes_away_harms_nobody(worker: SearchWorker, encoder: GatedEncoder) -> None:
    first = await busy(worker, encoder)
    waiting = [asyncio.create_task(worker.search(title)) for title in TITLES]
    await asyncio.sleep(0)
    waiting[1].cancel()
    first.cancel()
    await asyncio.sleep(0)
    encoder.open.set()
    outcomes = await asyncio.gather(first, *waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, Outcome)] == [asyncio.CancelledError] * 2
    assert [o.found[0].article_id for o in outcomes if isinstance(o, Outcome)] == [1, 3, 4, 5]


async def test_one_who_goes_away_before_a_failure_harms_nobody(worker: SearchWorker, encoder: GatedEncoder) -> None:
    first = await busy(worker, encoder)
    waiting = [asyncio.create_task(worker.search(text)) for text in ("毒药", "好问题")]
    await asyncio.sleep(0)
    waiting[0].cancel()
    encoder.open.set()
    outcomes = await asyncio.gather(first, *waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Outcome, asyncio.CancelledError, ValueError]


async def test_a_closed_worker_says_so_at_once_and_leaves_nobody_waiting(
    worker: SearchWorker, encoder: GatedEncoder
) -> None:
    first = await busy(worker, encoder)
    late = asyncio.create_task(worker.search("排队中"))
    await asyncio.sleep(0)
    worker.close()
    encoder.open.set()
    async with asyncio.timeout(5):
        assert (await first).query.folded == "先来的问题"  # what had begun is finished
        with pytest.raises(RuntimeError, match="shutdown"):
            await late
        with pytest.raises(RuntimeError, match="shutdown"):
            await worker.search("打烊之后")
