"""Which passage belongs to which article, and what it says token by token.

Passages have numbers of their own, given once and never again. Everything lies in a few long arrays, so that a million
passages cost their bytes and no objects. What an article leaves behind when it goes, some kilobytes, stays until the
next start.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.late import Tokens
from index.vectors import FloatVector

_FIRST_CAPACITY = 1024
_LARGEST_VOCABULARY = 1 << 20
"""A damaged cache may hold any number as an id; none beyond this is one."""


class PassageRows:
    """The passages of articles by row number."""

    def __init__(self, token_dimension: int) -> None:
        self._token_dimension = token_dimension
        self._owners = _Growing(np.int64)
        self._ends = _Growing(np.int64)
        """Where the tokens of a row end; they begin where those of the row before end."""
        self._ids = _Growing(np.int32)
        self._directions = _Growing(np.int8)
        """Those of all tokens, one after the other."""
        self._rows: dict[int, range] = {}
        self._containing = np.zeros(0, dtype=np.int32)
        """In how many passages each token of the vocabulary occurs."""
        self._passages = 0

    def __len__(self) -> int:
        """How many articles there are."""
        return len(self._rows)

    def add(self, article_id: int, passages: Sequence[Tokens]) -> range:
        """Take in the passages of an article that has none yet; their row numbers."""
        first = len(self._owners)
        for tokens in passages:
            self._ids.extend(tokens.ids)
            self._directions.extend(tokens.directions.reshape(-1))
            self._ends.extend(np.array([len(self._ids)]))
            self._owners.extend(np.array([article_id]))
            self._count(tokens, 1)
        self._rows[article_id] = range(first, first + len(passages))
        return self._rows[article_id]

    def remove(self, article_id: int) -> range:
        """Forget an article; the row numbers its passages had."""
        rows = self._rows.pop(article_id, range(0))
        for tokens in self.tokens(rows):
            self._count(tokens, -1)
        return rows

    def owners(self, rows: Sequence[int]) -> list[int]:
        """The articles rows belong to."""
        owners: list[int] = self._owners.at(np.asarray(rows, dtype=np.int64)).tolist()
        return owners

    def of(self, article_id: int) -> range:
        """The rows of an article."""
        return self._rows.get(article_id, range(0))

    def tokens(self, rows: Sequence[int]) -> list[Tokens]:
        """What each row says."""
        wanted = np.asarray(rows, dtype=np.int64)
        ends = self._ends.at(wanted)
        begins = np.where(wanted > 0, self._ends.at(np.maximum(wanted - 1, 0)), 0)
        return [self._between(*span) for span in zip(begins.tolist(), ends.tolist(), strict=True)]

    def _between(self, begin: int, end: int) -> Tokens:
        size = self._token_dimension
        directions = self._directions.part(begin * size, end * size).reshape(-1, size)
        return Tokens(directions, self._ids.part(begin, end))

    def rarity(self, tokens: Tokens) -> FloatVector:
        """How much each token matters here: inverse document frequency over the passages (Robertson 2004), above 0."""
        known = (tokens.ids >= 0) & (tokens.ids < len(self._containing))
        containing = np.zeros(len(tokens), dtype=np.float32)
        containing[known] = self._containing[tokens.ids[known]]
        return np.log1p((self._passages - containing + 0.5) / (containing + 0.5))

    def _count(self, tokens: Tokens, change: int) -> None:
        ids = np.unique(tokens.ids[(tokens.ids >= 0) & (tokens.ids < _LARGEST_VOCABULARY)])
        if len(ids) and ids[-1] >= len(self._containing):
            self._containing = np.pad(self._containing, (0, 2 * int(ids[-1]) + 1 - len(self._containing)))
        self._containing[ids] += change
        self._passages += change

    def save(self, folder: Path) -> None:
        """Write everything into a folder that is there."""
        for name, array in self._arrays().items():
            np.save(folder / f"rows-{name}.npy", array.part(0, len(array)))
        spans = [(article_id, rows.start, rows.stop) for article_id, rows in self._rows.items()]
        np.save(folder / "rows-spans.npy", np.array(spans, dtype=np.int64).reshape(-1, 3))
        np.save(folder / "rows-containing.npy", self._containing)

    @staticmethod
    def load(folder: Path, token_dimension: int) -> PassageRows:
        """What `save` wrote, mapped into memory: what nobody asks for is never read."""
        rows = PassageRows(token_dimension)
        for name, array in rows._arrays().items():
            array.begin_with(np.load(folder / f"rows-{name}.npy", mmap_mode="r"))
        spans = np.load(folder / "rows-spans.npy").tolist()
        rows._containing = np.load(folder / "rows-containing.npy")
        rows._passages = sum(stop - start for _, start, stop in spans)
        rows._rows = {article_id: range(start, stop) for article_id, start, stop in spans}
        return rows

    def _arrays(self) -> dict[str, _Growing]:
        return {"owners": self._owners, "ends": self._ends, "ids": self._ids, "directions": self._directions}


class _Growing:
    """A long array to which more can be added: what it began with, which is never copied, and its own after that."""

    def __init__(self, kind: npt.DTypeLike) -> None:
        self._begun: npt.NDArray[Any] = np.empty(0, dtype=kind)
        self._own: npt.NDArray[Any] = np.empty(_FIRST_CAPACITY, dtype=kind)
        self._count = 0

    def __len__(self) -> int:
        return len(self._begun) + self._count

    def begin_with(self, array: npt.NDArray[Any]) -> None:
        """Hold this array before anything is added."""
        self._begun = array

    def extend(self, values: npt.NDArray[Any]) -> None:
        """Add values at the end."""
        wanted = self._count + len(values)
        if wanted > len(self._own):
            grown = np.empty(max(wanted, 2 * len(self._own)), dtype=self._own.dtype)
            grown[: self._count] = self._own[: self._count]
            self._own = grown
        self._own[self._count : wanted] = values
        self._count = wanted

    def at(self, places: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """The values at these places."""
        seam = len(self._begun)
        if not seam:
            return self._own[places]
        values = np.empty(len(places), dtype=self._own.dtype)
        early = places < seam
        values[early], values[~early] = self._begun[places[early]], self._own[places[~early] - seam]
        return values

    def part(self, begin: int, end: int) -> npt.NDArray[Any]:
        """The values from `begin` up to `end`; without a copy unless they lie on both sides of the seam."""
        seam = len(self._begun)
        if end <= seam:
            return self._begun[begin:end]
        if begin >= seam:
            return self._own[begin - seam : end - seam]
        return np.concatenate([self._begun[begin:], self._own[: end - seam]])
