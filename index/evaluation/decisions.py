"""How far "sure" can be trusted: the production decision on questions with known answers, or known to have none."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from index.decision import Evidence
from index.evaluation.figures import rounded, share, told
from index.evaluation.files import Questions, first_words
from index.evaluation.resampling import intervals
from index.search import Searcher
from index.vectors import Hit
from knowledge.models import Band

PRECISION = 0.95
"""How often "sure" must be right for `coverage_at_95`."""
WORST = 20
"""How many wrong decisions are told."""
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
    evidence: Evidence | None = None
    vetoed: bool = False
    """Facts in the question speak against the best article."""
    question: str = ""
    wanted: str = ""
    """What the right article says first; nothing where none could be found."""
    found: str = ""
    """What the best article says first."""


def judge(
    searcher: Searcher,
    questions: Questions,
    *,
    unanswerable: Mapping[str, str] | None = None,
    drop_gold: float = 0.0,
    seed: int = 0,
    alone: bool = False,
    progress: Report | None = None,
) -> dict[str, list[Judged]]:
    """Ask every question, and as many of the unanswerable ones: what "ours" decides, and "words" and "dense" `alone`.

    Alone, a retriever's confidence is how far its best article scores above its next. The searcher holds the documents
    of `questions`; the right answers of the share `drop_gold` of the questions are taken out first and put back at the
    end. `seed` chooses which, and which unanswerable questions.
    """
    chance = random.Random(seed)  # noqa: S311 - a split, no secret
    hidden = _hidden(questions, drop_gold, chance)
    asked = [(questions.texts[name], answers) for name, answers in questions.answers.items()]
    extra = sorted((unanswerable or {}).values())
    asked += [(text, frozenset()) for text in chance.sample(extra, min(len(extra), len(asked)))]
    documents = {document.id: document for document in questions.documents}
    searcher.replace(dict.fromkeys(hidden))
    judged: dict[str, list[Judged]] = {"ours": [], "words": [], "dense": []}
    for number, (text, answers) in enumerate(asked, start=1):
        there = answers - hidden
        outcome = searcher.search(text, 1)
        best = outcome.found[0].article_id if outcome.found else 0
        judged["ours"].append(
            Judged(
                outcome.probability,
                outcome.band,
                best in answers,
                bool(there),
                outcome.evidence,
                bool(outcome.veto),
                text,
                first_words(documents.get(min(there & {best} or there, default=0))),
                first_words(documents.get(best)),
            )
        )
        if alone:
            judged["words"].append(_alone(searcher.rank_by_words(text, 2), answers, bool(there)))
            judged["dense"].append(_alone(searcher.rank_by_vectors(text, 2), answers, bool(there)))
        if progress:
            progress(number, len(asked))
    searcher.replace({number: documents[number] for number in hidden})
    return judged


def evaluate_decisions(
    searcher: Searcher,
    questions: Questions,
    *,
    unanswerable: Mapping[str, str] | None = None,
    drop_gold: float = 0.0,
    seed: int = 0,
    progress: Report | None = None,
) -> dict[str, Any]:
    """The figures of `judge`, with intervals, the reliability curve and the worst of the wrong decisions."""
    judged = judge(
        searcher, questions, unanswerable=unanswerable, drop_gold=drop_gold, seed=seed, alone=True, progress=progress
    )
    ours = judged["ours"]
    return {
        **questions.ignored,
        **summary(ours),
        "interval": intervals(ours, _shares),
        "reliability": reliability(ours),
        **{way: {"coverage_at_95": rounded(coverage_at(PRECISION, judged[way]))} for way in ("words", "dense")},
        "misses": [
            {
                "question": each.question,
                "wanted": each.wanted,
                "found": each.found,
                "probability": round(each.probability, 3),
                "band": each.band.value,
                "vetoed": each.vetoed,
                "answerable": each.answerable,
            }
            for each in misjudged(ours)[:WORST]
        ],
    }


def misjudged(judged: Sequence[Judged]) -> list[Judged]:
    """The wrong decisions, the worst first: "sure" of what is wrong, the likeliest first; then "not sure" of what is
    right, the least likely first."""
    wrong = [each for each in judged if (each.band is Band.SURE) is not each.right]
    return sorted(wrong, key=lambda each: (each.right, each.probability if each.right else -each.probability))


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """The figures of a decision, at the shipped thresholds unless the name says otherwise; shares lie in 0 to 1, and
    are none where there was nothing to have a share of."""
    return {
        "n": len(judged),
        "answerable": sum(each.answerable for each in judged),
        "ambiguous": sum(each.band is Band.AMBIGUOUS for each in judged),
        "unknown": sum(each.band is Band.UNKNOWN for each in judged),
        **told(_shares(judged)),
    }


def _shares(judged: Sequence[Judged]) -> dict[str, float]:
    sure = [each for each in judged if each.band is Band.SURE]
    right = sum(each.right for each in sure)
    return {
        "coverage": share(right, sum(each.answerable for each in judged)),
        "precision": share(right, len(sure)),
        "ece": calibration_error(judged),
        "coverage_at_95": coverage_at(PRECISION, judged),
    }


def _alone(hits: Sequence[Hit], answers: frozenset[int], answerable: bool) -> Judged:
    margin = hits[0].score - (hits[1].score if len(hits) > 1 else 0.0) if hits else 0.0
    return Judged(margin, Band.UNKNOWN, bool(hits) and hits[0].id in answers, answerable)


def coverage_at(precision: float, judged: Sequence[Judged]) -> float:
    """Share of the answerable questions answered rightly at the lowest threshold that is right often enough.

    Equal chances lie on one side of any threshold. Not a number where nothing is answerable.
    """
    ranked = sorted(judged, key=lambda each: -each.probability)
    count = right = best = 0
    for _, equal in groupby(ranked, key=lambda each: each.probability):
        rights = [each.right for each in equal]
        count, right = count + len(rights), right + sum(rights)
        if right >= precision * count:
            best = right
    return share(best, sum(each.answerable for each in judged))


def reliability(judged: Sequence[Judged]) -> list[dict[str, float]]:
    """The curve: for each tenth of the scale that occurs, how many decisions, their mean chance, the share right."""
    curve = []
    for some in _bins(judged):
        chance = sum(each.probability for each in some) / len(some)
        right = sum(each.right for each in some) / len(some)
        curve.append({"n": len(some), "probability": round(chance, 4), "right": round(right, 4)})
    return curve


def calibration_error(judged: Sequence[Judged]) -> float:
    """Expected calibration error over ten bins of equal width (Naeini et al. 2015)."""
    gaps = (abs(sum(e.probability for e in some) - sum(e.right for e in some)) for some in _bins(judged))
    return sum(gaps) / max(len(judged), 1)


def _bins(judged: Sequence[Judged]) -> list[list[Judged]]:
    """The decisions by tenths of the scale, without the empty ones."""
    bins: list[list[Judged]] = [[] for _ in range(_BINS)]
    for each in judged:
        bins[min(int(each.probability * _BINS), _BINS - 1)].append(each)
    return [some for some in bins if some]


def _hidden(questions: Questions, share: float, chance: random.Random) -> set[int]:
    names = sorted(questions.answers)
    chance.shuffle(names)
    return {number for name in names[: round(len(names) * share)] for number in questions.answers[name]}
