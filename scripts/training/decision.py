"""Fit the few numbers of `index/decision.py` on question sets in a folder.

    python -m scripts.training.decision FOLDER NAME [NAME ...]

reads NAME.corpus.jsonl, NAME.queries.jsonl and NAME.qrels.tsv (and NAME.unanswerable.queries.jsonl where there is one),
hides the right answer of half the questions, and prints intercept and weights, with the share of answerable questions
answered at 95 % precision on each set when the fit used only the others. Figures are taken from the data, never texts.

The shipped articles are one more set: they are asked for by the questions that the comparison did not learn from, which
they answer or only seem to. The bot is used with a base like this one, of hundreds of articles on neighbouring
questions, so this set counts more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from index.encoder import load_encoder
from index.evaluation import PRECISION, Judged, coverage_at, judge, load, load_texts
from index.passages import Document
from index.search import Searcher
from index.vector_cache import CachedEncoder
from knowledge.article_files import CONTENT, read_folder
from scripts.commands.common import output, progress, read_settings
from scripts.training.texts import is_kept_out, read_questions

_ARTICLES = "articles"
_WEIGHT_OF_ARTICLES = 3.0


def main(
    folder: Annotated[Path, typer.Argument(help="Folder of the sets.")],
    names: Annotated[list[str], typer.Argument(help="Names of the sets.")],
) -> None:
    """Print the fit on all sets, and how each fares when left out."""
    settings = read_settings()
    encoder = CachedEncoder(load_encoder(settings.model_dir), settings.data_dir / "fit.sqlite")
    samples = {name: _sample(folder, name, encoder) for name in names}
    samples[_ARTICLES] = _own_sample(encoder)
    for name, sample in samples.items():
        intercept, weights = _fit({each: other for each, other in samples.items() if each != name} or samples)
        chances = 1 / (1 + np.exp(-(intercept + _evidence(sample) @ weights)))
        refitted = [replace(each, probability=float(chance)) for each, chance in zip(sample, chances, strict=True)]
        output.print(
            f"{name}: {coverage_at(PRECISION, refitted):.3f} answered at {PRECISION:.0%}, fitted on the others"
        )
    intercept, weights = _fit(samples)
    output.print(f"INTERCEPT = {intercept:.3f}\nWEIGHTS = {tuple(round(float(weight), 3) for weight in weights)}")


def _sample(folder: Path, name: str, encoder: CachedEncoder) -> list[Judged]:
    """The questions of one set for which anything was found."""
    questions = load(*(folder / f"{name}.{part}" for part in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")))
    unanswerable = folder / f"{name}.unanswerable.queries.jsonl"
    missing = load_texts(unanswerable) if unanswerable.is_file() else None
    searcher = Searcher(encoder)
    with progress(f"{name} indexing") as report:
        searcher.replace({document.id: document for document in questions.documents}, report)
    with progress(f"{name} asking") as report:
        judged = judge(searcher, questions, unanswerable=missing, drop_gold=0.0 if missing else 0.5, progress=report)[
            "ours"
        ]
    return [each for each in judged if each.evidence is not None]


def _own_sample(encoder: CachedEncoder) -> list[Judged]:
    """What articles answer, and what they only seem to where they come first: any other article may be right."""
    slugs, searcher = _starter_articles(encoder)
    asked = [
        (slug, text, answered)
        for slug, questions in read_questions().items()
        for texts, answered in ((questions.same, True), (questions.near, False))
        for text in texts
        if is_kept_out(slug) or is_kept_out(text)
    ]
    outcomes = searcher.search_all([text for _, text, _ in asked])
    return [
        Judged(
            probability=outcome.probability,
            band=outcome.band,
            right=answered and slug == slugs[outcome.found[0].article_id],
            answerable=answered,
            evidence=outcome.evidence,
        )
        for (slug, _, answered), outcome in zip(asked, outcomes, strict=True)
        if answered or slug == slugs[outcome.found[0].article_id]
    ]


def _starter_articles(encoder: CachedEncoder) -> tuple[list[str], Searcher]:
    """The slugs of the shipped articles, by number, and a search in them."""
    contents = list(read_folder(CONTENT).articles.values())
    searcher = Searcher(encoder)
    with progress("articles") as report:
        searcher.replace({number: Document.of(number, content) for number, content in enumerate(contents)}, report)
    return [content.slug for content in contents], searcher


def _evidence(sample: Sequence[Judged]) -> npt.NDArray[np.float64]:
    """One row of features a question [n, features]."""
    return np.array([astuple(each.evidence) for each in sample if each.evidence is not None])


def _fit(samples: Mapping[str, Sequence[Judged]]) -> tuple[float, npt.NDArray[np.float64]]:
    """A logistic regression in which every set counts the same, but the articles more."""
    from sklearn.linear_model import LogisticRegression

    evidence = np.concatenate([_evidence(sample) for sample in samples.values()])
    right = np.array([each.right for sample in samples.values() for each in sample])
    counts = [_WEIGHT_OF_ARTICLES if name == _ARTICLES else 1.0 for name in samples]
    weights = np.concatenate(
        [np.full(len(sample), count / len(sample)) for sample, count in zip(samples.values(), counts, strict=True)]
    )
    model = LogisticRegression(C=10.0, max_iter=5000)
    model.fit(evidence, right, sample_weight=weights * len(weights) / weights.sum())
    return float(model.intercept_[0]), model.coef_[0]


if __name__ == "__main__":
    typer.run(main)
