from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from index.evaluation.resampling import intervals


def share(rows: Sequence[bool]) -> dict[str, float]:
    return {"share": sum(rows) / len(rows)}


def test_the_interval_is_about_two_standard_errors_wide_on_either_side() -> None:
    rows = [True] * 300 + [False] * 100
    interval = intervals(rows, share, rounds=1000)["share"]
    error = (0.75 * 0.25 / 400) ** 0.5
    assert interval == pytest.approx((0.75 - 1.96 * error, 0.75 + 1.96 * error), abs=0.006)


def test_the_same_rows_give_the_same_interval() -> None:
    rows = [True, False, True]
    assert intervals(rows, share) == intervals(rows, share)


def test_what_never_differs_has_no_width() -> None:
    assert intervals([True] * 9, share) == {"share": (1.0, 1.0)}


def test_draws_in_which_nothing_can_be_measured_do_not_count() -> None:
    def right_of_sure(rows: Sequence[tuple[bool, bool]]) -> dict[str, float]:
        sure = [right for is_sure, right in rows if is_sure]
        return {"precision": sum(sure) / len(sure) if sure else math.nan, **({"recall": 1.0} if sure else {})}

    rows = [(True, True), (False, False), (False, False)]
    assert intervals(rows, right_of_sure) == {"precision": (1.0, 1.0), "recall": (1.0, 1.0)}
    assert intervals(rows[1:], right_of_sure) == {"precision": None}


def test_no_rows_have_no_interval() -> None:
    assert intervals([], share) == {}
