"""The dense index: which passages mean about the same as a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from index.encoder import FloatMatrix

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found and how well it fits; only scores of one search compare."""

    id: int
    score: float


class VectorIndex:
    """Vectors by id, searched exactly by cosine.

    Rows given to it need not have unit length. Ids may repeat: an article has many passages.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    @staticmethod
    def of(vectors: FloatMatrix, ids: Sequence[int]) -> VectorIndex:
        """An index of these rows."""
        index = VectorIndex(vectors.shape[1])
        index.add(vectors, ids)
        return index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, vectors: FloatMatrix, ids: Sequence[int]) -> None:
        """Add rows [n, dimension] under n ids."""
        if len(ids):
            self._index.add_with_ids(unit_rows(vectors), np.asarray(ids, dtype=np.int64))

    def remove(self, ids: Sequence[int]) -> None:
        """Take away every row under these ids."""
        if len(ids):
            self._index.remove_ids(faiss.IDSelectorBatch(np.asarray(ids, dtype=np.int64)))

    def search(self, query: FloatMatrix, limit: int) -> list[Hit]:
        """The best `limit` different ids for one vector [dimension], best first, each with its best row's cosine."""
        if not len(self) or limit < 1:
            return []
        # OpenMP's threads spin for milliseconds after each search, waiting for the next: on a small machine that takes
        # the processor from the encoder. The setting belongs to the calling thread, so it is made here.
        faiss.omp_set_num_threads(1)
        wanted = min(limit * 8, len(self))
        best: dict[int, float] = {}
        while True:
            scores, ids = self._index.search(unit_rows(query.reshape(1, -1)), wanted)
            for found, score in zip(ids[0].tolist(), scores[0].tolist(), strict=True):
                best.setdefault(found, score)
            if len(best) >= limit or wanted == len(self):
                return [Hit(found, score) for found, score in list(best.items())[:limit]]
            wanted = min(wanted * 4, len(self))


def unit_rows(vectors: FloatMatrix) -> FloatMatrix:
    """Rows [n, dimension] scaled to length one; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: FloatMatrix = np.ascontiguousarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
    return scaled
