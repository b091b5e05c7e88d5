"""Search: text in, ranked articles with a calibrated confidence out. Ids only, never text to be shown.

Dense vectors and words each find what the other misses, and propose articles. The best of those are then read token by
token. The three scores have no common scale, so each is standardised over the candidates of this one query, and they
are added with fixed weights. Measured against adding ranks and against each alone in `docs/decisions/search.md`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.centre import Centre
from index.decision import Bands, Evidence, Found, probability
from index.encoder import Encoded
from index.fusion import fused
from index.late import Reading, Tokens, closeness, read
from index.lexical import WordIndex
from index.model.comparison import COMPARED
from index.passages import Document, Passage, passages
from index.recent import Recent
from index.rows import PassageRows
from index.variants import fold, fold_all
from index.vector_cache import CachedEncoder
from index.vectors import FloatMatrix, FloatVector, Hit, VectorIndex
from index.veto import Stated, Veto
from knowledge.models import Band

CANDIDATES = 50
"""How many articles each retriever may propose."""
READ = 30
"""How many of them are read token by token."""
_PASSAGES_READ = 5
"""How many passages of each, those nearest in meaning."""
_POOLED, _POOLED_READINGS = 5, 3
"""Of an article with phrasings so many passages speak together, those nearest and those that cover best: one that
happens to sound alike is no evidence while the other ways of asking the same lie far off."""
_VERBATIM = 0.9
"""A passage from this score on says the same, and speaks alone."""
_ROWS_LOOKED_AT = 8
"""How many passages are looked at first to find one article; an article has many that lie close together."""
_WORDS_WEIGHT, _WORDS_WEIGHT_BARE = 0.5, 0.3
"""What the standardised BM25 score of an article with phrasings, and of one without, counts beside the standardised
cosine: phrasings have the words people use."""
_READING_WEIGHT, _READING_WEIGHT_BARE = 0.6, 1.0
"""What the standardised coverage counts."""
_CLOSE = 1.0
"""When the next score lies less than this behind the best, the first few are compared with the question as well."""
_COMPARED_ARTICLES = 3
"""So many of them, whose places are counted as well."""
_COMPARISON_WEIGHT = 0.5
"""What the log odds count then that an article's wordings ask what the question asks."""
_OUTCOMES = 512
"""So many are remembered until an article changes, some kilobytes each: one rumour is sent by many within the hour."""


