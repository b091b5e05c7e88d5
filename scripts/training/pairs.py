"""Fit the few numbers of `index/same.py`.

    python -m scripts.training.pairs [PAIRS=WEIGHT ...]

on the groups that `scripts/training/claims.py` keeps out, and on files of pairs {"a", "b", "label"}: figures are taken
from those, never texts. Prints both fits and how well they do on each source. What is shipped was fitted with
covid_sentence=0.3 and chip_sts=0.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import torch
import typer

from index.centre import Centre
from index.encoder import load_encoder
from index.evaluation import area_under_curve, load_pairs
from index.same import Claim, Fit, Likeness
from index.variants import fold
from index.vector_cache import CachedEncoder
from scripts.commands.common import output, progress, read_settings
from scripts.training.claims import claimed_groups, pairs_of, strangers_of

_WEIGHT_OF_QUESTIONS = 0.1
"""Their neighbours are made to mislead."""
Floats = npt.NDArray[np.float64]
Pair = tuple[str, str, bool]
"""Two folded texts, and whether they say the same."""


def main(
    pairs: Annotated[list[str] | None, typer.Argument(help="Files of pairs, each with its weight: PATH=0.3")] = None,
) -> None:
    """Print the fits."""
    settings = read_settings()
    encoder = CachedEncoder(load_encoder(settings.model_dir), settings.data_dir / "fit.sqlite")
    rumours, questions = _kept_out(encoder)
    sources = {"rumours": (rumours, 1.0), "questions": (questions, _WEIGHT_OF_QUESTIONS)}
    for given in pairs or ():
        path, _, weight = given.rpartition("=")
        rows = [(fold(left), fold(right), same) for left, right, same in load_pairs(Path(path))]
        sources[Path(path).stem] = (rows, float(weight))
    samples = [
        (_numbers(name, rows, encoder), [same for *_, same in rows], weight) for name, (rows, weight) in sources.items()
    ]
    for called, columns in (("AT_SIGHT", slice(0, -1)), ("READ", slice(0, None))):
        fit = _fit([(numbers[:, columns], labels, weight) for numbers, labels, weight in samples])
        for name, (numbers, labels, _) in zip(sources, samples, strict=True):
            area = area_under_curve([fit.chance(row) for row in numbers[:, columns].tolist()], labels)
            output.print(f"{name}, {len(labels)} pairs, {called}: area under the curve {area:.4f}")
        output.print(f"{called} = {fit}")


def _kept_out(encoder: CachedEncoder) -> tuple[list[Pair], list[Pair]]:
    """The pairs that reading claims was not trained on: of rumours, and of questions."""
    groups = list(claimed_groups(learned=False))
    texts = list(dict.fromkeys(text for group in groups for text in group.same))
    vectors = _vectors("training texts", texts, encoder)[0]
    strangers = strangers_of(groups, dict(zip(texts, torch.from_numpy(vectors), strict=True)))
    rumours: list[Pair] = []
    questions: list[Pair] = []
    for group in groups:
        some = rumours if group.rounds > 1 else questions
        some += [(pair.one, pair.other, pair.same) for pair in pairs_of(group, strangers)]
    return rumours, questions


def _vectors(name: str, texts: Sequence[str], encoder: CachedEncoder) -> tuple[npt.NDArray[np.float32], list[Claim]]:
    """Centred vectors [texts, dimension] and claims of folded texts."""
    with progress(name) as report:
        encoded = encoder.encode_wordings(texts, report)
    vectors = Centre.of(encoder).of_queries(encoded.vectors)
    return vectors, [Claim.of(text, *row) for text, *row in zip(texts, vectors, encoded.tokens, strict=True)]


def _numbers(name: str, rows: Sequence[Pair], encoder: CachedEncoder) -> Floats:
    """For each pair its likeness and the log odds of reading both together [pairs, numbers]."""
    texts = list(dict.fromkeys(text for left, right, _ in rows for text in (left, right)))
    claims = dict(zip(texts, _vectors(name, texts, encoder)[1], strict=True))
    found = []
    with progress(f"{name}: reading") as report:
        for done, (left, right, _) in enumerate(rows, 1):
            one, other = claims[left], claims[right]
            odds = encoder.compare_claims(one.tokens, [other.tokens])
            found.append((*astuple(Likeness.of(one, other)), 0.0 if odds is None else float(odds[0])))
            report(done, len(rows))
    return np.array(found)


def _fit(samples: Sequence[tuple[Floats, list[bool], float]]) -> Fit:
    """A logistic regression over (numbers, labels, weight of the whole) of every source."""
    from sklearn.linear_model import LogisticRegression

    numbers = np.concatenate([each for each, _, _ in samples])
    labels = np.concatenate([same for _, same, _ in samples])
    weights = np.concatenate([np.full(len(same), weight / len(same)) for _, same, weight in samples])
    model = LogisticRegression(C=10.0, max_iter=5000)
    model.fit(numbers, labels, sample_weight=weights * len(weights) / weights.sum())
    return Fit(round(float(model.intercept_[0]), 2), tuple(round(float(weight), 2) for weight in model.coef_[0]))


if __name__ == "__main__":
    typer.run(main)
