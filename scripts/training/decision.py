"""Fit the few numbers of `index/decision.py` on question sets in a folder.

    python -m scripts.training.decision FOLDER NAME [NAME ...]

reads NAME.corpus.jsonl, NAME.queries.jsonl and NAME.qrels.tsv (and NAME.unanswerable.queries.jsonl where there is one),
hides the right answer of half the questions, and prints the weights, with the share of answerable questions answered at
95 % precision on each set when the fit used only the others, and when it used all sets but other questions. Figures are
taken from the data, never texts.

The sets' documents have no phrasings; what is fitted on them is for documents like them. The shipped articles are one
more set: they are asked for by the questions that the comparison did not learn from, which they answer or only seem to.
The bot is used with a base like this one, of hundreds of articles on neighbouring questions, so this set counts more.
Far more of its questions are misleading than of those residents ask, and harder to tell. So at last the log odds are
stretched and moved until they fit the questions in `tests/quality` (Platt 1999): two numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, fields, replace
from itertools import chain
from pathlib import Path
from typing import Annotated, NamedTuple, TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt
import typer

from index.decision import VETOED, Bands, Evidence
from index.encoder import load_encoder
from index.evaluation import PRECISION, Judged, coverage_at, judge, load, load_texts
from index.passages import Document
from index.search import Searcher
from index.vector_cache import CachedEncoder
from knowledge.article_files import CONTENT, read_folder
from scripts.commands.common import output, progress, read_settings
from scripts.training.texts import is_kept_out, read_questions

_WEIGHT_OF_ARTICLES = 3.0
_SEEDS = range(4)
"""Which answers are hidden changes the figures of a set of 300 questions by a third."""
_FOLDS = 5
_ALWAYS_READ = Bands(read_above=0.0, read_below=1.0)
_ANSWERED = [field.name for field in fields(Evidence)].index("answered")
_RESIDENTS = Path(__file__).parent.parent.parent / "tests" / "quality"

Floats: TypeAlias = npt.NDArray[np.float64]


class _Fit(NamedTuple):
    intercept: float
    weights: Floats
    """One for each feature of `_features`."""

    def chances(self, features: Floats) -> Floats:
        """[questions, features] in, [questions] out."""
        return 1 / (1 + np.exp(-(self.intercept + features @ self.weights)))


def main(
    folder: Annotated[Path, typer.Argument(help="Folder of the sets.")],
    names: Annotated[list[str], typer.Argument(help="Names of the sets.")],
) -> None:
    """Print the fit on all sets, and how each fares when left out."""
    settings = read_settings()
    encoder = CachedEncoder(load_encoder(settings.model_dir), settings.data_dir / "fit.sqlite")
    sets = {name: _samples(folder, name, encoder) for name in names}
    for name, samples in sets.items():
        others = _fit([(sample, 1.0) for other, some in sets.items() if other != name for sample in some])
        _tell(name, "fitted on the others", [_refitted(sample, others) for sample in samples])
    for name, samples in _cross_fitted(sets).items():
        _tell(name, "fitted on other questions of all sets", samples)
    everything = [(sample, 1.0) for samples in sets.values() for sample in samples]
    slugs, searcher = _starter_articles(encoder)
    own = _own_sample(slugs, searcher)
    without = _fit(everything)
    _print("_WITHOUT", [without.intercept, *without.weights[:-1].tolist()])
    everything.append((own, _WEIGHT_OF_ARTICLES * len(_SEEDS)))
    for name, is_read in (("_UNREAD", False), ("_WITH_PHRASINGS", True)):
        articles = _calibrated(_fit(everything, is_read=is_read), slugs, searcher)
        *weights, comparable = articles.weights.tolist()
        _print(name, [articles.intercept + comparable, *weights])


def _tell(name: str, how: str, samples: Sequence[Sequence[Judged]]) -> None:
    found = [coverage_at(PRECISION, sample) for sample in samples]
    output.print(
        f"{name}: {np.mean(found):.3f} answered at {PRECISION:.0%}, {min(found):.3f} to {max(found):.3f} by what is"
        f" hidden, {how}"
    )


def _cross_fitted(sets: Mapping[str, Sequence[Sequence[Judged]]]) -> dict[str, list[list[Judged]]]:
    """The samples of all sets, each question judged by a fit that saw neither it nor its like of another seed."""
    found: dict[str, list[list[Judged]]] = {name: [[] for _ in samples] for name, samples in sets.items()}
    for fold in range(_FOLDS):
        fit = _fit([(_in_fold(sample, fold, inside=False), 1.0) for some in sets.values() for sample in some])
        for name, samples in sets.items():
            for kept, sample in zip(found[name], samples, strict=True):
                kept += _refitted(_in_fold(sample, fold, inside=True), fit)
    return found


def _in_fold(sample: Sequence[Judged], fold: int, *, inside: bool) -> list[Judged]:
    return [each for each in sample if (crc32(each.question.encode()) % _FOLDS == fold) is inside]


def _print(name: str, numbers: Sequence[float]) -> None:
    output.print(f"{name} = {tuple(round(number, 3) for number in numbers)}")


def _samples(folder: Path, name: str, encoder: CachedEncoder) -> list[list[Judged]]:
    """The questions of one set for which anything was found, once for each seed."""
    questions = load(*(folder / f"{name}.{part}" for part in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")))
    unanswerable = folder / f"{name}.unanswerable.queries.jsonl"
    missing = load_texts(unanswerable) if unanswerable.is_file() else None
    searcher = Searcher(encoder, _ALWAYS_READ)
    with progress(f"{name} indexing") as report:
        searcher.replace({document.id: document for document in questions.documents}, report)
    samples = []
    for seed in _SEEDS:
        with progress(f"{name} asking, seed {seed}") as report:
            judged = judge(
                searcher,
                questions,
                unanswerable=missing,
                drop_gold=0.0 if missing else 0.5,
                seed=seed,
                progress=report,
            )
        samples.append([each for each in judged["ours"] if each.evidence is not None])
    return samples


def _own_sample(slugs: Sequence[str], searcher: Searcher) -> list[Judged]:
    """What articles answer, and what they only seem to where they come first: any other article may be right."""
    asked = [
        (slug, text, answered)
        for slug, questions in read_questions().items()
        if is_kept_out(slug)
        for texts, answered in ((questions.same, True), ((*questions.near, *chain(*questions.twins)), False))
        for text in texts
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
    searcher = Searcher(encoder, _ALWAYS_READ)
    with progress("articles") as report:
        searcher.replace({number: Document.of(number, content) for number, content in enumerate(contents)}, report)
    return [content.slug for content in contents], searcher


def _calibrated(fit: _Fit, slugs: Sequence[str], searcher: Searcher) -> _Fit:
    """The same fit, its log odds stretched and moved so that the residents' questions are answered rightly as often as
    it says. Those that are vetoed count for nothing here: the veto lowers their chance by itself."""
    from sklearn.linear_model import LogisticRegression

    rows = [
        json.loads(line)
        for path in sorted(_RESIDENTS.glob("questions-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    judged = [
        (outcome, slugs[outcome.found[0].article_id] in {row["article"], *row.get("also", ())})
        for row, outcome in zip(rows, searcher.search_all([row["text"] for row in rows]), strict=True)
        if outcome.evidence and not outcome.veto
    ]
    odds = fit.intercept + _features(outcome.evidence for outcome, _ in judged) @ fit.weights
    model = LogisticRegression(C=np.inf)
    model.fit(odds[:, None], [right for _, right in judged])
    slope, offset = float(model.coef_[0][0]), float(model.intercept_[0])
    return _Fit(slope * fit.intercept + offset, slope * fit.weights)


def _refitted(sample: Sequence[Judged], fit: _Fit) -> list[Judged]:
    chances = fit.chances(_features(each.evidence for each in sample)).tolist()
    return [
        replace(each, probability=chance * (VETOED if each.vetoed else 1.0))
        for each, chance in zip(sample, chances, strict=True)
    ]


def _features(evidence: Iterable[Evidence | None]) -> Floats:
    """One row a question for which anything was found: its evidence, and whether the article has phrasings
    [questions, features]."""
    found = [each for each in evidence if each is not None]
    return np.array([(*(value or 0.0 for value in astuple(each)), each.compared is not None) for each in found])


def _fit(samples: Sequence[tuple[Sequence[Judged], float]], *, is_read: bool = True) -> _Fit:
    """A logistic regression in which every sample counts as much as is said, however large it is; `is_read` false takes
    no notice of what the passage says."""
    from sklearn.linear_model import LogisticRegression

    features = np.concatenate([_features(each.evidence for each in sample) for sample, _ in samples])
    if not is_read:
        features[:, _ANSWERED] = 0.0
    right = np.array([each.right for sample, _ in samples for each in sample])
    weights = np.concatenate([np.full(len(sample), count / len(sample)) for sample, count in samples])
    model = LogisticRegression(C=10.0, max_iter=5000)
    model.fit(features, right, sample_weight=weights * len(weights) / weights.sum())
    return _Fit(float(model.intercept_[0]), model.coef_[0])


if __name__ == "__main__":
    typer.run(main)
