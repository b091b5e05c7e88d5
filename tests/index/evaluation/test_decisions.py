"""The figures of a decision, against values worked out by hand."""

from __future__ import annotations

import pytest

from index.decision import Bands
from index.evaluation import Judged, Questions, coverage_at, evaluate_decisions, judge
from index.evaluation.decisions import calibration_error, misjudged, reliability, summary
from index.passages import Document
from index.search import Searcher
from index.vector_cache import CachedEncoder
from knowledge.models import Band
from tests.fakes import HashingEncoder


def judged(probability: float, *, right: bool, answerable: bool = True) -> Judged:
    band = Band.SURE if probability >= 0.9 else Band.AMBIGUOUS if probability >= 0.5 else Band.UNKNOWN
    return Judged(probability, band, right, answerable)


def test_coverage_and_precision_are_those_of_what_was_sure() -> None:
    rows = [
        judged(0.99, right=True),
        judged(0.95, right=True),
        judged(0.92, right=False),
        judged(0.60, right=True),
        judged(0.10, right=False, answerable=False),
    ]
    figures = summary(rows)
    assert (figures["n"], figures["answerable"]) == (5, 4)
    assert (figures["coverage"], figures["precision"]) == (0.5, round(2 / 3, 4))
    assert (figures["ambiguous"], figures["unknown"]) == (1, 1)


def test_coverage_at_a_precision_takes_the_lowest_threshold_that_is_right_often_enough() -> None:
    rows = [judged(0.9 - step / 100, right=step != 2) for step in range(10)]  # the third best is wrong
    assert coverage_at(0.95, rows) == 2 / 10
    assert coverage_at(0.90, rows) == 9 / 10
    assert coverage_at(1.01, rows) == 0


@pytest.mark.parametrize("rights", [(True, False), (False, True)])
def test_equal_chances_are_answered_together_or_not_at_all(rights: tuple[bool, bool]) -> None:
    rows = [judged(0.7, right=right) for right in rights for _ in range(5)]
    assert coverage_at(0.95, rows) == 0
    assert coverage_at(0.5, rows) == 0.5


def test_nothing_is_no_share_of_nothing() -> None:
    figures = summary([judged(0.6, right=False, answerable=False)])
    assert (figures["coverage"], figures["precision"], figures["coverage_at_95"]) == (None, None, None)


def test_a_wrong_sure_is_worse_than_a_needless_not_sure_and_a_right_refusal_is_neither() -> None:
    rows = [
        judged(0.95, right=True),
        judged(0.60, right=True),
        judged(0.80, right=False),
        judged(0.91, right=False),
        judged(0.10, right=False, answerable=False),
        judged(0.20, right=True),
        judged(0.99, right=False, answerable=False),
    ]
    assert [each.probability for each in misjudged(rows)] == [0.99, 0.91, 0.20, 0.60]


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    rows = [judged(0.75, right=True), judged(0.75, right=False), judged(0.25, right=False), judged(1.0, right=True)]
    assert calibration_error(rows) == pytest.approx((abs(1.5 - 1) + 0.25 + 0) / 4)


def questions() -> Questions:
    titles = {1: "喝白酒能杀死病毒吗", 2: "隔夜菜还能吃吗", 3: "地震了跑还是躲", 4: "狗咬了要打针吗"}
    documents = tuple(Document(number, title) for number, title in titles.items())
    texts = {str(number): title for number, title in titles.items()}
    return Questions(documents, texts, {str(number): frozenset({number}) for number in titles})


def searcher_of(asked: Questions, bands: Bands | None = None) -> Searcher:
    searcher = Searcher(CachedEncoder(HashingEncoder(), None), bands)
    searcher.replace({document.id: document for document in asked.documents})
    return searcher


def test_hidden_answers_cannot_be_found_and_are_put_back() -> None:
    asked = questions()
    searcher = searcher_of(asked)
    rows = judge(searcher, asked, drop_gold=0.5, seed=3)["ours"]
    assert [row.answerable for row in rows].count(False) == 2
    assert all(row.right == row.answerable for row in rows)
    assert len(searcher) == 4


def test_as_many_unanswerable_questions_are_asked_as_answerable_ones() -> None:
    asked = questions()
    missing = {str(number): f"没人答得了{number}" for number in range(9)}
    rows = judge(searcher_of(asked), asked, unanswerable=missing)["ours"]
    assert len(rows) == 8
    assert sum(row.answerable for row in rows) == 4


def test_the_curve_says_what_the_bins_hold() -> None:
    rows = [judged(0.75, right=True), judged(0.71, right=False), judged(1.0, right=True)]
    assert reliability(rows) == [
        {"n": 2, "probability": 0.73, "right": 0.5},
        {"n": 1, "probability": 1.0, "right": 1.0},
    ]


def test_ours_stands_beside_the_baselines_with_its_mistakes() -> None:
    asked = questions()
    figures = evaluate_decisions(searcher_of(asked), asked, drop_gold=0.5, seed=3)
    assert (figures["n"], figures["answerable"]) == (4, 2)
    assert {way: set(figures[way]) for way in ("words", "dense")} == {
        "words": {"coverage_at_95"},
        "dense": {"coverage_at_95"},
    }
    assert set(figures["interval"]) == {"coverage", "precision", "ece", "coverage_at_95"}
    assert (figures["qrels_ignored"], figures["queries_ignored"]) == (0, 0)
    assert figures["misses"] == []


def test_a_mistake_is_told_with_what_was_wanted_and_what_was_decided() -> None:
    asked = questions()
    never_sure = searcher_of(asked, Bands(sure=2.0))
    first, *_ = evaluate_decisions(never_sure, asked, drop_gold=0.5, seed=3)["misses"]
    assert first["question"] == first["wanted"] == first["found"]
    assert (first["band"], first["vetoed"], first["answerable"]) == ("ambiguous", False, True)
