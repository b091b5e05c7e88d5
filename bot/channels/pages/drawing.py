"""Draw a sheet: one A4 page to print, with a code that leads to the whole article."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import segno
from fpdf import FPDF
from fpdf.fonts import TTFFont

from bot.channels.pages.fonts import Font, FontUnusable
from bot.channels.pages.linebreak import wrapped
from bot.channels.pages.sheet import Sheet

_WIDTH, _HEIGHT, _MARGIN = 210.0, 297.0, 16.0
_INNER = _WIDTH - 2 * _MARGIN
_BAND = 36.0
_QR = 40.0
_FOOT_TOP = _HEIGHT - 12.0 - _QR - 12.0
_PADDING = 5.0
_GAP = 6.0
_POINT = 25.4 / 72
"""Lengths are in millimetres, sizes of letters in points."""
_LINE = 1.42
"""From one line to the next, in sizes of the letters."""
_LARGEST, _SMALLEST = 1.2, 0.55
"""How far letters may grow to fill the page, and shrink to stay on one; past that, a second page is better than what
nobody can read."""
_REFERENCE = 100.0


class Colour(NamedTuple):
    """Red, green and blue, 0 to 255."""

    red: int
    green: int
    blue: int


_INK, _SOFT, _PAPER = Colour(30, 26, 20), Colour(80, 72, 60), Colour(255, 255, 255)
_ALARM, _BRAND = Colour(143, 26, 18), Colour(13, 80, 72)
_TONES = {
    "true": Colour(36, 104, 53),
    "false": Colour(179, 38, 30),
    "misleading": Colour(148, 96, 0),
    "unproven": Colour(60, 88, 114),
    "scam": Colour(143, 26, 18),
}


def draw(sheet: Sheet, font: Font) -> bytes:
    """The sheet as a PDF with just the letters it needs in it. Takes about a second: not for the event loop.

    Raises: FontUnusable.
    """
    return _Drawing(sheet, font).finished()


@contextmanager
def _unusable(font: Font) -> Iterator[None]:
    """Say that it is the font's fault: a damaged one fails in its reader's own many ways."""
    try:
        yield
    except Exception as error:
        raise FontUnusable(f"{font.regular.path}: {type(error).__name__}") from error


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of text under the one before it."""

    text: str
    size: float
    bold: bool = False
    colour: Colour = _INK
    label: str = ""
    """What stands to its left: the number of a step."""
    before: float = 6.0
    """Millimetres of space above."""
    frame: Colour | None = None
    """The line around it, if any."""


