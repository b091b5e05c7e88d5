"""The dense index: which vectors point the same way as a query.

Rows are compared one by one while they are few; that is exact, and faster than anything else up to `EXACT_ROWS`.
Beyond, they settle in inverted lists (Sivic and Zisserman 2003), rounded to 8 bits a number: a search looks into the
lists near the query only. What is added later stays outside the lists, compared one by one, until it is worth settling
again; what is removed from the lists is passed over until then. So a change never waits for a rebuild.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import faiss
import numpy as np
import numpy.typing as npt

FloatMatrix: TypeAlias = npt.NDArray[np.float32]
FloatVector: TypeAlias = npt.NDArray[np.float32]

EXACT_ROWS = 30_000
"""Up to so many rows are compared one by one."""
_LISTS_LOOKED_INTO = 0.02
_LEAST_LISTS = 96
_TRAINING_ROWS_A_LIST = 50
_LEAST_ROWS_A_LIST = 40
_CHUNK = 50_000
_BY_ID = 2
"""faiss.DirectMap.Hashtable, which its type information lacks: rows can be looked up by id."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found and how well it fits; only scores of one search compare."""

    id: int
    score: float


class VectorIndex:
    """Vectors by id, ranked by cosine. Every id has one row; rows given to it need not have unit length."""

    def __init__(self, dimension: int, exact_rows: int = EXACT_ROWS) -> None:
        self.dimension = dimension
        self._exact_rows = exact_rows
        self._fresh = _exact(dimension)
        self._fresh_ids: set[int] = set()
        self._settled: Any = None
        self._gone: set[int] = set()
        self._living: Any = None
        """Chooses what was not removed from the lists, where something was."""

    @staticmethod
    def of(vectors: FloatMatrix, ids: Sequence[int]) -> VectorIndex:
        """An index of these rows."""
        index = VectorIndex(vectors.shape[1])
        index.add(vectors, ids)
        return index

    def __len__(self) -> int:
        settled = int(self._settled.ntotal) - len(self._gone) if self._settled is not None else 0
        return int(self._fresh.ntotal) + settled

    def add(self, vectors: FloatMatrix, ids: Sequence[int]) -> None:
        """Add rows [n, dimension] under n new ids."""
        if len(ids):
            self._fresh.add_with_ids(unit_rows(vectors), np.asarray(ids, dtype=np.int64))
            self._fresh_ids.update(ids)

    def remove(self, ids: Iterable[int]) -> None:
        """Take these rows away; ids that are not there may be among them."""
        gone = set(ids)
        fresh = gone & self._fresh_ids
        if fresh:
            self._fresh.remove_ids(faiss.IDSelectorBatch(np.fromiter(fresh, dtype=np.int64)))
            self._fresh_ids -= fresh
        if self._settled is not None and (settled := gone - fresh):
            self._gone |= settled
            self._living = faiss.IDSelectorNot(faiss.IDSelectorBatch(np.fromiter(self._gone, dtype=np.int64)))

    def search(self, query: FloatVector, limit: int) -> list[Hit]:
        """The `limit` rows nearest to one vector [dimension], best first, with their cosines."""
        if not len(self) or limit < 1:
            return []
        # OpenMP's threads spin for milliseconds after each search, waiting for the next: on a small machine that takes
        # the processor from the encoder. The setting belongs to the calling thread, so it is made here.
        faiss.omp_set_num_threads(1)
        unit = unit_rows(query.reshape(1, -1))
        found = list(_hits(self._fresh.search(unit, min(limit, max(len(self._fresh_ids), 1)))))
        if self._settled is not None:
            parameters = faiss.SearchParametersIVF()
            parameters.nprobe = _looked_into(self._settled.nlist)
            parameters.sel = self._living
            found += _hits(self._settled.search(unit, limit, params=parameters))
            found.sort(key=lambda hit: -hit.score)
        return found[:limit]

    def cosines(self, query: FloatVector, ids: Sequence[int] | npt.NDArray[np.int64]) -> FloatVector:
        """The cosine of one vector [dimension] with each of these rows, which must be there: float32 [len(ids)]."""
        cosines: FloatVector = self._vectors(ids) @ unit_rows(query.reshape(1, -1))[0]
        return cosines

    @property
    def should_settle(self) -> bool:
        """Whether so much lies outside the lists, or is gone from them, that `settled` is worth its time."""
        return len(self._fresh_ids) + len(self._gone) > max(self._exact_rows, len(self) // 4)

    def settled(self, progress: Callable[[int, int], None] | None = None) -> VectorIndex:
        """The same rows, all in inverted lists. Reads only, so that searches may go on meanwhile."""
        ids = sorted(self._fresh_ids | self._settled_ids())
        lists = _index_of_lists(self.dimension, len(ids))
        random = np.random.default_rng(0)
        sample = random.choice(len(ids), min(len(ids), lists.nlist * _TRAINING_ROWS_A_LIST), replace=False)
        lists.train(self._vectors([ids[place] for place in sample]))
        for start in range(0, len(ids), _CHUNK):
            some = ids[start : start + _CHUNK]
            lists.add_with_ids(self._vectors(some), np.asarray(some, dtype=np.int64))
            if progress:
                progress(start + len(some), len(ids))
        settled = VectorIndex(self.dimension, self._exact_rows)
        settled._settled = lists
        return settled

    @property
    def bytes_looked_at(self) -> int:
        """What a search in the lists reads at least: the middles of all lists, and the rows of those nearest."""
        rows = int(self._settled.ntotal) * _looked_into(self._settled.nlist) // int(self._settled.nlist)
        return self.dimension * (4 * int(self._settled.nlist) + rows)

    def save(self, path: Path) -> None:
        """Write the lists to a file. What lies outside them is not written: settle first."""
        faiss.write_index(self._settled, str(path))

    @staticmethod
    def load(path: Path, exact_rows: int = EXACT_ROWS) -> VectorIndex:
        """The index of a file, mapped into memory: what no search looks at is never read."""
        lists: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
        # By default it starts 32 threads a search to read ahead; that took four times as long as searching.
        on_disk: Any = faiss.downcast_InvertedLists(lists.invlists)
        on_disk.prefetch_nthread = 0
        index = VectorIndex(lists.d, exact_rows)
        index._settled = lists
        return index

    def _settled_ids(self) -> set[int]:
        if self._settled is None:
            return set()
        lists = self._settled.invlists
        arrays = [
            faiss.rev_swig_ptr(lists.get_ids(number), lists.list_size(number)).copy()
            for number in range(lists.nlist)
            if lists.list_size(number)
        ]
        return set(np.concatenate(arrays).tolist()) - self._gone

    def _vectors(self, ids: Sequence[int] | npt.NDArray[np.int64]) -> FloatMatrix:
        """The rows under these ids [len(ids), dimension], at unit length or nearly, as they are kept."""
        wanted = np.asarray(ids, dtype=np.int64)
        if self._settled is None:
            return np.asarray(self._fresh.reconstruct_batch(wanted), dtype=np.float32)
        rows = np.empty((len(ids), self.dimension), dtype=np.float32)
        is_fresh = np.fromiter((number in self._fresh_ids for number in wanted.tolist()), dtype=bool, count=len(ids))
        for source, mine in ((self._fresh, is_fresh), (self._settled, ~is_fresh)):
            if mine.any():
                rows[mine] = source.reconstruct_batch(wanted[mine])
        return rows


def unit_rows(vectors: FloatMatrix) -> FloatMatrix:
    """Rows [n, dimension] scaled to length one; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: FloatMatrix = np.ascontiguousarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
    return scaled


def _exact(dimension: int) -> Any:
    return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))


def _index_of_lists(dimension: int, rows: int) -> Any:
    lists = max(1, min(int(4 * math.sqrt(rows)), rows // _LEAST_ROWS_A_LIST))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension), dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.by_residual = False  # so that a row keeps 8 bits of itself, whatever list it lies in
    index.set_direct_map_type(_BY_ID)
    return index


def _looked_into(lists: int) -> int:
    return min(lists, max(_LEAST_LISTS, round(lists * _LISTS_LOOKED_INTO)))


def _hits(found: tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]) -> Iterable[Hit]:
    scores, ids = found
    return (
        Hit(number, score) for number, score in zip(ids[0].tolist(), scores[0].tolist(), strict=True) if number >= 0
    )
