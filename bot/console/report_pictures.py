"""The report's charts as PNG, for the Word file. Black on white, told apart by dashes and marks when printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from bot.channels.pages.fonts import Font
from bot.console.charts import round_ticks, short_number

_WIDTH = 1200
_LETTER = 26
_ROW = 64
_BAR = 24
_NUMBERS = 160
"""Room for the number at the end of a bar."""
_PLOT = 420
_LEFT = 110
_INK, _SOFT, _PAPER = "#231d15", "#b8b0a2", "#ffffff"
_COLOURS = ("#0d5048", "#0b4a6f", "#b34700", "#8f1a12")
_DASHES = ((1, 0), (18, 9), (6, 9), (24, 6))
"""Pixels drawn and left out; none left out is a whole line."""

_Spot = tuple[float, float]


class Pictures:
    """Draws with a font that has Chinese characters."""

    def __init__(self, font: Font) -> None:
        """Raises: OSError, when the font cannot be read."""
        self._font = ImageFont.truetype(str(font.regular.path), _LETTER, index=font.regular.number)

    def rows(self, points: Sequence[tuple[str, float]]) -> bytes:
        """A lying bar for each label and value, as PNG."""
        top = max((value for _, value in points), default=0) or 1
        image, draw = _sheet(_ROW * max(1, len(points)) + 8)
        for number, (label, value) in enumerate(points):
            y = _ROW * number
            length = (_WIDTH - _NUMBERS) * value / top
            draw.text((0, y), label, _INK, self._font)
            draw.rectangle((0, y + 35, length, y + 35 + _BAR), _COLOURS[0])
            draw.text((length + 10, y + 31), f"{value:,.0f}", _INK, self._font)
        return _png(image)

    def lines(self, series: Mapping[str, Sequence[float | None]], labels: Sequence[str]) -> bytes:
        """A line for each series, at most four, as PNG."""
        image, draw = _sheet(_PLOT + 60 + 40 * len(series))
        ticks = round_ticks([value for values in series.values() for value in values if value is not None])
        top = ticks[-1]
        for tick in ticks:
            y = _height(tick, top)
            draw.line((_LEFT, y, _WIDTH, y), _SOFT)
            draw.text((_LEFT - 12, y), short_number(tick), _INK, self._font, anchor="rm")
        place = (_WIDTH - _LEFT) / max(1, len(labels))
        every = max(1, -(-90 * len(labels) // (_WIDTH - _LEFT)))
        for number in range(0, len(labels), every):
            draw.text((_LEFT + place * (number + 0.5), _PLOT + 10), labels[number], _INK, self._font, anchor="mt")
        for number, (name, values) in enumerate(series.items()):
            spots = [
                None if value is None else (_LEFT + place * (position + 0.5), _height(value, top))
                for position, value in enumerate(values)
            ]
            _line(draw, number, spots)
            y = _PLOT + 70 + 40 * number
            _line(draw, number, [(_LEFT, y), (_LEFT + 100, y)])
            draw.text((_LEFT + 120, y), name, _INK, self._font, anchor="lm")
        return _png(image)


def _sheet(height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (_WIDTH, height), _PAPER)
    return image, ImageDraw.Draw(image)


def _height(value: float, top: float) -> float:
    return _PLOT - (_PLOT - 30) * value / top


def _line(draw: ImageDraw.ImageDraw, number: int, spots: Sequence[_Spot | None]) -> None:
    for one, other in pairwise(spots):
        if one is not None and other is not None:
            _dashed(draw, one, other, number)
    for spot in spots:
        if spot is not None:
            _mark(draw, spot, number)


def _dashed(draw: ImageDraw.ImageDraw, one: _Spot, other: _Spot, number: int) -> None:
    length = max(1.0, ((other[0] - one[0]) ** 2 + (other[1] - one[1]) ** 2) ** 0.5)
    on, off = _DASHES[number] if _DASHES[number][1] else (length, 0)

    def along(part: float) -> _Spot:
        return one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part

    begin = 0.0
    while begin < length:
        draw.line((*along(begin / length), *along(min(begin + on, length) / length)), _COLOURS[number], 4)
        begin += on + off


def _mark(draw: ImageDraw.ImageDraw, spot: _Spot, number: int) -> None:
    """A disc, square, triangle or diamond: the corners of a polygon tell the lines apart in print."""
    draw.regular_polygon((*spot, 9), (20, 4, 3, 4)[number], 45 if number == 3 else 0, _COLOURS[number])


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
