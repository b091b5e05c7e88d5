"""The little Markdown article bodies are written in: ``##`` headings, ``-`` lists and ``**bold**``.

It becomes values, never HTML: the template draws them and escapes every piece of text, so nothing in a body can
become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from bot.channels.web.presentation import lines_of

_HEADING = re.compile(r"#+\s+")
_BOLD = "**"


class BlockKind(StrEnum):
    """What a block of a body is drawn as."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line drawn in one way; `tel` is the number to call where it is one."""

    text: str
    bold: bool = False
    tel: str | None = None


Line = tuple[Piece, ...]


@dataclass(slots=True)
class Block:
    """A heading (one line), a paragraph (its lines) or a list (its items)."""

    kind: BlockKind
    lines: list[Line] = field(default_factory=list)


def blocks_of(body: str) -> list[Block]:
    """A body block by block, in order; whatever is none of the three signs is plain text."""
    blocks: list[Block] = []
    open_block: Block | None = None
    for raw in body.splitlines():
        kind, text = _kind_of(raw.strip())
        if not text:
            open_block = None
            continue
        if open_block is None or kind is BlockKind.HEADING or open_block.kind is not kind:
            open_block = Block(kind)
            blocks.append(open_block)
        open_block.lines.append(line_of(text))
    return blocks


def line_of(text: str) -> Line:
    """One line, cut where bold begins or ends and around the numbers to call."""
    plain, bold = _without_stars(text)
    pieces: list[Piece] = []
    position = 0
    # Numbers are looked for in the whole line: bold signs must not hide what stands beside one.
    for span in lines_of(plain)[0]:
        for start, end in _runs(bold, position, position + len(span.text)):
            pieces.append(Piece(plain[start:end], bold[start], span.tel))
        position += len(span.text)
    return tuple(pieces)


def _kind_of(line: str) -> tuple[BlockKind, str]:
    if heading := _HEADING.match(line):
        return BlockKind.HEADING, line[heading.end() :]
    if line.startswith("- "):
        return BlockKind.LIST, line[2:].strip()
    return BlockKind.PARAGRAPH, line


def _without_stars(text: str) -> tuple[str, list[bool]]:
    """The text without its bold signs, and for each character left whether it is bold."""
    parts = text.split(_BOLD)
    if len(parts) % 2 == 0:  # the last sign has no partner, so it is only two stars
        parts[-2:] = [_BOLD.join(parts[-2:])]
    bold = [number % 2 == 1 for number, part in enumerate(parts) for _ in part]
    return "".join(parts), bold


def _runs(flags: list[bool], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches of equal flags between two positions."""
    begin = start
    for here in range(start + 1, end + 1):
        if here == end or flags[here] != flags[begin]:
            yield begin, here
            begin = here
