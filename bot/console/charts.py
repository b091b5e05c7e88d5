"""Charts as inline SVG: drawn on the server, looked after by classes in console.css, readable without any script.

A chart is always shown beside the table it is drawn from. Colour never stands alone: bars carry their numbers while
there is room, lines differ in dashes and marks too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

# In units of the drawing. It is as wide as a phone's screen, so that its letters are never scaled below their size.
_WIDTH, _HEIGHT = 340, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 6, 16, 22
_LETTER = 11
_ROW = 16
_ROW_OF_BAR = 34
_ROW_NUMBERS = 60
"""Room for the number at the end of a lying bar."""
_MOST_TICKS = 5
_MOST_NUMBERED = 12
_GAP = 0.25
"""Part of a bar's place that stays empty."""
MOST_LINES = 4
"""Series that can be told apart without colour."""
_MARKS = (
    "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0",  # circle
    "M-3 -3h6v6h-6z",  # square
    "M0 -4l4 7h-8z",  # triangle
    "M0 -4l4 4l-4 4l-4 -4z",  # diamond
)


def bars(title: str, points: Sequence[tuple[str, float]], *, unit: str = "") -> Markup:
    """A bar for each label and its value, which is 0 or more; `unit` is written after the numbers.

    Raises: ValueError, for a value below 0 or not finite.
    """
    ticks = round_ticks([value for _, value in points])
    place = (_WIDTH - _LEFT - _RIGHT) / max(1, len(points))
    parts = [_axis(ticks, unit)]
    for number, (label, value) in enumerate(points):
        x = _LEFT + place * (number + _GAP / 2)
        y = _height_of(value, ticks)
        parts.append(
            Markup(
                '<rect class="chart-bar" x="{x}" y="{y}" width="{width}" height="{height}"><title>{tip}</title></rect>'
            ).format(
                x=_short(x),
                y=_short(y),
                width=_short(place * (1 - _GAP)),
                height=_short(_floor() - y),
                tip=f"{label} {short_number(value)}{unit}",
            )
        )
        if len(points) <= _MOST_NUMBERED:
            parts.append(_text(x + place * (1 - _GAP) / 2, y - 3, short_number(value), "middle", "chart-number"))
    parts.extend(_labels([label for label, _ in points]))
    said = "; ".join(f"{label} {short_number(value)}{unit}" for label, value in points)
    return _drawing(title, said, _HEIGHT, parts)


def rows(title: str, points: Sequence[tuple[str, float]], *, unit: str = "") -> Markup:
    """Lying bars, each below its label, for labels too long to stand side by side.

    Raises: ValueError, for a value below 0 or not finite.
    """
    top = round_ticks([value for _, value in points])[-1]
    room = _WIDTH - _ROW_NUMBERS
    parts = []
    for number, (label, value) in enumerate(points):
        y = _ROW_OF_BAR * number
        parts.append(_text(0, y + _LETTER, _cut(label, _WIDTH), "start"))
        parts.append(
            Markup('<rect class="chart-bar" x="0" y="{y}" width="{width}" height="12"/>').format(
                y=y + _ROW, width=_short(room * value / top)
            )
        )
        parts.append(
            _text(room * value / top + 4, y + _ROW + 10, f"{short_number(value)}{unit}", "start", "chart-number")
        )
    said = "; ".join(f"{label} {short_number(value)}{unit}" for label, value in points)
    return _drawing(title, said, max(1, _ROW_OF_BAR * len(points)), parts)


