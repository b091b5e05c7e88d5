"""How far a figure could lie off by the chance of which questions were asked."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

Row = TypeVar("Row")

ROUNDS = 200
_EACH_SIDE = 0.025


def intervals(
    rows: Sequence[Row], figures: Callable[[Sequence[Row]], Mapping[str, float]], rounds: int = ROUNDS
) -> dict[str, tuple[float, float] | None]:
    """The 95 % interval of each figure, by drawing the rows anew with replacement (Efron 1979).

    Always the same for the same rows: the draws begin from a fixed seed. Draws in which a figure could not be measured,
    and is absent or not a number, do not count; none where it never could.
    """
    chance = random.Random(0)  # noqa: S311 - a sample, no secret
    drawn = [figures(chance.choices(rows, k=len(rows))) for _ in range(rounds)] if rows else []
    names = figures(rows) if rows else ()
    return {name: _middle([each.get(name, math.nan) for each in drawn]) for name in names}


def _middle(values: Sequence[float]) -> tuple[float, float] | None:
    ordered = sorted(value for value in values if not math.isnan(value))
    if not ordered:
        return None
    last = len(ordered) - 1
    return round(ordered[round(last * _EACH_SIDE)], 4), round(ordered[round(last * (1 - _EACH_SIDE))], 4)
