"""How much a message sounds like somebody in an emergency: chances learned from examples, one for each first-aid card.

The written rules of `danger.py` and `scam.py` come first; but frightened people find words that no rule foresees. The
weights were trained by `scripts/training/urgent.py` on messages written for this project.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bot.conversation.classifier import Classifier
from index.variants import fold
from index.vectors import FloatVector

MODEL = Path(__file__).with_name("urgent_model.npz")


def read(text: str, vector: FloatVector) -> dict[str, float]:
    """The chance of each danger and each harm, by the names of their cards, in a text with its vector [dimension]."""
    return _classifier().read(fold(text), vector).chances


@lru_cache(maxsize=1)
def _classifier() -> Classifier:
    return Classifier.load(MODEL)
