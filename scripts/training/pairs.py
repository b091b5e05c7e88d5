"""Fit the few numbers of `index/same.py`.

    python -m scripts.training.pairs [PAIRS=WEIGHT ...]

on the groups of this project's training texts (whose neighbours are made to mislead, so that they count a tenth), and
on files of pairs {"a", "b", "label"}: figures are taken from those, never texts. Prints intercept and weights, and how
well they do on each source. What is shipped was fitted with covid_sentence=0.3 and chip_sts=1.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from index.centre import Centre
from index.encoder import load_encoder
from index.evaluation import area_under_curve, load_pairs
from index.same import Claim, Likeness
from index.variants import fold
from index.vector_cache import CachedEncoder
from scripts.commands.common import output, progress, read_settings
from scripts.training.texts import Group, read_groups

_FROM_GROUPS = 4000
_WEIGHT_OF_GROUPS = 0.1
Floats = npt.NDArray[np.float64]
Pair = tuple[str, str, bool]


def main(
    pairs: Annotated[list[str] | None, typer.Argument(help="Files of pairs, each with its weight: PATH=0.3")] = None,
) -> None:
    """Print the fit."""
    settings = read_settings()
    encoder = CachedEncoder(load_encoder(settings.model_dir), settings.data_dir / "fit.sqlite")
    chosen = random.Random(0).sample(list(_of_groups(read_groups())), _FROM_GROUPS)  # noqa: S311 - a sample, no secret
    sources = {"training texts": (chosen, _WEIGHT_OF_GROUPS)}
    for given in pairs or ():
        path, _, weight = given.rpartition("=")
        sources[Path(path).stem] = (load_pairs(Path(path)), float(weight))
    samples = [
        (_likenesses(name, rows, encoder), [same for *_, same in rows], weight)
        for name, (rows, weight) in sources.items()
    ]
    intercept, weights = _fit(samples)
    for name, (likenesses, labels, _) in zip(sources, samples, strict=True):
        area = area_under_curve((likenesses @ weights + intercept).tolist(), labels)
        output.print(f"{name}: area under the curve {area:.4f}")
    output.print(f"INTERCEPT = {intercept:.2f}\nWEIGHTS = {tuple(round(float(weight), 2) for weight in weights)}")


def _of_groups(groups: Sequence[Group]) -> Iterator[Pair]:
    """Every two wordings of a claim, and every wording with every neighbour of it."""
    for group in groups:
        for place, one in enumerate(group.same):
            yield from ((one, other, True) for other in group.same[:place])
            yield from ((one, other, False) for other in group.near[:2])


def _likenesses(name: str, rows: Sequence[Pair], encoder: CachedEncoder) -> Floats:
    """One row of likeness a pair [pairs, features]."""
    texts = list(dict.fromkeys(fold(text) for left, right, _ in rows for text in (left, right)))
    with progress(name) as report:
        encoded = encoder.encode_kept_queries(texts, report)
    vectors = Centre.of(encoder).of_queries(encoded.vectors)
    claims = {text: Claim.of(text, *row) for text, *row in zip(texts, vectors, encoded.tokens, strict=True)}
    return np.array([astuple(Likeness.of(claims[fold(left)], claims[fold(right)])) for left, right, _ in rows])


def _fit(samples: Sequence[tuple[Floats, list[bool], float]]) -> tuple[float, Floats]:
    """A logistic regression over (likenesses, labels, weight of the whole) of every source."""
    from sklearn.linear_model import LogisticRegression

    likenesses = np.concatenate([each for each, _, _ in samples])
    labels = np.concatenate([same for _, same, _ in samples])
    weights = np.concatenate([np.full(len(same), weight / len(same)) for _, same, weight in samples])
    model = LogisticRegression(C=10.0, max_iter=5000)
    model.fit(likenesses, labels, sample_weight=weights * len(weights) / weights.sum())
    return float(model.intercept_[0]), model.coef_[0]


if __name__ == "__main__":
    typer.run(main)
