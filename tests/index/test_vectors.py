from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoder import FloatMatrix
from index.vectors import VectorIndex, unit_rows

HALF = 0.5**0.5


def row(*values: float) -> FloatMatrix:
    """One vector."""
    return np.array(values, dtype=np.float32)


def found(index: VectorIndex, query: FloatMatrix, limit: int = 5) -> list[tuple[int, float]]:
    """Ids and rounded cosines."""
    return [(hit.id, round(hit.score, 2)) for hit in index.search(query, limit)]


@pytest.fixture
def index() -> VectorIndex:
    return VectorIndex.of(np.array([[0, 1], [HALF, HALF], [1, 0]], dtype=np.float32), ids=[7, 8, 9])


def test_scores_are_cosines_best_first(index: VectorIndex) -> None:
    assert found(index, row(1, 0)) == [(9, 1.0), (8, 0.71), (7, 0.0)]
    assert found(index, row(0, -1)) == [(9, 0.0), (8, -0.71), (7, -1.0)]


def test_lengths_do_not_count() -> None:
    index = VectorIndex.of(np.array([[0, 300], [0.001, 0]], dtype=np.float32), ids=[1, 2])
    assert found(index, row(20, 0)) == [(2, 1.0), (1, 0.0)]


def test_an_article_scores_as_its_best_passage_and_comes_once() -> None:
    index = VectorIndex.of(np.array([[0, 1], [1, 0], [HALF, HALF], [-1, 0]], dtype=np.float32), ids=[5, 5, 6, 6])
    assert found(index, row(1, 0)) == [(5, 1.0), (6, 0.71)]
    assert found(index, row(-1, 0), limit=1) == [(6, 1.0)]


def test_an_article_with_hundreds_of_passages_does_not_crowd_out_the_others() -> None:
    crowd = np.tile(row(1, 0), (500, 1))
    others = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]], dtype=np.float32)
    index = VectorIndex.of(np.concatenate([crowd, others]), ids=[1] * 500 + [2, 3, 4])
    assert [hit.id for hit in index.search(row(1, 0), 3)] == [1, 2, 3]
    assert [hit.id for hit in index.search(row(1, 0), 50)] == [1, 2, 3, 4]


def test_every_passage_of_an_article_goes_with_it(index: VectorIndex) -> None:
    index.add(np.array([[1, 0], [0, 1]], dtype=np.float32), ids=[8, 8])
    assert len(index) == 5
    index.remove([8])
    assert len(index) == 2
    assert found(index, row(1, 0)) == [(9, 1.0), (7, 0.0)]


def test_an_article_put_back_is_found_by_its_new_passage_only(index: VectorIndex) -> None:
    index.remove([9])
    index.add(row(0, -1).reshape(1, 2), ids=[9])
    assert found(index, row(1, 0), limit=1) == [(8, 0.71)]
    assert found(index, row(0, -1), limit=1) == [(9, 1.0)]


def test_removing_what_is_not_there_changes_nothing(index: VectorIndex) -> None:
    index.remove([])
    index.remove([1, 2, 3])
    assert found(index, row(1, 0), limit=1) == [(9, 1.0)]
    assert len(index) == 3


def test_a_limit_beyond_the_size_gives_all_and_no_padding(index: VectorIndex) -> None:
    assert [hit.id for hit in index.search(row(1, 0), 1000)] == [9, 8, 7]
    assert index.search(row(1, 0), 0) == []


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert VectorIndex(2).search(row(1, 0), 5) == []
    index.remove([7, 8, 9])
    assert index.search(row(1, 0), 5) == []
    index.add(np.empty((0, 2), dtype=np.float32), [])
    assert len(index) == 0


def test_rows_of_nothing_stay_nothing() -> None:
    assert unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32)).tolist() == pytest.approx(
        np.array([[0.6, 0.8], [0, 0]])
    )
    index = VectorIndex.of(np.array([[0, 0], [1, 0]], dtype=np.float32), ids=[1, 2])
    assert found(index, row(1, 0)) == [(2, 1.0), (1, 0.0)]


@given(st.data())
@settings(deadline=None, max_examples=80)
def test_the_index_agrees_with_comparing_everything(data: st.DataObject) -> None:
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    count = data.draw(st.integers(1, 120), label="rows")
    vectors = random.normal(size=(count, 8)).astype(np.float32)
    ids = data.draw(st.lists(st.integers(0, 2**40), min_size=count, max_size=count), label="ids") or [0]
    removed = data.draw(st.lists(st.sampled_from(ids), max_size=5), label="removed")
    limit = data.draw(st.integers(1, 130), label="limit")
    query = random.normal(size=8).astype(np.float32)

    index = VectorIndex.of(vectors, ids)
    index.remove(removed)
    hits = index.search(query, limit)

    cosines = vectors @ query / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(query))
    best: dict[int, float] = {}
    for identity, cosine in zip(ids, cosines.tolist(), strict=True):
        if identity not in removed:
            best[identity] = max(best.get(identity, -2.0), cosine)
    assert [hit.score for hit in hits] == pytest.approx(sorted(best.values(), reverse=True)[:limit], abs=1e-5)
    assert {hit.id: hit.score for hit in hits} == pytest.approx({hit.id: best[hit.id] for hit in hits}, abs=1e-5)
