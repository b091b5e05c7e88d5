"""One score from several that have no common scale, by standardising each over the candidates of one query."""

from __future__ import annotations

import math
from collections.abc import Sequence


def fused(scores: Sequence[tuple[Sequence[float], Sequence[float]]]) -> list[float]:
    """The weighted sum of standardised scores: (a weight, a value for each candidate) in, one value each out."""
    columns = [
        [weight * value for weight, value in zip(weights, standardised(values), strict=True)]
        for weights, values in scores
    ]
    return [sum(row) for row in zip(*columns, strict=True)]


def standardised(values: Sequence[float]) -> list[float]:
    """Values less their mean, in standard deviations; all 0 where they do not differ."""
    mean, spread = mean_and_spread(values)
    return [(value - mean) / spread if spread > 1e-9 else 0.0 for value in values]


def mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation; the standard library's own is exact and a hundred times slower."""
    if not values:
        return 0.0, 0.0
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