class _Drawing:
    """One sheet while it is drawn."""

    def __init__(self, sheet: Sheet, font: Font) -> None:
        self.sheet = sheet
        self.colour = _TONES.get(sheet.tone, _BRAND)
        self.scale = _LARGEST
        self.pdf = FPDF(format="A4")
        self.pdf.set_auto_page_break(False)
        self.pdf.set_title(sheet.title)
        self.pdf.set_author(sheet.site)
        self.pdf.set_lang(sheet.language)
        self.pdf.set_creation_date(sheet.made_of)
        self.font = font
        with _unusable(font):
            for style, face in (("", font.regular), ("B", font.bold)):
                self.pdf.add_font("sheet", style, str(face.path), collection_font_number=face.number)
        self._widths: dict[tuple[str, bool], float] = {}
        if len(self._drawable(sheet.title)) * 2 < len(sheet.title):
            raise FontUnusable(f"{font.regular.path} has no Chinese characters")

    def finished(self) -> bytes:
        """Draw everything, as large as fits on one page."""
        parts = self._parts()
        bottom = _FOOT_TOP - _GAP
        while sum(map(self._height, parts)) > bottom - _BAND and self.scale > _SMALLEST:
            self.scale -= 0.05
        self.pdf.add_page()
        self._head()
        self._foot()
        y = _BAND
        for part in parts:
            if y + self._height(part) > bottom:
                self.pdf.add_page()
                y, bottom = 0.0, _HEIGHT - _MARGIN
            self._draw(part, y)
            y += self._height(part)
        with _unusable(self.font):  # only now are the letters taken out of it
            return bytes(self.pdf.output())

    def _parts(self) -> list[_Part]:
        sheet = self.sheet
        parts = [_Part(sheet.title, 36, bold=True, before=10)]
        if sheet.hook:
            parts.append(_Part(sheet.hook, 17, colour=_SOFT))
        parts.append(_Part(sheet.answer, 26, bold=True, colour=self.colour, before=8))
        if sheet.regions:
            parts.append(_Part(sheet.regions, 17, bold=True))
        parts.append(_Part(sheet.steps_label, 20, bold=True, before=10))
        parts += [_Part(step, 23, label=f"{number}", before=4) for number, step in enumerate(sheet.steps, start=1)]
        if sheet.call:
            parts.append(_Part(sheet.call, 25, bold=True, colour=_ALARM, before=10, frame=_ALARM))
        return parts

    def _head(self) -> None:
        pdf = self.pdf
        pdf.set_fill_color(*self.colour)
        pdf.rect(0, 0, _WIDTH, _BAND, style="F")
        left = _MARGIN
        if self.sheet.tone in _TONES:
            self._mark(left + 11, _BAND / 2, 11)
            left += 30
        end = _WIDTH - _MARGIN
        for text, y in ((self.sheet.site, _BAND / 2 - 2), (self.sheet.notice, _BAND / 2 + 8)):
            line = "".join(self._shortened(text, 18, _INNER / 2, 1, bold=True))
            start = _WIDTH - _MARGIN - self._width(line, True) * 18
            self._write(line, start, y, 18, bold=True, colour=_PAPER)
            end = min(end, start - _GAP)
        size = min(46.0, (end - left) / (self._width(self.sheet.verdict, True) or 1.0))
        self._write(self.sheet.verdict, left, _BAND / 2 + 6 * size / 46, size, bold=True, colour=_PAPER)

    def _mark(self, x: float, y: float, radius: float) -> None:
        """The verdict as a drawing: fonts have no tick or cross that can be relied on."""
        pdf, half = self.pdf, radius * 0.45
        pdf.set_fill_color(*_PAPER)
        pdf.circle(x, y, radius, style="F")
        pdf.set_draw_color(*self.colour)
        pdf.set_line_width(radius * 0.22)
        if self.sheet.tone == "false":
            pdf.line(x - half, y - half, x + half, y + half)
            pdf.line(x - half, y + half, x + half, y - half)
        elif self.sheet.tone == "true":
            pdf.polyline([(x - half, y), (x - half * 0.3, y + half * 0.8), (x + half * 1.1, y - half * 0.8)])
        else:
            sign = "?" if self.sheet.tone == "unproven" else "!"
            width = self._width(sign, True) * 44
            self._write(sign, x - width / 2, y + 5.6, 44, bold=True, colour=self.colour)

    def _foot(self) -> None:
        pdf = self.pdf
        pdf.set_draw_color(*_SOFT)
        pdf.set_line_width(0.4)
        pdf.line(_MARGIN, _FOOT_TOP, _WIDTH - _MARGIN, _FOOT_TOP)
        top, left = _FOOT_TOP + 4, _WIDTH - _MARGIN - _QR
        self._code(left, top)
        width = self._width(self.sheet.scan, True) * 12
        self._write(self.sheet.scan, left + (_QR - width) / 2, top + _QR + 5, 12, bold=True)
        room = _INNER - _QR - 8
        y = top + 4
        for text, size, most in (*((note, 13, 3) for note in self.sheet.notes), (self.sheet.url, 10, 2)):
            for line in self._shortened(text, size, room, most):
                self._write(line, _MARGIN, y, size, colour=_SOFT)
                y += size * _POINT * 1.35

    def _code(self, left: float, top: float) -> None:
        """The code that a phone reads, drawn as bars: each row's dark stretches."""
        rows = [bytes(row) for row in segno.make(self.sheet.url, error="m", micro=False).matrix]
        module = _QR / len(rows)
        self.pdf.set_fill_color(0, 0, 0)
        for number, row in enumerate(rows):
            for start, end in _dark(row):
                self.pdf.rect(left + start * module, top + number * module, (end - start) * module, module, style="F")

    def _height(self, part: _Part) -> float:
        padding = 2 * _PADDING if part.frame else 0.0
        return part.before * self.scale + padding + len(self._lines(part)) * self._leading(part)

    def _draw(self, part: _Part, y: float) -> None:
        height = self._height(part) - part.before * self.scale
        y += part.before * self.scale
        left = _MARGIN + self._indent(part)
        if part.frame:
            self.pdf.set_draw_color(*part.frame)
            self.pdf.set_line_width(1.2)
            self.pdf.rect(_MARGIN, y, _INNER, height, style="D", round_corners=True, corner_radius=3)
            y += _PADDING
        size = part.size * self.scale
        if part.label:
            self._numbered(part.label, y + self._leading(part) / 2, size)
        for line in self._lines(part):
            self._write(line, left, y + self._leading(part) * 0.72, size, bold=part.bold, colour=part.colour)
            y += self._leading(part)

    def _numbered(self, label: str, middle: float, size: float) -> None:
        radius = size * _POINT * 0.62
        self.pdf.set_fill_color(*self.colour)
        self.pdf.circle(_MARGIN + radius, middle, radius, style="F")
        small = size * 0.8
        left = _MARGIN + radius - self._width(label, True) * small / 2
        self._write(label, left, middle + small * _POINT * 0.36, small, bold=True, colour=_PAPER)

    def _lines(self, part: _Part) -> list[str]:
        room = _INNER - self._indent(part) - (_PADDING if part.frame else 0.0)
        size = part.size * self.scale
        lines = self._wrapped(part.text, size, room, bold=part.bold)
        # As many lines, each a little shorter, until the last is not a single character left alone.
        while len(lines) > 1 and self._width(lines[-1], part.bold) < self._width(lines[0], part.bold) / 2:
            room *= 0.97
            narrower = self._wrapped(part.text, size, room, bold=part.bold)
            if len(narrower) > len(lines):
                break
            lines = narrower
        return lines

    def _indent(self, part: _Part) -> float:
        if part.frame:
            return _PADDING
        return part.size * self.scale * _POINT * 1.8 if part.label else 0.0

    def _leading(self, part: _Part) -> float:
        return part.size * self.scale * _POINT * _LINE

    def _shortened(self, text: str, size: float, room: float, most: int, *, bold: bool = False) -> list[str]:
        lines = self._wrapped(text, size, room, bold=bold)
        return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][:-1]}…"]

    def _wrapped(self, text: str, size: float, room: float, *, bold: bool) -> list[str]:
        return wrapped(self._drawable(text), room / size, lambda piece: self._width(piece, bold))

    def _width(self, text: str, bold: bool) -> float:
        """How wide a text is, in millimetres at one point."""
        total = 0.0
        for character in text:
            key = (character, bold)
            if key not in self._widths:
                self.pdf.set_font("sheet", "B" if bold else "", _REFERENCE)
                self._widths[key] = self.pdf.get_string_width(character) / _REFERENCE
            total += self._widths[key]
        return total

    def _drawable(self, text: str) -> str:
        """The text without what the font has no letter for, such as emoji."""
        font = self.pdf.fonts["sheet"]
        letters = font.cmap if isinstance(font, TTFFont) else {}
        return "".join(character for character in text if ord(character) in letters)

    def _write(
        self, text: str, x: float, baseline: float, size: float, *, bold: bool = False, colour: Colour = _INK
    ) -> None:
        self.pdf.set_font("sheet", "B" if bold else "", size)
        self.pdf.set_text_color(*colour)
        if drawable := self._drawable(text):
            self.pdf.text(x, baseline, drawable)


def _dark(row: bytes) -> Iterator[tuple[int, int]]:
    """Where the dark stretches of a row begin and end."""
    start: int | None = None
    for position, dark in enumerate((*row, 0)):
        if dark and start is None:
            start = position
        elif not dark and start is not None:
            yield start, position
            start = None
