"""Honest stand-ins: each keeps the contract of what it stands for, and a test says so."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from index.encoder import FloatMatrix


class HashingEncoder:
    """Text to unit vectors by counting hashed character pairs: texts that share wording are close. Keeps Encoder."""

    name = "hashing"

    def __init__(self, dimension: int = 256) -> None:
        self.dimension = dimension

    def encode_queries(self, texts: Sequence[str]) -> FloatMatrix:
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatMatrix:
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> FloatMatrix:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            bounded = f"\x02{text[:8192]}\x03"  # the ends count too, so an empty text still has a pair
            for pair in pairwise(bounded):
                row[zlib.crc32("".join(pair).encode("utf-8", "surrogatepass")) % self.dimension] += 1
            row /= np.linalg.norm(row)
        return vectors
