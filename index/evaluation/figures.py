"""What a figure is where nothing could be measured: not a number while it is worked with, none where it is told."""

from __future__ import annotations

import math
from collections.abc import Mapping


def share(part: float, whole: float) -> float:
    """The part of a whole; not a number where there is no whole."""
    return part / whole if whole else math.nan


def rounded(value: float) -> float | None:
    """To four places; none for what is not a number, which JSON does not know either."""
    return None if math.isnan(value) else round(value, 4)


def told(figures: Mapping[str, float]) -> dict[str, float | None]:
    """All of them rounded."""
    return {name: rounded(value) for name, value in figures.items()}
