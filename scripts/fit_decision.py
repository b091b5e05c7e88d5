"""Fit the few numbers of `index/decision.py` on question sets in a folder.

    python -m scripts.fit_decision FOLDER NAME [NAME ...]

reads NAME.corpus.jsonl, NAME.queries.jsonl and NAME.qrels.tsv (and NAME.unanswerable.queries.jsonl where there is one),
hides the right answer of half the questions, and prints intercept and weights, with the share of answerable questions
answered at 95 % precision on each set when the fit used only the others. Figures are taken from the data, never texts.
"""

from __future__ import annotations

import random
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from index.encoder import load_encoder
from index.evaluation import Questions, load, load_texts
from index.search import Searcher
from index.vector_cache import CachedEncoder
from scripts.commands.common import output, progress, read_settings

PRECISION = 0.95


@dataclass(frozen=True, slots=True)
class Sample:
    """The questions of one set: evidence [n, features], whether the best article was right, whether any could be."""

    evidence: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    answerable: npt.NDArray[np.bool_]


def main(
    folder: Annotated[Path, typer.Argument(help="Folder of the sets.")],
    names: Annotated[list[str], typer.Argument(help="Names of the sets.")],
) -> None:
    """Print the fit on all sets, and how each fares when left out."""
    settings = read_settings()
    encoder = CachedEncoder(load_encoder(settings.model_dir), settings.data_dir / "fit.sqlite")
    samples = {name: _sample(folder, name, encoder) for name in names}
    for name, sample in samples.items():
        intercept, weights = _fit([other for each, other in samples.items() if each != name] or [sample])
        chances = 1 / (1 + np.exp(-(intercept + sample.evidence @ weights)))
        output.print(f"{name}: {_coverage(chances, sample):.3f} answered at {PRECISION:.0%}, fitted on the others")
    intercept, weights = _fit(list(samples.values()))
    output.print(f"INTERCEPT = {intercept:.3f}\nWEIGHTS = {tuple(round(float(weight), 3) for weight in weights)}")


def _sample(folder: Path, name: str, encoder: CachedEncoder) -> Sample:
    questions = load(*(folder / f"{name}.{part}" for part in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")))
    unanswerable = folder / f"{name}.unanswerable.queries.jsonl"
    extra = list(load_texts(unanswerable).values())[: len(questions.answers)] if unanswerable.is_file() else []
    searcher = Searcher(encoder)
    with progress(f"{name} indexing") as report:
        searcher.replace({document.id: document for document in questions.documents}, report)
    hidden = set() if extra else _hidden(questions)
    searcher.replace(dict.fromkeys(hidden))
    asked = [(questions.texts[question], answers) for question, answers in questions.answers.items()]
    asked += [(text, frozenset[int]()) for text in extra]
    rows, right, answerable = [], [], []
    with progress(f"{name} asking") as report:
        for number, (text, answers) in enumerate(asked, start=1):
            outcome = searcher.search(text, 1)
            report(number, len(asked))
            if outcome.evidence is None:
                continue
            rows.append(astuple(outcome.evidence))
            right.append(outcome.found[0].article_id in answers)
            answerable.append(bool(answers - hidden))
    return Sample(np.array(rows), np.array(right), np.array(answerable))


def _hidden(questions: Questions) -> set[int]:
    """The right answers of half the questions, the same half each time."""
    shuffled = sorted(questions.answers)
    random.Random(0).shuffle(shuffled)  # noqa: S311 - a split, no secret
    half = shuffled[: len(shuffled) // 2]
    return {number for question in half for number in questions.answers[question]}


def _fit(samples: list[Sample]) -> tuple[float, npt.NDArray[np.float64]]:
    """A logistic regression in which every set counts the same."""
    from sklearn.linear_model import LogisticRegression

    evidence = np.concatenate([sample.evidence for sample in samples])
    right = np.concatenate([sample.right for sample in samples])
    weights = np.concatenate([np.full(len(sample.right), 1 / len(sample.right)) for sample in samples])
    model = LogisticRegression(C=10.0, max_iter=5000)
    model.fit(evidence, right, sample_weight=weights * len(weights) / weights.sum())
    return float(model.intercept_[0]), model.coef_[0]


def _coverage(chances: npt.NDArray[np.float64], sample: Sample) -> float:
    """Share of the answerable questions answered at the lowest threshold that is right often enough."""
    right = sample.right[np.argsort(-chances)]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    enough = np.flatnonzero(precision >= PRECISION)
    return float(right[: enough[-1] + 1].sum() / sample.answerable.sum()) if len(enough) else 0.0


if __name__ == "__main__":
    typer.run(main)