def lines(title: str, series: Mapping[str, Sequence[float | None]], labels: Sequence[str], *, unit: str = "") -> Markup:
    """A line for each series over the same labels; None leaves a gap.

    Raises: ValueError, for more than `MOST_LINES` series, for one that is not as long as the labels, and for a value
    below 0 or not finite.
    """
    if len(series) > MOST_LINES:
        raise ValueError(f"At most {MOST_LINES} lines can be told apart, not {len(series)}.")
    if any(len(values) != len(labels) for values in series.values()):
        raise ValueError("Every series needs one value for each label.")
    ticks = round_ticks([value for values in series.values() for value in values if value is not None])
    place = (_WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    parts = [_axis(ticks, unit)]
    for number, (name, values) in enumerate(series.items()):
        spots = [
            None if value is None else (_LEFT + place * (position + 0.5), _height_of(value, ticks))
            for position, value in enumerate(values)
        ]
        parts.append(_line(number, spots))
        parts.append(_key(number, name))
    parts.extend(_labels(labels))
    return _drawing(title, _told(series, labels, unit), _HEIGHT + _ROW * len(series), parts)


def round_ticks(values: Sequence[float]) -> list[float]:
    """Round numbers from 0 to the greatest value or just above; whole ones when all values are whole."""
    if any(value < 0 or not math.isfinite(value) for value in values):
        raise ValueError("A chart shows finite values of 0 or more.")
    top = max(values, default=0) or 1
    rough = top / (_MOST_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    if step < 1 and all(value == int(value) for value in values):
        step = 1
    return [step * number for number in range(math.ceil(top / step - 1e-9) + 1)]


def _floor() -> int:
    return _HEIGHT - _BOTTOM


def _height_of(value: float, ticks: Sequence[float]) -> float:
    return _floor() - (_floor() - _TOP) * value / ticks[-1]


def _axis(ticks: Sequence[float], unit: str) -> Markup:
    drawn = [Markup("")]
    for tick in ticks:
        y = _height_of(tick, ticks)
        drawn.append(
            Markup('<path class="{look}" d="M{left} {y}H{right}"/>').format(
                look="chart-axis" if tick == 0 else "chart-grid", left=_LEFT, right=_WIDTH - _RIGHT, y=_short(y)
            )
        )
        drawn.append(_text(_LEFT - 4, y + 4, short_number(tick), "end"))
    if unit:
        drawn.append(_text(2, _LETTER - 1, unit, "start"))
    return Markup("").join(drawn)


def _labels(labels: Sequence[str]) -> Iterator[Markup]:
    """What stands below: every label, or only each n-th where they would touch; a long one is cut."""
    place = (_WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    widest = min(max((_width(label) for label in labels), default=0.0), 80.0)
    every = max(1, math.ceil((widest + 6) / place))
    room = place * every - 2
    for number in range(0, len(labels), every):
        # The one at either end leans inwards, so that nothing is cut off.
        middle = _LEFT + place * (number + 0.5)
        text = _cut(labels[number], room)
        half = _width(text) / 2
        yield _text(min(max(middle, half), _WIDTH - half), _HEIGHT - 6, text, "middle")


def _line(number: int, spots: Sequence[tuple[float, float] | None]) -> Markup:
    path, pen_down = [], False
    for spot in spots:
        if spot is not None:
            path.append(f"{'L' if pen_down else 'M'}{_short(spot[0])} {_short(spot[1])}")
        pen_down = spot is not None
    line = Markup('<path class="chart-line chart-line-{number}" d="{path}"/>').format(
        number=number + 1, path="".join(path)
    )
    marks = [_mark(number, *spot) for spot in spots if spot is not None]
    return line + Markup("").join(marks)


def _mark(number: int, x: float, y: float) -> Markup:
    return Markup('<path class="chart-mark chart-mark-{number}" transform="translate({x} {y})" d="{shape}"/>').format(
        number=number + 1, x=_short(x), y=_short(y), shape=_MARKS[number]
    )


def _key(number: int, name: str) -> Markup:
    """Which line is which, below the drawing."""
    y = _HEIGHT + _ROW * number + _ROW / 2
    sample = _line(number, [(_LEFT, y), (_LEFT + 15.0, y), (_LEFT + 30.0, y)])
    return sample + _text(_LEFT + 38, y + 4, _cut(name, _WIDTH - _LEFT - 40), "start")


def _told(series: Mapping[str, Sequence[float | None]], labels: Sequence[str], unit: str) -> str:
    return ". ".join(
        f"{name}: "
        + "; ".join(
            f"{label} {'—' if value is None else short_number(value) + unit}"
            for label, value in zip(labels, values, strict=True)
        )
        for name, values in series.items()
    )


def _drawing(title: str, description: str, height: int, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="chart" role="img" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">'
        "<title>{title}</title><desc>{description}</desc>{parts}</svg>"
    ).format(width=_WIDTH, height=height, title=title, description=description, parts=Markup("").join(parts))


def _text(x: float, y: float, text: str, anchor: str, look: str = "chart-text") -> Markup:
    return Markup('<text class="{look}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>').format(
        look=look, x=_short(x), y=_short(y), anchor=anchor, text=text
    )


def _width(text: str) -> float:
    """About how wide a text is: a Chinese character is as wide as it is high, a Latin one about 0.6 of that."""
    return sum(_LETTER if ord(letter) > 0x2E7F else _LETTER * 0.6 for letter in text)


def _cut(text: str, room: float) -> str:
    if _width(text) <= room:
        return text
    while text and _width(text) + _LETTER > room:
        text = text[:-1]
    return f"{text}…"


def short_number(value: float) -> str:
    """A number as it is written at an axis or a bar: 12000 as 12k, at most two decimals."""
    if value >= 10_000:
        return f"{value / 1000:.4g}k" if value < 1_000_000 else f"{value / 1_000_000:.4g}M"
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _short(length: float) -> str:
    return f"{length:.2f}".rstrip("0").rstrip(".")
