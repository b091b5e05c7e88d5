"""Break Chinese text into lines as a printer would."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.,:%/+_-]*|.", re.DOTALL)
"""A number or a foreign word stays whole; anything else may be broken after each character."""
_NEVER_FIRST = frozenset("，。、；：？！）》」』】”’…—·,.;:?!)%％～")
_NEVER_LAST = frozenset("（《「『【“‘(")


def wrapped(text: str, room: float, width: Callable[[str], float]) -> list[str]:
    """The lines of `text`, each at most `room` wide; one cluster wider than that is broken where it must be.

    `width` measures a piece of text in the unit of `room`.
    """
    lines: list[str] = []
    line, used = "", 0.0
    for cluster in _fitting(text, room, width):
        needed = width(cluster)
        if line and used + needed > room:
            lines.append(line.rstrip())
            line, used = "", 0.0
        if not line and cluster.isspace():
            continue
        line += cluster
        used += needed
    return [*lines, line.rstrip()] if line.strip() else lines


def _fitting(text: str, room: float, width: Callable[[str], float]) -> Iterator[str]:
    for cluster in _clusters(" ".join(text.split())):
        if width(cluster) <= room:
            yield cluster
        else:
            yield from cluster


def _clusters(text: str) -> list[str]:
    """What must stay on one line: a word with the signs that may not be parted from it."""
    clusters: list[str] = []
    for token in _TOKEN.findall(text):
        if clusters and (token[0] in _NEVER_FIRST or clusters[-1][-1] in _NEVER_LAST):
            clusters[-1] += token
        else:
            clusters.append(token)
    return clusters
