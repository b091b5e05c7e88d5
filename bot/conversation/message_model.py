"""How much a message reads like the scams that fraudsters send, and how much like an advert: chances learned from
examples, and what of the wording says so.

The named signals of `scam.py` say what a scam demands; most messages sent in bulk demand nothing yet, and only their
wording and what they are about give them away. The weights were trained by `scripts/training/messages.py` on messages
written for this project.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.conversation.classifier import Classifier
from index.variants import fold
from index.vectors import FloatVector

MODEL = Path(__file__).with_name("message_model.npz")

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


def read(text: str, vector: FloatVector | None = None) -> Reading:
    """How a text reads; its vector [dimension], where it is known, says what it is about."""
    found = _classifier().read(plain(text), vector)
    return Reading(found.chances["scam"], found.reasons("scam"), found.chances["advert"])


def plain(text: str) -> str:
    """The Chinese of a text with signs for links, phones and cards, without figures, names and punctuation."""
    signs = _CARD.sub("〣", _PHONE.sub("〡", _LINK.sub("〢", text)))
    folded = fold(_NAMES.sub("", signs.replace("WECHAT", "微信")))
    latin = _LATIN.sub(lambda found: found.group() if found.group() in _KNOWN_LATIN else "", folded)
    return _OTHER.sub("", latin)


@lru_cache(maxsize=1)
def _classifier() -> Classifier:
    return Classifier.load(MODEL)
