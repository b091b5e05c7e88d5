"""Learn a `bot/conversation/classifier.py` from examples."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import numpy as np

from bot.conversation.classifier import LONGEST_RUN, Classifier
from index.encoder import load_encoder
from index.variants import fold
from index.vector_cache import CachedEncoder
from index.vectors import FloatMatrix
from scripts.commands.common import progress, read_settings

NONE = ""
"""The label of what is of no kind."""


def learned(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: FloatMatrix,
    *,
    share_of_meaning: float,
    least_texts: int,
    weights: Sequence[float] | None = None,
    vocabulary: Sequence[str] | None = None,
) -> Classifier:
    """A softmax regression over the runs of the texts, as `Classifier.read` gets them, and their vectors.

    share_of_meaning: how long a vector is, above the mean of all and on average, beside the runs, which have length 1.
    least_texts: in how many texts a run must occur. weights: how much each text counts; without them every kind counts
    the same. vocabulary: only runs of these texts are learned, instead of those of all.
    """
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    runs = TfidfVectorizer(
        analyzer="char", ngram_range=(1, LONGEST_RUN), min_df=least_texts, sublinear_tf=True, lowercase=False
    )
    runs.fit(vocabulary or texts)
    runs.set_params(vocabulary=runs.get_feature_names_out(), min_df=1)
    words = runs.fit_transform(texts)
    mean = vectors.mean(axis=0)
    scale = share_of_meaning / float(np.sqrt(((vectors - mean) ** 2).sum(axis=1).mean()))
    model = LogisticRegression(C=5.0, max_iter=5000, class_weight=None if weights is not None else "balanced")
    model.fit(hstack([words, csr_matrix((vectors - mean) * scale)]).tocsr(), labels, sample_weight=weights)
    classes = list(model.classes_)
    kinds, none = [place for place, name in enumerate(classes) if name != NONE], classes.index(NONE)
    coefficients = model.coef_[kinds] - model.coef_[none]
    names = runs.get_feature_names_out().tolist()
    return Classifier(
        tuple(classes[kind] for kind in kinds),
        {run: place for place, run in enumerate(names)},
        runs.idf_,
        coefficients[:, : len(names)],
        model.intercept_[kinds] - model.intercept_[none],
        mean,
        coefficients[:, len(names) :] * scale,
    )


def encoded(texts: Sequence[str]) -> FloatMatrix:
    """The vectors of texts [texts, dimension], as the search makes them."""
    settings = read_settings()
    with (
        closing(CachedEncoder(load_encoder(settings.model_dir), settings.data_dir / "fit.sqlite")) as encoder,
        progress("Encoding") as report,
    ):
        return encoder.encode_kept_queries([fold(text) for text in texts], report).vectors
