"""Late interaction: two texts compared token by token, which one vector for each text cannot do.

A sentence vector says what a text is about. Whether "被兔子咬了" is answered by an article on dog bites shows only when
each word of the question looks for its counterpart. Every token has a direction, what it means where it stands; a
question is covered by a passage as far as its tokens find a near one there (Khattab and Zaharia 2020, "ColBERT"), and
rare tokens count more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from index.vectors import FloatMatrix, unit_rows

FloatVector: TypeAlias = npt.NDArray[np.float32]

_FARTHEST = 0.25
"""The share of a text's weight that `Reading.uncovered` looks at."""
_SCALE = 127
"""Directions are kept as whole numbers: unit vectors times this."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text, without those that every text has."""

    directions: npt.NDArray[np.int8]
    """[tokens, dimension], unit vectors times 127."""
    ids: npt.NDArray[np.int32]
    """[tokens], what the vocabulary of the encoder calls each."""

    def __len__(self) -> int:
        return len(self.ids)

    @staticmethod
    def of(vectors: FloatMatrix, ids: Sequence[int]) -> Tokens:
        """Tokens [n, dimension] of any length, and their n ids."""
        directions = np.rint(unit_rows(vectors) * _SCALE).astype(np.int8)
        return Tokens(directions, np.asarray(ids, dtype=np.int32))

    def to_bytes(self) -> bytes:
        """Ids, then directions."""
        return self.ids.tobytes() + self.directions.tobytes()

    @staticmethod
    def from_bytes(data: bytes | memoryview, dimension: int) -> Tokens:
        """The inverse of `to_bytes`; what does not fit whole tokens is no token."""
        count = len(data) // token_bytes(dimension)
        ids = np.frombuffer(data, np.int32, count)
        directions = np.frombuffer(data, np.int8, count * dimension, offset=ids.nbytes)
        return Tokens(directions.reshape(count, dimension), ids)


def token_bytes(dimension: int) -> int:
    """What one token takes."""
    return dimension + np.dtype(np.int32).itemsize


def closeness(tokens: Tokens, others: Tokens, sizes: Sequence[int] | npt.NDArray[np.int64]) -> FloatMatrix:
    """For each token the cosine of the nearest token of each other text: float32 [len(sizes), len(tokens)].

    `others` holds the tokens of all other texts one after the other, `sizes` how many each text has. A text without
    tokens is near to none (0).
    """
    sizes = np.asarray(sizes, dtype=np.int64)
    found = np.zeros((len(sizes), len(tokens)), dtype=np.float32)
    filled = sizes > 0
    if not filled.any() or not len(tokens):
        return found
    cosines = others.directions.astype(np.float32) @ tokens.directions.T.astype(np.float32)
    starts = (np.cumsum(sizes) - sizes)[filled]
    found[filled] = np.maximum.reduceat(cosines, starts, axis=0) / (_SCALE * _SCALE)
    return found


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text covers another."""

    covered: float
    """The weighted mean of `closeness`."""
    uncovered: float
    """How far the farthest quarter of the weight is from its counterparts: the word that makes it another question."""


def read(weights: FloatVector, closest: FloatMatrix) -> tuple[FloatVector, FloatVector]:
    """`Reading.covered` and `Reading.uncovered` [others] for each row of `closest`, the closeness of tokens to other
    texts [others, tokens].

    weights: [tokens], above 0, how much each token matters.
    """
    if not len(weights):
        return np.zeros(len(closest), dtype=np.float32), np.ones(len(closest), dtype=np.float32)
    shares = weights / weights.sum()
    covered = np.einsum("ij,j->i", closest, shares)  # a product by BLAS was once seen to warn of finite numbers
    order = np.argsort(closest, axis=1)
    sorted_shares = shares[order]
    before = np.cumsum(sorted_shares, axis=1) - sorted_shares
    farthest = np.clip(_FARTHEST - before, 0.0, sorted_shares)
    far = 1.0 - (np.take_along_axis(closest, order, axis=1) * farthest).sum(axis=1) / _FARTHEST
    return covered, far
