"""How far "sure" can be trusted: the production decision on questions with known answers, or known to have none."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.centre import Centre
from index.decision import Evidence
from index.evaluation import Questions
from index.same import Claim, same_claim
from index.search import Searcher
from index.variants import fold
from index.vector_cache import CachedEncoder
from knowledge.models import Band

PRECISION = 0.95
"""How often "sure" must be right for `coverage_at_95`."""
_BINS = 10

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """One question after the decision."""

    probability: float
    band: Band
    right: bool
    """The best article answers it."""
    answerable: bool
    """Some article that could be found answers it."""
    evidence: Evidence | None


def judge(
    searcher: Searcher,
    questions: Questions,
    *,
    unanswerable: Mapping[str, str] | None = None,
    drop_gold: float = 0.0,
    seed: int = 0,
    progress: Report | None = None,
) -> list[Judged]:
    """Ask every question, and as many of the unanswerable ones.

    The searcher holds the documents of `questions`; the right answers of the share `drop_gold` of the questions are
    taken out first and put back at the end. `seed` chooses which, and which unanswerable questions.
    """
    chance = random.Random(seed)  # noqa: S311 - a split, no secret
    hidden = _hidden(questions, drop_gold, chance)
    asked = [(questions.texts[name], answers) for name, answers in questions.answers.items()]
    extra = sorted((unanswerable or {}).values())
    asked += [(text, frozenset()) for text in chance.sample(extra, min(len(extra), len(asked)))]
    documents = {document.id: document for document in questions.documents}
    searcher.replace(dict.fromkeys(hidden))
    judged = []
    for number, (text, answers) in enumerate(asked, start=1):
        outcome = searcher.search(text, 1)
        right = bool(outcome.found) and outcome.found[0].article_id in answers
        judged.append(Judged(outcome.probability, outcome.band, right, bool(answers - hidden), outcome.evidence))
        if progress:
            progress(number, len(asked))
    searcher.replace({number: documents[number] for number in hidden})
    return judged


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """The figures of a decision, at the shipped thresholds unless the name says otherwise; shares lie in 0 to 1."""
    sure = [each for each in judged if each.band is Band.SURE]
    answerable = sum(each.answerable for each in judged)
    return {
        "n": len(judged),
        "answerable": answerable,
        "coverage": round(sum(each.right for each in sure) / max(answerable, 1), 4),
        "precision": round(sum(each.right for each in sure) / max(len(sure), 1), 4),
        "ambiguous": sum(each.band is Band.AMBIGUOUS for each in judged),
        "unknown": sum(each.band is Band.UNKNOWN for each in judged),
        "ece": round(calibration_error(judged), 4),
        "coverage_at_95": round(coverage_at(PRECISION, judged), 4),
    }


def coverage_at(precision: float, judged: Sequence[Judged]) -> float:
    """Share of the answerable questions answered rightly at the lowest threshold that is right often enough."""
    ranked = sorted(judged, key=lambda each: -each.probability)
    right = best = 0
    for count, each in enumerate(ranked, start=1):
        right += each.right
        if right >= precision * count:
            best = right
    return best / max(sum(each.answerable for each in judged), 1)


def calibration_error(judged: Sequence[Judged]) -> float:
    """Expected calibration error over ten bins of equal width (Naeini et al. 2015)."""
    bins: list[list[Judged]] = [[] for _ in range(_BINS)]
    for each in judged:
        bins[min(int(each.probability * _BINS), _BINS - 1)].append(each)
    gaps = (abs(sum(e.probability for e in some) - sum(e.right for e in some)) for some in bins if some)
    return sum(gaps) / max(len(judged), 1)


def evaluate_pairs(
    encoder: CachedEncoder, pairs: Sequence[tuple[str, str, bool]], threshold: float, progress: Report | None = None
) -> dict[str, Any]:
    """How well `same_claim` tells pairs (one text, other text, same?) apart, and F1 at the shipped threshold."""
    folded = [fold(text) for left, right, _ in pairs for text in (left, right)]
    distinct = list(dict.fromkeys(folded))
    vectors = Centre.of(encoder).remove(encoder.encode_kept_queries(distinct, progress))
    claims = {text: Claim.of(text, vector) for text, vector in zip(distinct, vectors, strict=True)}
    chances = [same_claim(claims[folded[2 * row]], claims[folded[2 * row + 1]]) for row in range(len(pairs))]
    labels = [same for _, _, same in pairs]
    joined = [chance >= threshold for chance in chances]
    both = sum(chosen and label for chosen, label in zip(joined, labels, strict=True))
    return {
        "n": len(pairs),
        "auc": round(area_under_curve(chances, labels), 4),
        "f1": round(2 * both / max(sum(joined) + sum(labels), 1), 4),
    }


def area_under_curve(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The chance that a true pair scores above a false one, ties counting half (Mann and Whitney 1947)."""
    ranked = sorted(zip(scores, labels, strict=True))
    true = sum(labels)
    total = 0.0
    start = 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        middle = (start + end + 1) / 2  # ranks count from 1; equal scores share the mean rank
        total += middle * sum(label for _, label in ranked[start:end])
        start = end
    false = len(labels) - true
    return (total - true * (true + 1) / 2) / max(true * false, 1)


def _hidden(questions: Questions, share: float, chance: random.Random) -> set[int]:
    names = sorted(questions.answers)
    chance.shuffle(names)
    return {number for name in names[: round(len(names) * share)] for number in questions.answers[name]}
