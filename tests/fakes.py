"""Honest stand-ins: each keeps the contract of what it stands for, and a test says so."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index.encoder import Encoded
from index.late import Tokens
from index.model.comparison import Halfway
from index.vectors import FloatVector


class HashingEncoder:
    """Text to vectors by counting hashed character pairs: texts that share wording are close. Keeps Encoder.

    Its tokens are the pairs.
    """

    name = "hashing"

    def __init__(self, dimension: int = 256) -> None:
        self.dimension = self.token_dimension = dimension

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Encoded:
        return self._encode(texts)

    def halfway(self, ids: npt.NDArray[np.int32], *, tells: bool = False) -> Halfway | None:
        """None: nothing was trained to compare for these tokens."""
        return None

    def compare(self, question: Halfway, others: Sequence[Halfway]) -> FloatVector:
        raise TypeError("nothing was trained to compare texts for this encoder")

    def compare_claims(self, claim: Halfway, others: Sequence[Halfway]) -> FloatVector:
        raise TypeError("nothing was trained to compare texts for this encoder")

    def _encode(self, texts: Sequence[str]) -> Encoded:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        tokens = []
        for row, text in zip(vectors, texts, strict=True):
            bounded = f"\x02{text[:8192]}\x03"  # the ends count too, so an empty text still has a pair
            places = [
                zlib.crc32("".join(pair).encode("utf-8", "surrogatepass")) % self.dimension
                for pair in pairwise(bounded)
            ]
            np.add.at(row, places, 1)
            row /= np.linalg.norm(row)
            inside = places[1:-1][:200]
            tokens.append(Tokens.of(np.eye(self.dimension, dtype=np.float32)[inside], inside))
        return Encoded(vectors, tuple(tokens))
