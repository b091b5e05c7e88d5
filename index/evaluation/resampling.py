"""How far a figure could lie off by the chance of which questions were asked."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

Row = TypeVar("Row")

ROUNDS = 200
_EACH_SIDE = 0.025


def intervals(
    rows: Sequence[Row], figures: Callable[[Sequence[Row]], Mapping[str, float]], rounds: int = ROUNDS
) -> dict[str, tuple[float, float]]:
    """The 95 % interval of each figure, by drawing the rows anew with replacement (Efron 1979).

    Always the same for the same rows: the draws begin from a fixed seed.
    """
    chance = random.Random(0)  # noqa: S311 - a sample, no secret
    drawn = [figures(chance.choices(rows, k=len(rows))) for _ in range(rounds)] if rows else []
    found = {}
    for name in drawn[0] if drawn else ():
        values = sorted(each[name] for each in drawn)
        last = len(values) - 1
        found[name] = (round(values[round(last * _EACH_SIDE)], 4), round(values[round(last * (1 - _EACH_SIDE))], 4))
    return found
