"""From evidence to one of three bands: sure, ambiguous, unknown.

A raw score is no confidence: the default encoder's cosines sit close together for everything, and BM25 grows with the
length of a question. So the probability that the best article answers is a logistic regression over features that mean
the same in every knowledge base: how far the best stands above the others, by meaning, by words, token by token and by
the places it names, whether part of the question is left over, and how likely the article's phrasings ask the same. An
article without phrasings is judged by weights of its own: to stand out among phrasings is one thing, among bare texts
another. Both are fitted by `scripts/training/decision.py`; the figures are in `docs/decisions/search.md`. A question
that contradicts the article, or asks for what it never speaks of, is never answered surely.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from index.fusion import mean_and_spread
from knowledge.models import Band


@dataclass(frozen=True, slots=True)
class Found:
    """One article and what speaks for it."""

    article_id: int
    score: float
    cosine: float
    """Centred cosine of its nearest passage."""
    words: float
    """BM25."""
    covered: float = 0.0
    """How far its best passage covers the question, token by token; 0 where it was not read."""
    uncovered: float = 1.0
    """How far the least covered part of the question is from it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the best article, in numbers without units that do not depend on the knowledge base."""

    cosine_margin: float
    """How far the cosine of its best passage lies above the best of any other article."""
    cosine_outlier: float
    """The same cosine in standard deviations above the mean of the candidates."""
    words_outlier: float
    """Its BM25 score in the same way."""
    words_margin: float
    """How far that lies above the best of any other article."""
    covered_margin: float
    """How far its best passage covers the question more than that of any other article."""
    uncovered: float
    """How far the least covered part of the question is from the passage."""
    places_margin: float
    """How many more of the places in the question it names than the next two do: -2 to 2, by `Stated.shares_places`."""
    compared: float | None
    """The log odds that the question asks what the article's phrasings ask; none where it has none."""
    answered: float | None
    """The log odds that the nearest passage of its text asks what the question asks, which is never quite so, but less
    where it answers something else; none where it was not read: without phrasings this helps nothing."""

    @staticmethod
    def of(
        ranked: Sequence[Found],
        *,
        places_margin: float = 0.0,
        compared: float | None = None,
    ) -> Evidence:
        """The evidence for the first of the ranked articles."""
        best, others = ranked[0], ranked[1:]
        return Evidence(
            cosine_margin=best.cosine - max((found.cosine for found in others), default=0.0),
            cosine_outlier=outlier([found.cosine for found in ranked]),
            words_outlier=outlier([found.words for found in ranked]),
            words_margin=best.words - max((found.words for found in others), default=0.0),
            covered_margin=best.covered - max((found.covered for found in others), default=0.0),
            uncovered=best.uncovered,
            places_margin=places_margin,
            compared=compared,
            answered=None,
        )


@dataclass(frozen=True, slots=True)
class Bands:
    """From which probability on the bot is sure, and from which on it offers what it found.

    A wrong "sure" counts ten times a needless "not sure": on the project's own questions that costs least here, and
    98 % of the answers are right. A choice of three costs little, and more than nine in ten questions that an article
    answers find it there.
    """

    sure: float = 0.90
    ambiguous: float = 0.3
    less_without_phrasings: float = 0.08
    """So much sooner an article without phrasings is sure: other articles' phrasings mislead, bare texts less."""
    read_above: float = 0.6
    read_below: float = 0.98
    """Only between these is the passage read, which takes twice as long as encoding a question: beyond, it made no
    answer better."""

    def is_worth_reading(self, probability: float) -> bool:
        """Whether what a passage says may still change the band."""
        return self.read_above < probability < self.read_below

    def of(self, probability: float, *, has_phrasings: bool = True) -> Band:
        """The band of a probability."""
        if probability >= self.sure - (0.0 if has_phrasings else self.less_without_phrasings):
            return Band.SURE
        return Band.AMBIGUOUS if probability >= self.ambiguous else Band.UNKNOWN


_LEAST_SPREAD = 0.02

# Fitted by scripts/training/decision.py: the intercept, and one weight for each field of Evidence, in order.
_UNREAD = (-0.754, 3.656, 0.217, 0.282, 0.032, 3.105, -2.358, 0.727, 0.729, 0.0)
_WITH_PHRASINGS = (-0.639, 4.028, 0.218, 0.275, 0.029, 2.899, -1.904, 0.695, 0.455, 0.4)
_WITHOUT = (-3.315, 3.252, 0.617, 0.318, 0.026, 4.465, -3.281, 0.617, 0.0, 0.0)

VETOED = 0.6
"""What a chance is multiplied by when facts speak against the article: less than
`Bands.sure` with and without phrasings, so that it never is."""


def probability(evidence: Evidence, *, vetoed: bool = False) -> float:
    """The chance, 0 to 1, that the best article answers the question; `vetoed` where facts speak against it."""
    intercept, *weights = _weights(evidence)
    values = (value or 0.0 for value in astuple(evidence))
    total = intercept + sum(weight * value for weight, value in zip(weights, values, strict=True))
    chance = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))
    return chance * VETOED if vetoed else chance


def _weights(evidence: Evidence) -> tuple[float, ...]:
    if evidence.compared is None:
        return _WITHOUT
    return _UNREAD if evidence.answered is None else _WITH_PHRASINGS


def outlier(values: Sequence[float]) -> float:
    """How many standard deviations the first value lies above the mean of all."""
    if not values:
        return 0.0
    mean, spread = mean_and_spread(values)
    return (values[0] - mean) / max(spread, _LEAST_SPREAD)
