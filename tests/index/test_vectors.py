from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.vectors import FloatMatrix, VectorIndex, unit_rows

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


def test_a_row_put_back_is_found_by_its_new_vector_only(index: VectorIndex) -> None:
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
    ids = data.draw(st.lists(st.integers(0, 2**40), min_size=count, max_size=count, unique=True), label="ids")
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


class TestSettled:
    """Rows in inverted lists, and what is changed afterwards."""

    @pytest.fixture
    def rows(self) -> FloatMatrix:
        """Two thousand rows in fifty clumps."""
        random = np.random.default_rng(4)
        clumps = random.normal(size=(50, 32))
        return unit_rows(
            (clumps[random.integers(0, 50, 2000)] + 0.3 * random.normal(size=(2000, 32))).astype(np.float32)
        )

    @pytest.fixture
    def settled(self, rows: FloatMatrix) -> VectorIndex:
        index = VectorIndex(32, exact_rows=100)
        index.add(rows, range(2000))
        assert index.should_settle
        return index.settled()

    def test_nearly_the_same_is_found(self, rows: FloatMatrix, settled: VectorIndex) -> None:
        exact = VectorIndex.of(rows, range(2000))
        shared = [
            len({hit.id for hit in exact.search(row, 10)} & {hit.id for hit in settled.search(row, 10)})
            for row in rows[:100]
        ]
        assert sum(shared) / 1000 >= 0.95
        assert len(settled) == 2000
        assert not settled.should_settle

    def test_scores_are_cosines_to_two_digits(self, rows: FloatMatrix, settled: VectorIndex) -> None:
        assert settled.cosines(rows[3], [3, 5]) == pytest.approx([1.0, float(rows[3] @ rows[5])], abs=0.02)
        assert settled.search(rows[3], 1)[0].score == pytest.approx(1.0, abs=0.02)

    def test_what_is_removed_is_passed_over_and_what_is_added_is_found(
        self, rows: FloatMatrix, settled: VectorIndex
    ) -> None:
        settled.remove([3, 4, 77_777])
        settled.add(-rows[3:4], [5000])
        assert settled.search(rows[3], 1)[0].id != 3
        assert settled.search(-rows[3], 1)[0].id == 5000
        assert settled.cosines(-rows[3], [5000, 5])[0] == pytest.approx(1.0)
        settled.remove([5000])
        assert settled.search(-rows[3], 1)[0].id != 5000

    def test_settling_again_keeps_what_is_there(self, rows: FloatMatrix, settled: VectorIndex) -> None:
        settled.remove(range(1000))
        settled.add(rows[:200], range(3000, 3200))
        assert settled.should_settle
        again = settled.settled()
        assert len(again) == 1200
        assert again.search(rows[7], 1)[0].id == 3007

    def test_a_saved_index_is_mapped_and_can_be_changed(
        self, rows: FloatMatrix, settled: VectorIndex, tmp_path: Path
    ) -> None:
        settled.save(tmp_path / "vectors.faiss")
        loaded = VectorIndex.load(tmp_path / "vectors.faiss", exact_rows=100)
        assert [hit.id for hit in loaded.search(rows[9], 5)] == [hit.id for hit in settled.search(rows[9], 5)]
        loaded.remove([9])
        loaded.add(rows[9:10], [9000])
        assert loaded.search(rows[9], 1)[0].id == 9000
