"""Sheets made one at a time, off the event loop, and kept for a while."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from pathlib import Path

from bot.channels.pages.fonts import FontUnusable, find_font
from bot.channels.pages.sheet import Sheet

KEPT = 64
"""How many sheets are remembered; one has some 40 KB."""

logger = logging.getLogger(__name__)


class Sheets:
    """Makes PDF sheets in a worker thread.

    One after the other: each takes a second of a processor, and people waiting for answers need it too.
    """

    def __init__(self, font: Path | None) -> None:
        self._font = font
        self._made: OrderedDict[Sheet, bytes] = OrderedDict()
        self._turn = asyncio.Lock()

    async def make(self, sheet: Sheet) -> bytes:
        """The PDF of a sheet.

        Raises: FontUnusable.
        """
        async with self._turn:
            if sheet not in self._made:
                self._made[sheet] = await asyncio.to_thread(make, sheet, self._font)
                if len(self._made) > KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(sheet)
            return self._made[sheet]


def make(sheet: Sheet, named: Path | None) -> bytes:
    """The PDF of a sheet in the font that was named, or else in one of the system.

    Raises: FontUnusable.
    """
    from bot.channels.pages.drawing import draw  # a third of a second of libraries that only a sheet needs

    font = find_font(named)
    if font is None:
        raise FontUnusable(f"there is no font file {named}" if named else "no font with Chinese characters was found")
    return draw(sheet, font)
