"""Tells kinds of texts apart: a softmax regression over runs of characters and over what a text is about.

`scripts/training/classifier.py` learns the weights from examples. Runs are weighed by term frequency and inverse
document frequency (sublinear, of length 1 together), and say why; the vector of the text knows words that no example
has.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.vectors import FloatMatrix, FloatVector

LONGEST_RUN = 3
_REASONS = 4
_SAME_ENCODER = 0.6
"""Vectors of the encoder the weights were trained with lie closer to their mean than this, those of others do not."""


@dataclass(frozen=True, slots=True)
class Classified:
    """What a classifier makes of a text."""

    chances: dict[str, float]
    """Of each kind, 0 to 1; the rest belongs to none of them."""
    runs: tuple[str, ...]
    gains: FloatMatrix
    """What each of its runs adds for each kind [kinds, runs]."""

    def reasons(self, kind: str) -> tuple[str, ...]:
        """The runs of characters that speak for a kind most."""
        gains = self.gains[list(self.chances).index(kind)]
        strongest = np.argsort(-gains, kind="stable")[:_REASONS].tolist()
        return tuple(self.runs[place] for place in strongest if gains[place] > 0)


@dataclass(frozen=True, slots=True)
class Classifier:
    """What was learned. Weights are log odds against a text of no kind."""

    kinds: tuple[str, ...]
    places: dict[str, int]
    """Where each run stands in the arrays."""
    rarity: FloatVector
    """Of each run [runs]."""
    weights: FloatMatrix
    """What each run adds for each kind [kinds, runs]."""
    intercepts: FloatVector
    """[kinds]"""
    mean: FloatVector
    """Of the vectors of all examples [dimension]."""
    meaning: FloatMatrix
    """What each number of a vector adds, above its mean, for each kind [kinds, dimension]."""

    @staticmethod
    def load(path: Path) -> Classifier:
        """What `save` wrote."""
        with np.load(path) as file:
            kinds, learned_runs = (str(file[name]).split("\n") for name in ("kinds", "runs"))
            numbers = ("rarity", "weights", "intercepts", "mean", "meaning")
            return Classifier(
                tuple(kinds),
                {run: place for place, run in enumerate(learned_runs)},
                **{name: file[name].astype(np.float32) for name in numbers},
            )

    def save(self, path: Path) -> None:
        """Write it, weights in 16 bits."""
        np.savez_compressed(
            path,
            kinds=np.array("\n".join(self.kinds)),
            runs=np.array("\n".join(self.places)),
            rarity=self.rarity.astype(np.float16),
            weights=self.weights.astype(np.float16),
            intercepts=self.intercepts.astype(np.float32),
            mean=self.mean.astype(np.float32),
            meaning=self.meaning.astype(np.float32),
        )

    def read(self, text: str, vector: FloatVector | None = None) -> Classified:
        """How likely a text is of each kind.

        vector: of the text as a question [dimension], as the shipped encoder gives it; without it, or with one of
        another encoder, the runs speak alone.
        """
        known = {run: count for run, count in runs(text).items() if run in self.places}
        places = np.array([self.places[run] for run in known], dtype=np.int64)
        values = (1 + np.log(np.array(list(known.values()), dtype=np.float32))) * self.rarity[places]
        gains = self.weights[:, places] * (values / (np.linalg.norm(values) or 1.0))
        odds = np.exp(self.intercepts + self._by_meaning(vector) + gains.sum(axis=1))
        chances = (odds / (1 + odds.sum())).tolist()
        return Classified(dict(zip(self.kinds, chances, strict=True)), tuple(known), gains)

    def _by_meaning(self, vector: FloatVector | None) -> FloatVector:
        if vector is None or vector.shape != self.mean.shape or not self._is_of_this_encoder(vector):
            return np.zeros(len(self.kinds), dtype=np.float32)
        return self.meaning @ (vector - self.mean)

    def _is_of_this_encoder(self, vector: FloatVector) -> bool:
        return float(vector @ self.mean) >= _SAME_ENCODER * float(np.linalg.norm(self.mean))


def runs(text: str) -> Counter[str]:
    """How often each run of one to three characters occurs."""
    return Counter(
        text[start : start + length] for length in range(1, LONGEST_RUN + 1) for start in range(len(text) - length + 1)
    )
