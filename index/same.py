"""Whether two texts make the same claim, or only speak of the same topic."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np

from index.facts import Facts
from index.late import Reading, Tokens, closeness, read
from index.variants import terms
from index.vectors import FloatVector

_COPY = 0.9
"""From this share of shared terms on a text is a copy, whatever its vectors say."""
_CONTRADICTED = 0.2
"""What a chance is multiplied by when the texts name other numbers or other places."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is compared of a text."""

    vector: FloatVector
    """Centred unit vector [dimension]."""
    tokens: Tokens
    terms: frozenset[str]
    facts: Facts

    @staticmethod
    def of(folded: str, centred: FloatVector, tokens: Tokens) -> Claim:
        """The claim of a folded text, its centred vector and its tokens."""
        return Claim(centred, tokens, frozenset(terms(folded)), Facts.of(folded))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two claims are, in numbers that do not depend on what they are about."""

    cosine: float
    """Of their centred vectors."""
    dice: float
    """Share of terms they have in common."""
    covered: float
    """How far the one that is covered less is covered by the other, token by token."""
    covered_more: float
    uncovered: float
    """How far the least covered part of either is from the other."""
    length_ratio: float
    """Logarithm of how many times as long one is, in tokens."""

    @staticmethod
    def of(left: Claim, right: Claim) -> Likeness:
        """The likeness of two claims; which is left does not matter."""
        one, other = _covering(left, right), _covering(right, left)
        shared = 2 * len(left.terms & right.terms) / max(len(left.terms) + len(right.terms), 1)
        lengths = sorted((1 + len(left.tokens), 1 + len(right.tokens)))
        return Likeness(
            cosine=float(left.vector @ right.vector),
            dice=shared,
            covered=min(one.covered, other.covered),
            covered_more=max(one.covered, other.covered),
            uncovered=max(one.uncovered, other.uncovered),
            length_ratio=math.log(lengths[1] / lengths[0]),
        )


# Fitted by scripts/training/pairs.py on pairs of questions marked as the same or not; one weight for each field of
# Likeness, in order.
INTERCEPT = -2.32
WEIGHTS = (-0.71, -1.75, 2.11, 4.98, -4.96, 0.83)


def same_claim(left: Claim, right: Claim) -> float:
    """The chance, 0 to 1, that both say the same."""
    likeness = Likeness.of(left, right)
    total = INTERCEPT + sum(weight * value for weight, value in zip(WEIGHTS, astuple(likeness), strict=True))
    chance = 1.0 if likeness.dice >= _COPY else 1 / (1 + math.exp(-total))
    return chance * _CONTRADICTED if left.facts.contradict(right.facts) else chance


def _covering(covered: Claim, by: Claim) -> Reading:
    alike = np.ones(len(covered.tokens), dtype=np.float32)  # what is rare among rumours is not known
    covering, uncovered = read(alike, closeness(covered.tokens, by.tokens, [len(by.tokens)]))
    return Reading(float(covering[0]), float(uncovered[0]))
