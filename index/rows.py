"""Which passage belongs to which article, and what it says token by token.

Passages have numbers of their own, given once and never again. Everything lies in a few long arrays, so that a million
passages cost their bytes and no objects. What an article leaves behind when it goes, some kilobytes, stays until the
next start.
"""

from __future__ import annotations

from collections.abc import Sequence
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


class _Growing:
    """A long array to which more can be added."""

    def __init__(self, kind: npt.DTypeLike, width: int = 0) -> None:
        """`width` is how many values stand at one place; 0 makes it a plain array."""
        shape = (_FIRST_CAPACITY, width) if width else (_FIRST_CAPACITY,)
        self._values: npt.NDArray[Any] = np.empty(shape, dtype=kind)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, values: npt.NDArray[Any]) -> None:
        """Add values at the end."""
        wanted = self._count + len(values)
        if wanted > len(self._values):
            longer = max(wanted, 2 * len(self._values))
            grown = np.empty((longer, *self._values.shape[1:]), dtype=self._values.dtype)
            grown[: self._count] = self._values[: self._count]
            self._values = grown
        self._values[self._count : wanted] = values
        self._count = wanted

    def at(self, places: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """The values at these places."""
        return self._values[places]
