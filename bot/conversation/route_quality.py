"""How messages with a known label are routed, and how well scams among them are noticed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.conversation.routing import Route, route
from index.evaluation.figures import share, told
from index.evaluation.resampling import intervals
from index.variants import clean, fold
from index.vector_cache import CachedEncoder
from knowledge.redaction import redact

WORST = 20
"""How many misses are told."""

_MEANT = {
    "fraud": frozenset({Route.SCAM}),
    "scam": frozenset({Route.SCAM}),
    "ad": frozenset({Route.ADVERT}),
    "advert": frozenset({Route.ADVERT}),
    "spam": frozenset({Route.ADVERT, Route.SCAM}),
    "claim": frozenset({Route.CLAIM}),
    "question": frozenset({Route.QUESTION}),
    "chitchat": frozenset({Route.CHITCHAT, Route.GREETING, Route.FEEDBACK, Route.TEST}),
}
"""The routes a label of a data set stands for; other labels only have shares."""


@dataclass(frozen=True, slots=True)
class _Routed:
    text: str
    label: str
    route: Route
    signals: str
    chance: float
    """Of being a scam."""


def evaluate_messages(
    encoder: CachedEncoder, rows: Sequence[tuple[str, str]], progress: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """Route every (text, label) as a resident's message is routed: shares by label, precision and recall, misses.

    `progress` hears (done, all) of the texts that have to be encoded.
    """
    texts = [redact(clean(text)) for text, _ in rows]
    vectors = encoder.encode_kept_queries([fold(text) for text in texts], progress).vectors
    routed = []
    for (original, label), text, vector in zip(rows, texts, vectors, strict=True):
        found = route(text, vector=vector)
        suspicion = found.suspicion
        signals = ", ".join((*sorted(suspicion.signals), *suspicion.reading.reasons)) if suspicion else ""
        routed.append(_Routed(original, label, found.route, signals, suspicion.reading.scam if suspicion else 0.0))
    labels = sorted({label for _, label in rows})
    return {
        "n": len(routed),
        "interval": intervals(routed, lambda some: _scam_figures(some)),
        **told(_scam_figures(routed)),
        "labels": {label: _of_label(routed, label) for label in labels},
        "misses": [_as_dict(each) for each in _missed(routed)[:WORST]],
    }


def _of_label(routed: Sequence[_Routed], label: str) -> dict[str, Any]:
    own = [each for each in routed if each.label == label]
    routes = Counter(each.route for each in own)
    figures: dict[str, Any] = {"n": len(own), "scam": round(routes[Route.SCAM] / len(own), 4)}
    if meant := _MEANT.get(label):
        taken = sum(each.route in meant for each in routed)
        right = sum(each.route in meant for each in own)
        figures |= {"precision": round(right / max(taken, 1), 4), "recall": round(right / len(own), 4)}
    return {**figures, **{route.value: round(count / len(own), 4) for route, count in routes.most_common()}}


def _scam_figures(routed: Sequence[_Routed]) -> dict[str, float]:
    """Precision and recall on scams, where some messages are labelled so."""
    scams = sum(_is_scam(each) for each in routed)
    if not scams:
        return {}
    taken = [each for each in routed if each.route is Route.SCAM]
    right = sum(_is_scam(each) for each in taken)
    return {"scam_precision": share(right, len(taken)), "scam_recall": right / scams}


def _is_scam(routed: _Routed) -> bool:
    return _MEANT.get(routed.label) == _MEANT["scam"]


def _missed(routed: Sequence[_Routed]) -> list[_Routed]:
    """What took another route than its label means; scams first, then by label in turn, the worst of each first."""
    by_label: dict[str, list[_Routed]] = defaultdict(list)
    for each in routed:
        if each.label in _MEANT and each.route not in _MEANT[each.label]:
            by_label[each.label].append(each)
    missed: list[_Routed] = []
    for label in sorted(by_label, key=lambda label: (_MEANT[label] != _MEANT["scam"], label)):
        by_label[label].sort(key=lambda each: each.chance if _is_scam(each) else -each.chance)
        missed.extend(by_label[label][: max(WORST // max(len(by_label), 1), 1)])
    return missed


def _as_dict(routed: _Routed) -> dict[str, Any]:
    return {
        "label": routed.label,
        "route": routed.route.value,
        "scam": round(routed.chance, 3),
        "signals": routed.signals,
        "text": routed.text[:80],
    }
