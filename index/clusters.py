"""Which open rumour a message repeats, so that each claim stands on the desk once and is counted.

The rumours nearest in meaning are candidates; each is judged: is this the same claim, or only the same topic? Merging
two claims hides one of them from the desk; splitting one only costs a debunker a click. So the threshold leans to
splitting.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

import numpy as np

from index.centre import Centre
from index.same import Claim, same_claims
from index.search import Query
from index.variants import fold
from index.vector_cache import CachedEncoder
from index.vectors import EXACT_ROWS, VectorIndex

_CANDIDATES = 10
THRESHOLD = 0.5
"""Least chance of being the same claim at which a message joins a rumour."""


@dataclass(frozen=True, slots=True)
class Match:
    """An open rumour that says the same."""

    rumour_id: int
    probability: float


class ClusterIndex:
    """The open rumours, each by the text that stands for it."""

    def __init__(self, encoder: CachedEncoder, threshold: float = THRESHOLD, exact_rows: int = EXACT_ROWS) -> None:
        self.threshold = threshold
        self.last_id = 0
        self._encoder = encoder
        self._centre: Centre | None = None
        self._exact_rows = exact_rows
        self._claims: dict[int, Claim] = {}
        self._vectors = self._index_of(self._claims)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._claims)

    def add(self, rumours: Iterable[tuple[int, str]]) -> None:
        """Take in rumours by id and redacted text."""
        folded = {number: fold(text) for number, text in rumours}
        if not folded:
            return
        encoded = self._encoder.encode_kept_queries(list(folded.values()))
        rows = zip(folded.items(), encoded.vectors, encoded.tokens, strict=True)
        self.add_encoded([(number, Query(text, vector, tokens)) for (number, text), vector, tokens in rows])
        self.settle()

    def settle(self) -> None:
        """Make many rumours quick to search, which takes seconds; matching goes on meanwhile."""
        with self._lock:
            if not self._vectors.should_settle:
                return
            known = dict(self._claims)
        # Made from the claims, not from the index that serves: rumours are added to that meanwhile.
        settled = self._index_of(known).settled()
        with self._lock:
            _add(settled, {number: claim for number, claim in self._claims.items() if number not in known})
            self._vectors = settled

    def add_encoded(self, rumours: Iterable[tuple[int, Query]]) -> None:
        """Take in rumours whose text was searched with already; those that are known stay as they are."""
        with self._lock:
            centre = self._common()
            for number, query in rumours:
                if number in self._claims:
                    continue  # another message found it in the database before it was told here
                vector = centre.of_queries(query.vector.reshape(1, -1))
                self._vectors.add(vector, [number])
                self._claims[number] = Claim.of(query.folded, vector[0], query.tokens)
                self.last_id = max(self.last_id, number)

    def match(self, query: Query, but: Set[int] = frozenset()) -> Match | None:
        """The open rumour this text repeats, if any; none of `but`, which the database knows to be settled."""
        best = next(iter(self.near(query, but)), None)
        return best if best and best.probability >= self.threshold else None

    def near(self, query: Query, but: Set[int] = frozenset()) -> list[Match]:
        """The open rumours nearest to a text, with the chance that each says the same, best first; none of `but`."""
        if not query.folded:
            return []
        with self._lock:
            vector = self._common().of_queries(query.vector.reshape(1, -1))[0]
            # As many more as are not wanted: ten settled ones must not hide an open one.
            nearest = self._vectors.search(vector, _CANDIDATES + len(but))
            near = [hit for hit in nearest if hit.id not in but][:_CANDIDATES]
            claim = Claim.of(query.folded, vector, query.tokens)
            claims = [self._claims[hit.id] for hit in near]  # judged without the lock: reading takes a while
        chances = same_claims(self._encoder, claim, claims)
        judged = [Match(hit.id, chance) for hit, chance in zip(near, chances, strict=True)]
        # Among equals the newest: one split off from another begins with the words the other began with.
        return sorted(judged, key=lambda match: (-match.probability, -match.rumour_id))

    def _index_of(self, claims: Mapping[int, Claim]) -> VectorIndex:
        index = VectorIndex(self._encoder.encoder.dimension, self._exact_rows)
        _add(index, claims)
        return index

    def _common(self) -> Centre:
        if self._centre is None:
            self._centre = Centre.of(self._encoder)
        return self._centre


def _add(index: VectorIndex, claims: Mapping[int, Claim]) -> None:
    if claims:
        index.add(np.stack([claim.vector for claim in claims.values()]), list(claims))
