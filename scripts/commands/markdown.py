"""The figures of an evaluation as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_BESIDE = ("words", "dense")
"""Baselines, each with the same figures as ours or some of them."""
_FIGURE = (int, float, type(None))
_NOTHING = "–"
"""A figure that could not be measured, and whatever else is none."""


def markdown(figures: Mapping[str, Any]) -> Iterator[str]:
    """A row for each figure: ours, its 95 % interval, and the baselines; then every table inside."""
    beside = [way for way in _BESIDE if way in figures]
    interval: Mapping[str, Sequence[float]] = figures.get("interval", {})
    yield from _head(["figure", "ours", "95 % interval", *(f"{way} alone" for way in beside)])
    for name, value in figures.items():
        if isinstance(value, _FIGURE):
            low_and_high = "{} to {}".format(*interval[name]) if interval.get(name) else ""
            yield _row([name, value, low_and_high, *(figures[way].get(name, "") for way in beside)])
    for name, value in figures.items():
        if name not in (*_BESIDE, "interval") and not isinstance(value, _FIGURE):
            yield ""
            yield f"**{name}**"
            yield ""
            yield from side_by_side(value if isinstance(value, list) else _labelled(value))


def side_by_side(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Rows with the same names as one table."""
    if not rows:
        return
    names = list(dict.fromkeys(name for row in rows for name in row))
    yield from _head(names)
    for row in rows:
        yield _row([row.get(name, "") for name in names])


def _labelled(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [{"": name, **(value if isinstance(value, Mapping) else {"value": value})} for name, value in values.items()]


def _head(names: Sequence[str]) -> Iterator[str]:
    yield _row(names)
    yield "|" + "---|" * len(names)


def _row(values: Sequence[Any]) -> str:
    said = (_NOTHING if value is None else str(value) for value in values)
    cells = (value.replace("|", "\\|").replace("\n", " ") for value in said)
    return "| " + " | ".join(cells) + " |"
