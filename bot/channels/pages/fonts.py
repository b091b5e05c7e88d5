"""Find a font with Chinese characters: the PDF carries its letters in itself, so the server must have some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class FontUnusable(Exception):
    """There is no font, or the one there is cannot be put into a PDF."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file; a collection holds several."""

    path: Path
    number: int = 0


@dataclass(frozen=True, slots=True)
class Font:
    """The faces a sheet is set in."""

    regular: Face
    bold: Face


_NOTO_FOLDERS = (
    "/usr/share/fonts/opentype/noto",  # Debian, Ubuntu
    "/usr/share/fonts/noto-cjk",  # Arch, Alpine
    "/usr/share/fonts/google-noto-sans-cjk-fonts",  # Fedora
    "/usr/share/fonts/google-noto-cjk",  # older Fedora, openEuler
    "/usr/share/fonts/truetype",  # openSUSE
)
_SIMPLIFIED_OF_NOTO = 2
"""Noto's collections hold the Japanese, Korean, Simplified and Traditional faces in this order."""


def _pair(regular: str, bold: str, number: int = 0) -> Font:
    return Font(Face(Path(regular), number), Face(Path(bold), number))


SYSTEM_FONTS: Sequence[Font] = (
    *(
        _pair(f"{folder}/NotoSansCJK-Regular.ttc", f"{folder}/NotoSansCJK-Bold.ttc", _SIMPLIFIED_OF_NOTO)
        for folder in _NOTO_FOLDERS
    ),
    _pair("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    _pair("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    _pair("C:/Windows/Fonts/msyh.ttc", "C:/Windows/Fonts/msyhbd.ttc"),
    _pair("C:/Windows/Fonts/simhei.ttf", "C:/Windows/Fonts/simhei.ttf"),
    _pair("C:/Windows/Fonts/simsun.ttc", "C:/Windows/Fonts/simsun.ttc"),
    _pair("/System/Library/Fonts/PingFang.ttc", "/System/Library/Fonts/PingFang.ttc"),
    _pair("/System/Library/Fonts/STHeiti Light.ttc", "/System/Library/Fonts/STHeiti Medium.ttc"),
    _pair("/System/Library/Fonts/Supplemental/Songti.ttc", "/System/Library/Fonts/Supplemental/Songti.ttc"),
)


def find_font(named: Path | None, known: Sequence[Font] = SYSTEM_FONTS) -> Font | None:
    """The font that was named, else the first of the known ones that is here; none where none is.

    A named file that is not there is no font: another one would hide the mistake.
    """
    if named is not None:
        return Font(Face(named), Face(named)) if named.is_file() else None
    for font in known:
        if font.regular.path.is_file():
            return font if font.bold.path.is_file() else Font(font.regular, font.regular)
    return None
