"""How well the same claim is told from the same topic, beside the cosine alone and the shared words alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from index.centre import Centre
from index.evaluation.figures import rounded, share, told
from index.evaluation.resampling import intervals
from index.same import Claim, Likeness, same_claims
from index.variants import fold
from index.vector_cache import CachedEncoder

WORST = 20
"""How many wrong judgements are told."""

Report = Callable[[int, int], None]
Scored = tuple[float, bool]
"""A chance of being the same, and whether it is."""


@dataclass(frozen=True, slots=True)
class Misjudged:
    """A pair on the wrong side of the threshold."""

    a: str
    b: str
    same: bool
    chance: float


def evaluate_pairs(
    encoder: CachedEncoder, pairs: Sequence[tuple[str, str, bool]], threshold: float, progress: Report | None = None
) -> dict[str, Any]:
    """How well `same_claims` tells pairs (one text, other text, same?) apart, and F1 at the shipped threshold."""
    claims = _claims(encoder, [text for left, right, _ in pairs for text in (left, right)], progress)
    labels = [same for _, _, same in pairs]
    both = [(claims[fold(left)], claims[fold(right)]) for left, right, _ in pairs]
    likenesses = [Likeness.of(*two) for two in both]
    ours = list(zip((same_claims(encoder, left, [right])[0] for left, right in both), labels, strict=True))
    dense = list(zip((each.cosine for each in likenesses), labels, strict=True))
    words = list(zip((each.dice for each in likenesses), labels, strict=True))

    def figures(rows: Sequence[Scored]) -> dict[str, float]:
        return {"auc": _area(rows), "f1": _f1(rows, threshold)}

    return {
        "n": len(pairs),
        **told(figures(ours)),
        "interval": intervals(ours, figures),
        "words": {"auc": rounded(_area(words))},
        "dense": {"auc": rounded(_area(dense))},
        "misses": [asdict(miss) for miss in _misjudged(pairs, [chance for chance, _ in ours], threshold)],
    }


def _claims(encoder: CachedEncoder, texts: Sequence[str], progress: Report | None) -> dict[str, Claim]:
    distinct = list(dict.fromkeys(map(fold, texts)))
    encoded = encoder.encode_kept_queries(distinct, progress)
    rows = zip(distinct, Centre.of(encoder).of_queries(encoded.vectors), encoded.tokens, strict=True)
    return {text: Claim.of(text, vector, tokens) for text, vector, tokens in rows}


def _misjudged(pairs: Sequence[tuple[str, str, bool]], chances: Sequence[float], threshold: float) -> list[Misjudged]:
    """The pairs judged wrongly, the surest of the wrong judgements first."""
    rows = [Misjudged(*pair, chance=round(chance, 3)) for pair, chance in zip(pairs, chances, strict=True)]
    wrong = [row for row in rows if (row.chance >= threshold) is not row.same]
    return sorted(wrong, key=lambda row: -abs(row.chance - threshold))[:WORST]


def _area(rows: Sequence[Scored]) -> float:
    return area_under_curve([score for score, _ in rows], [label for _, label in rows])


def _f1(rows: Sequence[Scored], threshold: float) -> float:
    joined = sum(chance >= threshold for chance, _ in rows)
    both = sum(chance >= threshold and label for chance, label in rows)
    return share(2 * both, joined + sum(label for _, label in rows))


def area_under_curve(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The chance that a true pair scores above a false one, ties counting half (Mann and Whitney 1947).

    Not a number where all labels are alike.
    """
    ranked = sorted(zip(scores, labels, strict=True))
    true = sum(labels)
    total = 0.0
    start = 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        middle = (start + end + 1) / 2  # ranks count from 1; equal scores share the mean rank
        total += middle * sum(label for _, label in ranked[start:end])
        start = end
    false = len(labels) - true
    return share(total - true * (true + 1) / 2, true * false)
