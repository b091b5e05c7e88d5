"""Whether two texts make the same claim, or only speak of the same topic."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.variants import terms

# Fitted by scripts/fit_decision.py on pairs of questions marked as the same or not.
_INTERCEPT = -7.0
_COSINE = 8.0
_DICE = 4.0
_CONTAINMENT = 2.0
_CONTRADICTED = 0.25
"""What a probability is multiplied by when both texts name numbers and share none."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Claim:
    """What is compared of a text."""

    vector: npt.NDArray[np.float32]
    """Centred unit vector [dimension]."""
    terms: frozenset[str]
    numbers: frozenset[str]

    @staticmethod
    def of(folded: str, centred: npt.NDArray[np.float32]) -> Claim:
        """The claim of a folded text and its centred vector."""
        return Claim(centred, frozenset(terms(folded)), frozenset(_NUMBER.findall(folded)))


def same_claim(left: Claim, right: Claim) -> float:
    """The chance, 0 to 1, that both say the same."""
    shared = len(left.terms & right.terms)
    dice = 2 * shared / max(len(left.terms) + len(right.terms), 1)
    containment = shared / max(min(len(left.terms), len(right.terms)), 1)
    cosine = float(left.vector @ right.vector)
    total = _INTERCEPT + _COSINE * cosine + _DICE * dice + _CONTAINMENT * containment
    chance = 1 / (1 + math.exp(-total))
    contradicted = left.numbers and right.numbers and not left.numbers & right.numbers
    return chance * _CONTRADICTED if contradicted else chance
