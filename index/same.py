"""Whether two texts make the same claim, or only speak of the same topic.

How alike they are in words and meaning is counted at once; whether a forward of two hundred characters and a question
of ten say the same is read (`index/model/claims.py`), the first 64 tokens of each, which takes longer: only the
likeliest are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from index.facts import Facts
from index.late import Reading, Tokens, closeness, read
from index.variants import terms
from index.vector_cache import CachedEncoder
from index.vectors import FloatVector

_COPY = 0.9
"""From this share of shared terms on a text is a copy, whatever its vectors say."""
_OTHERWISE_ALIKE = 0.4
"""From this share of shared terms on, another day, place or sum makes another claim of the same words."""
_CONTRADICTED = 0.2
"""What the chance is multiplied by then."""
_READ = 2
"""So many of the likeliest others are read beside a claim, token by token."""
_HOPELESS = 0.03
"""Below this chance nothing is read: hardly any of these says the same."""


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
    contradicts: float
    """1 where both name numbers or places and none in common, or one says what the other denies; else 0. A long story
    names many that do not matter; but where nearly all terms are shared, one that differs is enough."""

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
            contradicts=float(
                left.facts.differ(right.facts) if shared >= _COPY else left.facts.contradict(right.facts)
            ),
        )

    @property
    def is_copy(self) -> bool:
        """Whether nothing need be weighed."""
        return self.dice >= _COPY and not self.contradicts

    def doubted(self, chance: float) -> float:
        """The chance, less where two texts in the same words differ in what they say."""
        return chance * _CONTRADICTED if self.contradicts and self.dice >= _OTHERWISE_ALIKE else chance


@dataclass(frozen=True, slots=True)
class Fit:
    """A logistic regression: one weight for each field of `Likeness`, in order, and what follows it."""

    intercept: float
    weights: tuple[float, ...]

    def chance(self, numbers: Sequence[float]) -> float:
        """Of that many numbers, 0 to 1."""
        total = self.intercept + sum(weight * value for weight, value in zip(self.weights, numbers, strict=True))
        return 1 / (1 + math.exp(-total))


# Fitted by scripts/training/pairs.py on pairs of texts marked as the same or not.
AT_SIGHT = Fit(-2.86, (1.14, -2.66, -4.34, 10.59, -5.51, 0.75, -0.65))
"""By the likeness alone."""
READ = Fit(-1.44, (0.49, -2.6, -4.67, 8.2, -2.97, 0.01, -0.59, 0.35))
"""By the likeness and the log odds of the network that reads both together."""


def same_claims(encoder: CachedEncoder, claim: Claim, others: Sequence[Claim]) -> list[float]:
    """For each of the others the chance, 0 to 1, that it says the same.

    The likeliest are read beside the claim, where the encoder can, unless one is a copy or all are hopeless. What is
    not read then is no likelier than what is.
    """
    likenesses = [Likeness.of(claim, other) for other in others]
    chances = [1.0 if each.is_copy else each.doubted(AT_SIGHT.chance(astuple(each))) for each in likenesses]
    order = sorted(range(len(chances)), key=lambda place: -chances[place])
    read = order[:_READ]
    if not read or not _HOPELESS <= chances[read[0]] < 1:
        return chances
    odds = encoder.compare_claims(claim.tokens, [others[place].tokens for place in read])
    if odds is None:
        return chances
    for place, value in zip(read, odds.tolist(), strict=True):
        chances[place] = likenesses[place].doubted(READ.chance((*astuple(likenesses[place]), value)))
    least = min(chances[place] for place in read)
    for place in order[_READ:]:
        chances[place] = min(chances[place], least)
    return chances


def _covering(covered: Claim, by: Claim) -> Reading:
    alike = np.ones(len(covered.tokens), dtype=np.float32)  # what is rare among rumours is not known
    covering, uncovered = read(alike, closeness(covered.tokens, by.tokens, [len(by.tokens)]))
    return Reading(float(covering[0]), float(uncovered[0]))
