"""A rumour's trend is worth its sightings, halved with every half-life, whenever they are counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import trend
from knowledge.trend import HALF_LIFE
from tests.factories import NOON

_AGES = st.lists(st.timedeltas(timedelta(0), timedelta(days=30)), min_size=1, max_size=30)


def test_one_sighting_is_worth_one_now_and_half_a_half_life_later() -> None:
    assert trend.weight(trend.of_sighting(NOON), NOON) == pytest.approx(1)
    assert trend.weight(trend.of_sighting(NOON), NOON + HALF_LIFE) == pytest.approx(0.5)


@given(_AGES)
def test_it_is_the_sum_of_what_each_sighting_is_still_worth(ages: list[timedelta]) -> None:
    together = trend.of_sighting(NOON - ages[0])
    for age in ages[1:]:
        together = trend.together(together, trend.of_sighting(NOON - age))
    assert trend.weight(together, NOON) == pytest.approx(sum(0.5 ** (age / HALF_LIFE) for age in ages))


def test_three_today_are_hotter_than_ten_two_weeks_ago_also_next_month() -> None:
    def seen(times: int, days_ago: int) -> float:
        one = trend.of_sighting(NOON - timedelta(days=days_ago))
        hot = one
        for _ in range(times - 1):
            hot = trend.together(hot, one)
        return hot

    assert seen(3, 0) > seen(10, 14)
    later = NOON + timedelta(days=30)
    assert trend.weight(seen(3, 0), later) > trend.weight(seen(10, 14), later)
