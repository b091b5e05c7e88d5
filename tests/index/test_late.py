from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.late import Tokens, closeness, read
from index.vectors import FloatMatrix

EAST, NORTH = (1.0, 0.0), (0.0, 1.0)
NORTH_EAST = (3.0, 3.0)


def tokens(*rows: tuple[float, float]) -> Tokens:
    """Tokens that point these ways."""
    return Tokens.of(np.array(rows, dtype=np.float32).reshape(-1, 2), range(len(rows)))


def test_each_token_is_as_close_as_its_nearest_counterpart() -> None:
    closest = closeness(tokens(EAST, NORTH), tokens(EAST, EAST, NORTH_EAST), [2, 1, 0])
    assert closest == pytest.approx(np.array([[1, 0], [0.707, 0.707], [0, 0]]), abs=0.01)


def test_nothing_is_close_to_nothing() -> None:
    assert closeness(tokens(EAST), tokens(), []).shape == (0, 1)
    assert closeness(tokens(), tokens(EAST), [1]).shape == (1, 0)
    covered, uncovered = read(np.zeros(0, dtype=np.float32), np.zeros((1, 0), dtype=np.float32))
    assert (covered.tolist(), uncovered.tolist()) == ([0.0], [1.0])


def test_rare_tokens_count_more() -> None:
    closest = np.array([[1.0, 0.2]], dtype=np.float32)
    assert read(np.array([3, 1], dtype=np.float32), closest)[0] == pytest.approx(0.8)
    assert read(np.array([1, 3], dtype=np.float32), closest)[0] == pytest.approx(0.4)


def test_what_is_left_over_is_the_farthest_quarter_of_the_weight() -> None:
    closest = np.array([[1.0, 1.0, 1.0, 0.4], [0.8, 0.8, 0.8, 0.8]], dtype=np.float32)
    _, even = read(np.ones(4, dtype=np.float32), closest)
    assert even == pytest.approx([0.6, 0.2])
    _, half = read(np.array([1, 1], dtype=np.float32), np.array([[0.9, 0.1]], dtype=np.float32))
    assert half[0] == pytest.approx(0.9)  # a heavier token fills the quarter alone


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), max_size=20))
def test_bytes_and_back(rows: list[tuple[float, float]]) -> None:
    before = tokens(*rows)
    after = Tokens.from_bytes(before.to_bytes(), 2)
    assert np.array_equal(before.directions, after.directions)
    assert np.array_equal(before.ids, after.ids)


def test_directions_keep_two_digits() -> None:
    random = np.random.default_rng(1)
    vectors: FloatMatrix = random.normal(size=(50, 64)).astype(np.float32)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    kept = Tokens.of(vectors, range(50)).directions / 127
    assert np.abs((kept * units).sum(axis=1) - 1).max() < 0.01
