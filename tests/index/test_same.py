"""Whether two claims are the same: what is counted, and what is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from index.late import Tokens
from index.same import Claim, same_claims
from index.variants import fold
from index.vector_cache import CachedEncoder
from index.vectors import FloatVector
from tests.fakes import HashingEncoder

WELL = "詹家镇自来水厂被人投了毒，三天之内不要喝自来水，转给家人"


class Reader(CachedEncoder):
    """Reads claims as told, and remembers how many it had to."""

    def __init__(self, odds: Sequence[float] | None) -> None:
        super().__init__(HashingEncoder(), None)
        self.odds = odds
        self.read: list[int] = []

    def compare_claims(self, claim: Tokens, others: Sequence[Tokens]) -> FloatVector | None:
        self.read.append(len(others))
        return None if self.odds is None else np.array(self.odds[: len(others)], dtype=np.float32)


def claims(*texts: str) -> list[Claim]:
    folded = [fold(text) for text in texts]
    encoded = HashingEncoder().encode_queries(folded)
    return [Claim.of(*row) for row in zip(folded, encoded.vectors, encoded.tokens, strict=True)]


def chances(reader: Reader, text: str, *others: str) -> list[float]:
    claim, *rest = claims(text, *others)
    return same_claims(reader, claim, rest)


LIKE_IT = ("詹家镇自来水厂被人投毒，不要喝自来水", "自来水厂被投毒，三天之内不要喝", "三天不要喝自来水", "自来水厂招工")


def test_the_likeliest_are_read_and_nothing_else_is_likelier() -> None:
    reader = Reader([-20.0, -20.0])
    found = chances(reader, WELL, *LIKE_IT)
    assert reader.read == [2]
    assert max(found) < 0.05

    *others, likeliest = sorted(chances(Reader([30.0, -30.0]), WELL, *LIKE_IT))
    assert likeliest > 0.5 > max(others)


def test_a_copy_needs_no_reading() -> None:
    reader = Reader([-20.0])
    assert chances(reader, WELL, f"{WELL}！！", *LIKE_IT)[0] == 1.0
    assert reader.read == []


POWER_CUT = "供电所通知：8月5日早上8点到下午6点詹家镇全镇停电检修，请大家提前备好水和蜡烛，互相转告"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (WELL, WELL.replace("三天", "五天")),
        (WELL, WELL.replace("詹家镇", "许家镇")),
        (POWER_CUT, POWER_CUT.replace("5日", "9日")),
        (POWER_CUT, POWER_CUT.replace("供电所", "武汉").replace("通知", "来信")),
    ],
)
def test_a_copy_with_another_day_or_place_is_read(text: str, other: str) -> None:
    reader = Reader([-20.0])
    assert chances(reader, text, other)[0] < 0.5
    assert reader.read == [1]


def test_nothing_is_read_where_it_is_hopeless() -> None:
    reader = Reader([9.0, 9.0])
    assert max(chances(reader, WELL, "大蒜能不能治糖尿病", "明天有没有集市")) < 0.05
    assert reader.read == []


def test_an_encoder_that_cannot_read_leaves_what_was_counted() -> None:
    reader = Reader(None)
    found = chances(reader, WELL, *LIKE_IT)
    assert reader.read == [2]
    assert found[0] > found[-1]


def test_nothing_is_the_same_where_there_is_nothing() -> None:
    assert chances(Reader([]), WELL) == []
