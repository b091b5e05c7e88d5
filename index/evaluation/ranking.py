"""How often the production searcher finds the right document, beside its words alone and its vectors alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from index.evaluation.files import Questions, first_words
from index.evaluation.resampling import intervals
from index.search import Searcher

DEPTH = 10
"""How far down a ranking is looked at."""
WORST = 20
"""How many misses are told."""

Answered = tuple[Sequence[int], frozenset[int]]
"""A ranking, best first, and the right answers."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Quality of one way of ranking, averaged over the questions; every figure lies between 0 and 1."""

    hit_at_1: float
    hit_at_3: float
    hit_at_5: float
    mrr_at_10: float
    ndcg_at_10: float

    def as_dict(self) -> dict[str, float]:
        """The figures under their customary names, rounded to four places."""
        return {name.replace("_at_", "@"): round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Miss:
    """A question whose right document does not come first."""

    question: str
    wanted: str
    """What the right document says first."""
    found: str
    """What the document that came first says."""
    rank: int | None
    """Where the right one came; none when it was not among the first `DEPTH`."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def evaluate_retrieval(
    searcher: Searcher, questions: Questions, progress: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """Ranking quality of the searcher, and of its words alone and its vectors alone, with the worst misses.

    The searcher must hold the documents of `questions` and nothing else.
    """
    ways: dict[str, Callable[[str], Sequence[int]]] = {
        "ours": lambda text: [found.article_id for found in searcher.search(text, DEPTH).found],
        "words": lambda text: [hit.id for hit in searcher.rank_by_words(text, DEPTH)],
        "dense": lambda text: [hit.id for hit in searcher.rank_by_vectors(text, DEPTH)],
    }
    ranked: dict[str, list[Answered]] = {way: [] for way in ways}
    for number, (question, answers) in enumerate(questions.answers.items(), start=1):
        for way, rank in ways.items():
            ranked[way].append((rank(questions.texts[question]), answers))
        if progress:
            progress(number, len(questions.answers))
    figures = {way: _with_intervals(rows) for way, rows in ranked.items()}
    return {
        "n": len(questions.answers),
        **questions.ignored,
        **figures["ours"],
        "words": figures["words"],
        "dense": figures["dense"],
        "misses": [miss.as_dict() for miss in _misses(questions, ranked["ours"])],
    }


def _with_intervals(rows: Sequence[Answered]) -> dict[str, Any]:
    return {**measure(rows).as_dict(), "interval": intervals(rows, lambda some: measure(some).as_dict())}


def _misses(questions: Questions, rows: Sequence[Answered]) -> list[Miss]:
    """The worst first: those not found at all, then those found far down."""
    documents = {document.id: document for document in questions.documents}
    missed = []
    for question, (ranking, answers) in zip(questions.answers, rows, strict=True):
        rank = next((place for place, number in enumerate(ranking, start=1) if number in answers), None)
        if rank == 1:
            continue
        wanted, found = documents[min(answers)], documents.get(ranking[0]) if ranking else None
        missed.append(Miss(questions.texts[question], first_words(wanted), first_words(found), rank))
    missed.sort(key=lambda miss: -(miss.rank or DEPTH + 1))
    return missed[:WORST]


def measure(rows: Sequence[tuple[Sequence[int], frozenset[int]]]) -> Ranking:
    """Figures over (ranking best first, right answers) of every question."""
    count = max(len(rows), 1)

    def hits(depth: int) -> float:
        return sum(bool(answers & set(ranking[:depth])) for ranking, answers in rows) / count

    return Ranking(
        hit_at_1=hits(1),
        hit_at_3=hits(3),
        hit_at_5=hits(5),
        mrr_at_10=sum(_reciprocal_rank(ranking, answers) for ranking, answers in rows) / count,
        ndcg_at_10=sum(_ndcg(ranking, answers) for ranking, answers in rows) / count,
    )


def _reciprocal_rank(ranking: Sequence[int], answers: frozenset[int]) -> float:
    return next((1 / rank for rank, number in enumerate(ranking[:DEPTH], start=1) if number in answers), 0.0)


def _ndcg(ranking: Sequence[int], answers: frozenset[int]) -> float:
    """Normalised discounted cumulative gain with gain 1 for each right answer (Järvelin and Kekäläinen 2002)."""
    gain = sum(1 / math.log2(rank + 1) for rank, number in enumerate(ranking[:DEPTH], start=1) if number in answers)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(answers), DEPTH) + 1))
    return gain / ideal
