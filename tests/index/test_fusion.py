from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import fused, standardised


def test_values_are_counted_in_standard_deviations_from_their_mean() -> None:
    assert standardised([0.0, 10.0, 2.0]) == pytest.approx([value / math.sqrt(56 / 3) for value in (-4, 6, -2)])


def test_values_that_do_not_differ_say_nothing() -> None:
    assert standardised([0.3, 0.3, 0.3]) == [0.0, 0.0, 0.0]
    assert standardised([7.0]) == [0.0]
    assert standardised([]) == []


def test_standardised_scores_are_added_by_their_weights() -> None:
    added = fused([([1.0] * 3, [0.9, 0.5, 0.1]), ([0.5, 0.5, 1.0], [0.0, 10.0, 2.0])])
    spread = math.sqrt(56 / 3)
    assert added == pytest.approx([math.sqrt(1.5) - 2 / spread, 3 / spread, -math.sqrt(1.5) - 2 / spread])


def test_a_lighter_score_decides_between_equals_and_does_not_outweigh_the_others() -> None:
    equals = fused([([1.0] * 3, [0.50, 0.49, 0.10]), ([0.3] * 3, [3.0, 9.0, 1.0])])
    assert max(equals) == equals[1]
    clear = fused([([1.0] * 3, [0.80, 0.20, 0.10]), ([0.3] * 3, [0.0, 9.0, 0.0])])
    assert max(clear) == clear[0]


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), max_size=30))
def test_every_candidate_gets_a_finite_score(rows: list[tuple[float, float]]) -> None:
    scores = fused([([1.0] * len(rows), [row[0] for row in rows]), ([0.3] * len(rows), [row[1] for row in rows])])
    assert len(scores) == len(rows)
    assert all(map(math.isfinite, scores))
