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
        self._directions = _Growing(np.int8, token_dimension)
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
            self._directions.extend(tokens.directions)
            self._ends.extend(np.array([len(self._ids)]))
            self._owners.extend(np.array([article_id]))
            self._count(tokens.ids, 1)
        self._rows[article_id] = range(first, first + len(passages))
        return self._rows[article_id]

    def remove(self, article_id: int) -> range:
        """Forget an article; the row numbers its passages had."""
        rows = self._rows.pop(article_id, range(0))
        tokens, sizes = self.tokens(np.arange(rows.start, rows.stop))
        for ids in np.split(tokens.ids, np.cumsum(sizes)[:-1]) if len(rows) else ():
            self._count(ids, -1)
        return rows

    def owners(self, rows: Sequence[int]) -> list[int]:
        """The articles rows belong to."""
        owners: list[int] = self._owners.at(np.asarray(rows, dtype=np.int64)).tolist()
        return owners

    def of(self, article_id: int) -> range:
        """The rows of an article."""
        return self._rows.get(article_id, range(0))

    def of_all(self, article_ids: Sequence[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The rows of several articles in their order, and how many are each one's [len(article_ids)]."""
        spans = [self.of(article_id) for article_id in article_ids]
        sizes = np.array([len(span) for span in spans], dtype=np.int64)
        first = np.array([span.start for span in spans], dtype=np.int64)
        return np.arange(sizes.sum()) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes), sizes

    def tokens(self, rows: npt.NDArray[np.int64]) -> tuple[Tokens, npt.NDArray[np.int64]]:
        """What the rows say, all of it in their order, and how many tokens of it are each row's [len(rows)]."""
        ends = self._ends.at(rows)
        begins = np.where(rows > 0, self._ends.at(np.maximum(rows - 1, 0)), 0)
        sizes = ends - begins
        places = np.arange(sizes.sum()) + np.repeat(ends - np.cumsum(sizes), sizes)
        return Tokens(self._directions.at(places), self._ids.at(places)), sizes

    def rarity(self, tokens: Tokens) -> FloatVector:
        """How much each token matters here: inverse document frequency over the passages (Robertson 2004), above 0."""
        known = (tokens.ids >= 0) & (tokens.ids < len(self._containing))
        containing = np.zeros(len(tokens), dtype=np.float32)
        containing[known] = self._containing[tokens.ids[known]]
        return np.log1p((self._passages - containing + 0.5) / (containing + 0.5))

    def _count(self, ids: npt.NDArray[np.int32], change: int) -> None:
        ids = np.unique(ids[(ids >= 0) & (ids < _LARGEST_VOCABULARY)])
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

    def __init__(self, kind: npt.DTypeLike, width: int = 0) -> None:
        """`width` is how many values stand at one place; 0 makes it a plain array."""
        self._shape = (width,) if width else ()
        self._begun: npt.NDArray[Any] = np.empty((0, *self._shape), dtype=kind)
        self._own: npt.NDArray[Any] = np.empty((_FIRST_CAPACITY, *self._shape), dtype=kind)
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
            grown = np.empty((max(wanted, 2 * len(self._own)), *self._shape), dtype=self._own.dtype)
            grown[: self._count] = self._own[: self._count]
            self._own = grown
        self._own[self._count : wanted] = values
        self._count = wanted

    def at(self, places: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """The values at these places."""
        seam = len(self._begun)
        if not seam:
            return self._own[places]
        values = np.empty((len(places), *self._shape), dtype=self._own.dtype)
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
