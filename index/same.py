"""Whether two texts make the same claim, or only speak of the same topic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.facts import Facts
from index.variants import terms

# A logistic regression fitted on pairs of questions and of rumours marked as the same or not. Words count *against*
# sameness once meaning is known: people who retell a claim change its words, while a notice about another village keeps
# them and changes the one word that matters.
_INTERCEPT = -12.11
_COSINE = 17.80
_DICE = -4.94
_COPY = 0.9
"""From this share of shared terms on a text is a copy, whatever its vector says."""
_CONTRADICTED = 0.2
"""What a chance is multiplied by when the texts name other numbers or other places."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is compared of a text."""

    vector: npt.NDArray[np.float32]
    """Centred unit vector [dimension]."""
    terms: frozenset[str]
    facts: Facts

    @staticmethod
    def of(folded: str, centred: npt.NDArray[np.float32]) -> Claim:
        """The claim of a folded text and its centred vector."""
        return Claim(centred, frozenset(terms(folded)), Facts.of(folded))


def same_claim(left: Claim, right: Claim) -> float:
    """The chance, 0 to 1, that both say the same."""
    dice = 2 * len(left.terms & right.terms) / max(len(left.terms) + len(right.terms), 1)
    total = _INTERCEPT + _COSINE * float(left.vector @ right.vector) + _DICE * dice
    chance = 1.0 if dice >= _COPY else 1 / (1 + math.exp(-total))
    return chance * _CONTRADICTED if left.facts.contradict(right.facts) else chance
