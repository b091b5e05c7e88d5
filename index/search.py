"""Search: text in, ranked articles with a calibrated confidence out. Ids only, never text to be shown.

Dense vectors and words each find what the other misses. Their scores have no common scale, so each is standardised
over the candidates of this one query, and the two are added with a fixed weight. Measured against adding ranks and
against each alone in `docs/decisions/search.md`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from index.centre import Centre
from index.decision import Bands, Evidence, probability
from index.lexical import WordIndex
from index.passages import Document, passages
from index.variants import fold
from index.vector_cache import CachedEncoder
from index.vectors import Hit, VectorIndex
from knowledge.models import Band

FloatVector = npt.NDArray[np.float32]

CANDIDATES = 50
"""How many articles each retriever may propose."""
WORDS_WEIGHT = 0.5
"""What the standardised BM25 score counts beside the standardised cosine."""


@dataclass(frozen=True, slots=True)
class Query:
    """A text ready to be searched with."""

    folded: str
    vector: FloatVector
    """Unit vector [dimension] as the encoder gave it, not centred."""


@dataclass(frozen=True, slots=True)
class Found:
    """One article and what each retriever thinks of it."""

    article_id: int
    score: float
    cosine: float
    words: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search came to. `probability` and `band` speak of the first article."""

    query: Query
    found: tuple[Found, ...] = ()
    evidence: Evidence | None = None
    probability: float = 0.0
    band: Band = Band.UNKNOWN


@dataclass(slots=True)
class _Candidates:
    cosines: dict[int, float] = field(default_factory=dict)
    words: dict[int, float] = field(default_factory=dict)


class Searcher:
    """Searches the documents it was given. Safe to use and to change from several threads."""

    def __init__(self, encoder: CachedEncoder, bands: Bands | None = None) -> None:
        self.encoder = encoder
        self.bands = bands or Bands()
        self._lock = threading.Lock()
        self._centre: Centre | None = None
        self._vectors = VectorIndex(encoder.encoder.dimension)
        self._words = WordIndex()

    def __len__(self) -> int:
        return len(self._words)

    @property
    def centre(self) -> Centre:
        """What all texts have in common for this encoder; computed when first needed."""
        if self._centre is None:
            self._centre = Centre.of(self.encoder)
        return self._centre

    def replace(
        self, documents: Mapping[int, Document | None], progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Bring these articles up to date; none takes one away. Searches meanwhile see the old state or the new.

        `progress` hears (done, all) of the passages that have to be encoded.
        """
        rows = [(number, text) for number, document in documents.items() if document for text in passages(document)]
        encoded = self.encoder.encode_passages([fold(text) for _, text in rows], progress)
        if not len(self):
            self._centre = Centre.of(self.encoder, encoded)
        centred = self.centre.remove(encoded)
        texts = {number: fold_all(document.text) if document else None for number, document in documents.items()}
        with self._lock:
            self._vectors.remove(list(documents))
            self._vectors.add(centred, [number for number, _ in rows])
            self._words.replace(texts)

    def search(self, text: str, limit: int = 5) -> Outcome:
        """The best `limit` articles for one text, best first."""
        return self.search_all([text], limit)[0]

    def search_all(self, texts: Sequence[str], limit: int = 5) -> list[Outcome]:
        """The same for several texts, encoded together."""
        folded = [fold(text) for text in texts]
        vectors = self.encoder.encode_queries(folded)
        return [self._search(Query(text, vector), limit) for text, vector in zip(folded, vectors, strict=True)]

    def rank_by_words(self, text: str, limit: int) -> list[Hit]:
        """What the word index alone would answer: the baseline of the evaluation."""
        return self._words.search(fold(text), limit)

    def rank_by_vectors(self, text: str, limit: int) -> list[Hit]:
        """What the dense index alone would answer: the other baseline."""
        vector = self.encoder.encode_queries([fold(text)])
        return self._vectors.search(self.centre.remove(vector)[0], limit)

    def _search(self, query: Query, limit: int) -> Outcome:
        if not query.folded:
            return Outcome(query)
        with self._lock:
            candidates = self._propose(query)
            ranked = fuse(candidates.cosines, candidates.words)
            if not ranked:
                return Outcome(query)
            evidence = self._weigh(query, ranked)
        chance = probability(evidence)
        return Outcome(query, tuple(ranked[:limit]), evidence, chance, self.bands.of(chance))

    def _propose(self, query: Query) -> _Candidates:
        dense = self._vectors.search(self.centre.remove(query.vector.reshape(1, -1))[0], CANDIDATES)
        words = self._words.search(query.folded, CANDIDATES)
        return _Candidates({hit.id: hit.score for hit in dense}, {hit.id: hit.score for hit in words})

    def _weigh(self, query: Query, ranked: Sequence[Found]) -> Evidence:
        best = ranked[0]
        others = ranked[1:]
        mean, spread = _mean_and_spread([found.cosine for found in ranked])
        next_cosine = max((found.cosine for found in others), default=0.0)
        next_words = max((found.words for found in others), default=0.0)
        return Evidence(
            cosine=best.cosine,
            cosine_margin=best.cosine - next_cosine,
            cosine_outlier=(best.cosine - mean) / max(spread, 0.02),
            words_margin=(best.words - next_words) / max(best.words, next_words, 1e-6),
        )


def fuse(cosines: Mapping[int, float], words: Mapping[int, float]) -> list[Found]:
    """Articles proposed by either retriever, by standardised cosine plus weighted standardised BM25, best first.

    One that a retriever did not propose gets the least that retriever gave to any.
    """
    if not cosines and not words:
        return []
    identities = list(dict.fromkeys((*cosines, *words)))
    floor_cosine = min(cosines.values(), default=0.0)
    floor_words = min(words.values(), default=0.0) if len(words) >= CANDIDATES else 0.0
    by_cosine = [cosines.get(number, floor_cosine) for number in identities]
    by_words = [words.get(number, floor_words) for number in identities]
    scores = [a + WORDS_WEIGHT * b for a, b in zip(_standardised(by_cosine), _standardised(by_words), strict=True)]
    found = [Found(*row) for row in zip(identities, scores, by_cosine, by_words, strict=True)]
    return sorted(found, key=lambda each: (-each.score, each.article_id))


def fold_all(text: str) -> str:
    """A long document folded whole: piece by piece, because folding cuts what people send."""
    return " ".join(fold(line) for line in text.splitlines())


def _standardised(values: Sequence[float]) -> list[float]:
    mean, spread = _mean_and_spread(values)
    return [(value - mean) / spread if spread > 1e-9 else 0.0 for value in values]


def _mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation; the standard library's own is exact and a hundred times slower."""
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
