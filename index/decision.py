"""From evidence to one of three bands: sure, ambiguous, unknown.

A raw score is no confidence: the default encoder's cosines sit close together for everything, and BM25 grows with the
length of a question. So the probability that the best article answers is a logistic regression over features that mean
the same in every knowledge base: how near the best is, and how far it stands above the others, by meaning and by
words. `scripts/fit_decision.py` fits it on question sets of other knowledge bases; the
figures are in `docs/decisions/search.md`.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

from knowledge.models import Band


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the best article, in numbers without units that do not depend on the knowledge base."""

    cosine: float
    """Centred cosine between the question and the best passage of the best article."""
    cosine_margin: float
    """How far that lies above the best passage of any other article."""
    cosine_outlier: float
    """The same cosine in standard deviations above the mean of the candidates."""
    words_margin: float
    """How far its BM25 score lies above the next article's, as a share of its own."""


@dataclass(frozen=True, slots=True)
class Bands:
    """From which probability on the bot is sure, and from which on it offers what it found.

    A wrong "sure" counts ten times a needless "not sure": that puts the first at 10/11.
    """

    sure: float = 0.90
    ambiguous: float = 0.50

    def of(self, probability: float) -> Band:
        """The band of a probability."""
        if probability >= self.sure:
            return Band.SURE
        return Band.AMBIGUOUS if probability >= self.ambiguous else Band.UNKNOWN


# Fitted by scripts/fit_decision.py; one weight for each field of Evidence, in order.
INTERCEPT = -3.996
WEIGHTS = (1.935, 6.838, 0.381, 2.253)


def probability(evidence: Evidence) -> float:
    """The chance, 0 to 1, that the best article answers the question."""
    total = INTERCEPT + sum(weight * value for weight, value in zip(WEIGHTS, astuple(evidence), strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))
