from __future__ import annotations

import math

import pytest

from index.evaluation import area_under_curve, evaluate_pairs
from index.vector_cache import CachedEncoder
from tests.fakes import HashingEncoder

WATER = "水厂进了农药不能喝水"


@pytest.mark.parametrize(
    ("scores", "labels", "area"),
    [
        ([0.1, 0.4, 0.35, 0.8], [False, False, True, True], 0.75),
        ([1.0, 2.0], [False, True], 1.0),
        ([1.0, 2.0], [True, False], 0.0),
        ([0.5, 0.5, 0.5], [True, False, True], 0.5),
    ],
)
def test_area_under_curve_counts_pairs_in_the_right_order(scores: list[float], labels: list[bool], area: float) -> None:
    assert area_under_curve(scores, labels) == pytest.approx(area)


def test_labels_all_alike_have_no_area() -> None:
    assert math.isnan(area_under_curve([0.1, 0.9], [True, True]))
    figures = evaluate_pairs(CachedEncoder(HashingEncoder(), None), [(WATER, WATER, True)], 0.5)
    assert (figures["auc"], figures["f1"], figures["interval"]["auc"]) == (None, 1.0, None)
    assert figures["words"] == {"auc": None}


def test_pairs_that_say_the_same_score_above_those_that_do_not() -> None:
    rows = [(WATER, WATER, True), (WATER, "明天下午停电三小时", False)]
    figures = evaluate_pairs(CachedEncoder(HashingEncoder(), None), rows, 0.5)
    assert (figures["n"], figures["auc"], figures["f1"], figures["misses"]) == (2, 1.0, 1.0, [])
    assert (figures["words"], figures["dense"]) == ({"auc": 1.0}, {"auc": 1.0})


def test_the_wrong_judgements_are_told() -> None:
    figures = evaluate_pairs(CachedEncoder(HashingEncoder(), None), [(WATER, WATER, False)], 0.5)
    assert figures["misses"] == [{"a": WATER, "b": WATER, "same": False, "chance": 1.0}]
