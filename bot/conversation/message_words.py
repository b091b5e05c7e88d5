"""How much a message reads like the scams that fraudsters send, and how much like an advert: chances learned from
examples, and what of the wording says so.

The named signals of `scam.py` say what a scam demands; most messages sent in bulk demand nothing yet, and only their
wording gives them away. The weights were trained by `scripts/training/messages.py` on messages written for this
project.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.variants import fold

WORDS = Path(__file__).with_name("message_words.npz")
LONGEST_RUN = 3
_REASONS = 4

# Whoever sends in bulk changes links, numbers and names: what matters is that there is one.
_LINK = re.compile(r"https?://\S+|www\.\S+|[a-z0-9-]+\.(?:com|cn|top|net|cc|vip|xyz|info)\S*|URL", re.IGNORECASE)
_PHONE = re.compile(r"CELLPHONE|HOTLINE|PHONE|(?<!\d)(?:1\d{10}|0\d{2,3}-?\d{7,8}|[48]00-?\d{3}-?\d{4})(?!\d)")
_CARD = re.compile(r"BANK|(?<!\d)\d{16,19}(?!\d)")
_NAMES = re.compile(r"NAME|PLACE|DIGIT")
_LATIN = re.compile(r"[a-z]+")
_KNOWN_LATIN = frozenset(
    (
        "app",
        "qq",
        "apple",
        "iphone",
        "icloud",
        "id",
        "etc",
        "pos",
        "td",
        "t",
        "vip",
        "v",
        "apk",
        "ipad",
        "u",
        "usdt",
        "ai",
    )
)
_OTHER = re.compile(r"[^一-鿿a-z〡〢〣]")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a message is worded."""

    scam: float
    """The chance of being one, 0 to 1."""
    reasons: tuple[str, ...]
    """The runs of characters that speak for a scam most."""
    advert: float
    """The chance of being an advert that says nothing one could check, 0 to 1."""


def read(text: str) -> Reading:
    """How a text reads."""
    model = _model()
    values = {}
    for run, count in _runs(plain(text)).items():
        if (place := model.places.get(run)) is not None:
            values[place] = (1 + math.log(count)) * model.rarity[place]
    length = math.sqrt(sum(value * value for value in values.values())) or 1.0
    shares = {place: value / length for place, value in values.items()}
    scam, advert = (
        {place: share * weights[place] for place, share in shares.items()} for weights in (model.scam, model.advert)
    )
    odds = [
        math.exp(intercept + sum(gains.values()))
        for intercept, gains in zip(model.intercepts, (scam, advert), strict=True)
    ]
    strongest = sorted(scam, key=lambda place: -scam[place])[:_REASONS]
    reasons = tuple(model.runs[place] for place in strongest if scam[place] > 0)
    return Reading(odds[0] / (1 + sum(odds)), reasons, odds[1] / (1 + sum(odds)))


def plain(text: str) -> str:
    """The Chinese of a text with signs for links, phones and cards, without figures, names and punctuation."""
    signs = _CARD.sub("〣", _PHONE.sub("〡", _LINK.sub("〢", text)))
    folded = fold(_NAMES.sub("", signs.replace("WECHAT", "微信")))
    latin = _LATIN.sub(lambda found: found.group() if found.group() in _KNOWN_LATIN else "", folded)
    return _OTHER.sub("", latin)


def _runs(text: str) -> Counter[str]:
    return Counter(
        text[start : start + length] for length in range(1, LONGEST_RUN + 1) for start in range(len(text) - length + 1)
    )


@dataclass(frozen=True, slots=True)
class _Model:
    runs: list[str]
    places: dict[str, int]
    rarity: list[float]
    scam: list[float]
    """What each run adds to the log odds of a scam against what is neither."""
    advert: list[float]
    intercepts: list[float]


@lru_cache(maxsize=1)
def _model() -> _Model:
    with np.load(WORDS) as file:
        runs = str(file["runs"]).split("\n")
        scam, advert = file["weights"].astype(np.float64).tolist()
        return _Model(
            runs,
            {run: place for place, run in enumerate(runs)},
            file["rarity"].astype(np.float64).tolist(),
            scam,
            advert,
            file["intercepts"].tolist(),
        )