@dataclass(frozen=True, slots=True)
class Query:
    """A text ready to be searched with."""

    folded: str
    vector: FloatVector
    """Unit vector [dimension] as the encoder gave it, not centred."""
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search came to. `probability` and `band` speak of the first article."""

    query: Query
    found: tuple[Found, ...] = ()
    evidence: Evidence | None = None
    probability: float = 0.0
    band: Band = Band.UNKNOWN
    veto: Veto | None = None
    """What the question has against the first article."""


@dataclass(slots=True)
class _Candidate:
    article_id: int
    cosine: float
    words: float
    rows: npt.NDArray[np.int64]
    """Its passages nearest in meaning."""


class Searcher:
    """Searches the documents it was given. Safe to use and to change from several threads."""

    def __init__(self, encoder: CachedEncoder, bands: Bands | None = None) -> None:
        self.encoder = encoder
        self.bands = bands or Bands()
        self._lock = threading.Lock()
        self._changing = threading.Lock()
        self._centre: Centre | None = None
        self._vectors = VectorIndex(encoder.encoder.dimension)
        self._rows = PassageRows(encoder.encoder.token_dimension)
        self._words = WordIndex()
        self._wordings: dict[int, int] = {}
        """Of each article how many of its passages, which come first, are its title or a phrasing."""
        self._stated: dict[int, Stated] = {}
        self._recent = Recent[tuple[str, int], Outcome](_OUTCOMES)
        """By folded text and limit."""

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
        pieces = {number: passages(document) if document else [] for number, document in documents.items()}
        texts = {number: fold_all(document.text) if document else None for number, document in documents.items()}
        everything = [piece for some in pieces.values() for piece in some]
        asked = self.encoder.encode_wordings([fold(piece.text) for piece in everything if piece.is_asked], progress)
        told = self.encoder.encode_passages([fold(piece.text) for piece in everything if not piece.is_asked], progress)
        there = {number: document for number, document in documents.items() if document}
        stated = {number: Stated.of(document) for number, document in there.items()}
        wordings = {number: len(set(filter(str.strip, document.asked))) for number, document in there.items()}
        with self._changing:
            if not len(self):
                self._centre = Centre.of(self.encoder, asked.vectors, told.vectors)
            vectors, tokens = self._in_order(everything, asked, told)
            with self._lock:
                self._replace_rows(pieces, vectors, tokens)
                self._words.replace(texts)
                for number in documents.keys() - stated.keys():
                    self._wordings.pop(number, None)
                    self._stated.pop(number, None)
                self._wordings |= wordings
                self._stated |= stated
                self._recent = Recent(_OUTCOMES)
            if self._vectors.should_settle:
                settled = self._vectors.settled()
                with self._lock:
                    self._vectors = settled

    def _in_order(
        self, pieces: Sequence[Passage], asked: Encoded, told: Encoded
    ) -> tuple[FloatMatrix, Sequence[Tokens]]:
        """Centred vectors and tokens of the pieces, which were encoded in two roles, in the order of the pieces."""
        is_asked = np.array([piece.is_asked for piece in pieces], dtype=bool)
        vectors = np.empty((len(pieces), self.encoder.encoder.dimension), dtype=np.float32)
        vectors[is_asked] = self.centre.of_asked(asked.vectors)
        vectors[~is_asked] = self.centre.of_told(told.vectors)
        asked_tokens, told_tokens = iter(asked.tokens), iter(told.tokens)
        return vectors, [next(asked_tokens if each else told_tokens) for each in is_asked.tolist()]

    def _replace_rows(
        self, pieces: Mapping[int, Sequence[Passage]], vectors: FloatMatrix, tokens: Sequence[Tokens]
    ) -> None:
        start = 0
        for number, some in pieces.items():
            self._vectors.remove(self._rows.remove(number))
            end = start + len(some)
            if some:
                self._vectors.add(vectors[start:end], self._rows.add(number, tokens[start:end]))
            start = end

    def search(self, text: str, limit: int = 5) -> Outcome:
        """The best `limit` articles for one text, best first."""
        return self.search_all([text], limit)[0]

    def search_all(self, texts: Sequence[str], limit: int = 5) -> list[Outcome]:
        """The same for several texts, encoded together."""
        recent = self._recent  # another one after a change: what is found now must not be remembered there
        folded = [fold(text) for text in texts]
        known = {text: outcome for text in folded if (outcome := recent.get((text, limit)))}
        new = [text for text in dict.fromkeys(folded) if text not in known]
        encoded = self.encoder.encode_queries(new)
        for query in map(Query, new, encoded.vectors, encoded.tokens):
            known[query.folded] = self._search(query, limit)
            recent.put({(query.folded, limit): known[query.folded]})
        return [known[text] for text in folded]

    def vector_of(self, text: str) -> FloatVector:
        """The unit vector of a text as a question [dimension], as the encoder gives it, which is kept for a search."""
        vector: FloatVector = self.encoder.encode_queries([fold(text)]).vectors[0]
        return vector

    def rank_by_words(self, text: str, limit: int) -> list[Hit]:
        """What the word index alone would answer: the baseline of the evaluation."""
        return self._words.search(fold(text), limit)

    def rank_by_vectors(self, text: str, limit: int) -> list[Hit]:
        """What the dense index alone would answer: the other baseline."""
        vector = self.centre.of_queries(self.encoder.encode_queries([fold(text)]).vectors)[0]
        return [Hit(article_id, score) for article_id, score in self._nearest(vector, limit).items()]

    def _search(self, query: Query, limit: int) -> Outcome:
        if not query.folded:
            return Outcome(query)
        with self._lock:
            vector = self._centred(query)
            candidates = self._propose(query, vector)
            if not candidates:
                return Outcome(query)
            ranked = self._rank(query, candidates)
            close = [each for each in ranked[:_COMPARED_ARTICLES] if ranked[0].score - each.score < _CLOSE]
            rows = [self._nearest_wordings(vector, each.article_id) for each in close]
            wordings = self._rows.tokens(np.concatenate(rows))
            told = {
                each.article_id: self._nearest_told(vector, each.article_id)
                for each, some in zip(close, rows, strict=True)
                if len(some)
            }
            stated = {each.article_id: self._stated[each.article_id] for each in ranked[:_COMPARED_ARTICLES]}
        odds = self._compared(query, *wordings, [len(some) for some in rows])
        ranked, compared = _reordered(ranked, odds)
        best, *others = (stated[each.article_id] for each in ranked[:_COMPARED_ARTICLES])
        places_margin = best.shares_places(query.folded) - _mean(each.shares_places(query.folded) for each in others)
        evidence = Evidence.of(ranked, places_margin=places_margin, compared=compared)
        veto = best.veto(query.folded)
        chance = probability(evidence, vetoed=bool(veto))
        first = told.get(ranked[0].article_id)
        if first and self.bands.is_worth_reading(chance):
            evidence = replace(evidence, answered=self.encoder.compare_told(query.tokens, first))
            chance = probability(evidence, vetoed=bool(veto))
        band = self.bands.of(chance, has_phrasings=best.has_phrasings)
        return Outcome(query, tuple(ranked[:limit]), evidence, chance, band, veto)

    def _nearest_wordings(self, vector: FloatVector, article_id: int) -> npt.NDArray[np.int64]:
        """The rows of the title and the phrasings that lie nearest to a centred vector; none without phrasings."""
        if not self._has_phrasings(article_id):
            return np.empty(0, dtype=np.int64)
        first = self._rows.of(article_id).start
        return self._nearest_rows(vector, np.arange(first, first + self._wordings[article_id]), COMPARED)

    def _nearest_told(self, vector: FloatVector, article_id: int) -> Tokens:
        """The passage that lies nearest of those that answer; without tokens where the title is all there is."""
        rows = self._rows.of(article_id)
        told = np.arange(rows.start + self._wordings[article_id], rows.stop)
        return self._rows.tokens(self._nearest_rows(vector, told, 1))[0]

    def _nearest_rows(self, vector: FloatVector, rows: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
        nearest: npt.NDArray[np.int64] = rows[np.argsort(-self._vectors.cosines(vector, rows))[:count]]
        return nearest

    def _has_phrasings(self, article_id: int) -> bool:
        return self._stated[article_id].has_phrasings

    def _compared(
        self, query: Query, wordings: Tokens, sizes: npt.NDArray[np.int64], counts: Sequence[int]
    ) -> list[float | None]:
        """For each article the mean log odds that its wordings, `counts` of them, ask what the question asks; none
        where nobody can say."""
        odds = self.encoder.compare(query.tokens, wordings, sizes) if len(sizes) else None
        if odds is None:
            return [None] * len(counts)
        parts = np.split(odds, np.cumsum(counts)[:-1])
        return [float(part.mean()) if len(part) else None for part in parts]

    def _centred(self, query: Query) -> FloatVector:
        centred: FloatVector = self.centre.of_queries(query.vector.reshape(1, -1))[0]
        return centred

    def _propose(self, query: Query, vector: FloatVector) -> list[_Candidate]:
        """The articles that either retriever proposes, each with its own score by both."""
        near = self._nearest(vector, CANDIDATES)
        words = {hit.id: hit.score for hit in self._words.search(query.folded, CANDIDATES)}
        floor = min(words.values()) if len(words) >= CANDIDATES else 0.0
        article_ids = list(dict.fromkeys((*near, *words)))
        if not article_ids:
            return []
        rows, sizes = self._rows.of_all(article_ids)
        owners = np.repeat(np.arange(len(article_ids)), sizes)
        scores = self._vectors.cosines(vector, rows)
        order = np.lexsort((-scores, owners))  # of each article its passages, nearest first
        rows = rows[order]
        cosines = self._pooled(article_ids, scores[order], sizes, _POOLED)
        starts = np.cumsum(sizes) - sizes
        return [
            _Candidate(
                article_id, cosine, words.get(article_id, floor), rows[start : start + min(size, _PASSAGES_READ)]
            )
            for article_id, cosine, start, size in zip(
                article_ids, cosines, starts.tolist(), sizes.tolist(), strict=True
            )
        ]

    def _pooled(
        self, article_ids: Sequence[int], scores: FloatVector, sizes: npt.NDArray[np.int64], count: int
    ) -> list[float]:
        """For each article the mean of the `count` best scores of its passages, or the best alone.

        scores: of all passages, article by article, for each best first; sizes: how many each article has.
        """
        starts = np.cumsum(sizes) - sizes
        best = scores[starts]
        speaks_alone = np.array([not self._has_phrasings(article_id) for article_id in article_ids]) | (
            best >= _VERBATIM
        )
        counted = np.minimum(sizes, np.where(speaks_alone, 1, count))
        rank = np.arange(len(scores)) - np.repeat(starts, sizes)
        sums = np.add.reduceat(np.where(rank < np.repeat(counted, sizes), scores, 0.0), starts)
        pooled: list[float] = (sums / counted).tolist()
        return pooled

    def _nearest(self, vector: FloatVector, limit: int) -> dict[int, float]:
        """At most `limit` articles, each with the cosine of its nearest passage, best first."""
        wanted = limit * _ROWS_LOOKED_AT
        while True:
            hits = self._vectors.search(vector, wanted)
            found: dict[int, float] = {}
            for hit, owner in zip(hits, self._rows.owners([hit.id for hit in hits]), strict=True):
                found.setdefault(owner, hit.score)
            if len(found) >= limit or len(hits) < wanted:
                return dict(list(found.items())[:limit])
            wanted *= 4

    def _rank(self, query: Query, candidates: Sequence[_Candidate]) -> list[Found]:
        """The candidates, best first. Those that the first two scores leave behind are not read, and come last."""
        cosines, words = [each.cosine for each in candidates], [each.words for each in candidates]
        has_phrasings = [self._has_phrasings(each.article_id) for each in candidates]
        words_weights = [_WORDS_WEIGHT if has else _WORDS_WEIGHT_BARE for has in has_phrasings]
        first = fused([([1.0] * len(candidates), cosines), (words_weights, words)])
        order = sorted(range(len(candidates)), key=lambda place: (-first[place], candidates[place].article_id))
        chosen = [candidates[place] for place in order[:READ]]
        readings = self._read(query, chosen)
        reading_weights = [_READING_WEIGHT if has_phrasings[place] else _READING_WEIGHT_BARE for place in order[:READ]]
        gains = fused([(reading_weights, [reading.covered for reading in readings])])
        found = [
            Found(
                each.article_id,
                first[place] + gain,
                each.cosine,
                each.words,
                reading.covered,
                reading.uncovered,
            )
            for place, each, reading, gain in zip(order[:READ], chosen, readings, gains, strict=True)
        ]
        found.sort(key=lambda one: (-one.score, one.article_id))
        rest = (candidates[place] for place in order[READ:])
        last = found[-1].score
        return [*found, *(Found(each.article_id, last, each.cosine, each.words) for each in rest)]

    def _read(self, query: Query, candidates: Sequence[_Candidate]) -> list[Reading]:
        """How each candidate's best passage answers the question token by token."""
        sizes = np.array([len(each.rows) for each in candidates])
        tokens, lengths = self._rows.tokens(np.concatenate([each.rows for each in candidates]))
        covered, uncovered = read(self._rows.rarity(query.tokens), closeness(query.tokens, tokens, lengths))
        order = np.lexsort((-covered, np.repeat(np.arange(len(candidates)), sizes)))
        pooled = self._pooled([each.article_id for each in candidates], covered[order], sizes, _POOLED_READINGS)
        best = uncovered[order][np.cumsum(sizes) - sizes]
        return [Reading(*row) for row in zip(pooled, best.tolist(), strict=True)]


def _reordered(ranked: Sequence[Found], odds: Sequence[float | None]) -> tuple[list[Found], float | None]:
    """The articles with the first of them in order by score and log odds, and the odds of the best. Places keep their
    scores, so that these fall from the first to the last."""
    both = [each.score + _COMPARISON_WEIGHT * (known or 0.0) for each, known in zip(ranked, odds, strict=False)]
    order = sorted(range(len(both)), key=lambda place: -both[place])
    first = [replace(ranked[place], score=at.score) for place, at in zip(order, ranked, strict=False)]
    return [*first, *ranked[len(order) :]], odds[order[0]]


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / max(len(found), 1)
