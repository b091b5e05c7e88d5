"""Train the weights of `bot/conversation/message_words.py` on the messages of this project's training texts.

    python -m scripts.training.messages

Rumours and questions on health and disasters go with what is neither scam nor advert. A logistic regression over runs
of one to three characters, weighed by term frequency and inverse document frequency, tells the three apart.
"""

from __future__ import annotations

import numpy as np
import typer

from bot.conversation.message_words import LONGEST_RUN, WORDS, plain
from scripts.commands.common import output
from scripts.training.texts import read_groups, read_messages

_OF_SCAMS = "services"
"""The file of groups that speaks of scams among other things."""
_KINDS, _NEITHER = ("scam", "advert"), ""
_LEAST_MESSAGES = 2
"""In how many messages a run must occur."""


def main() -> None:
    """Train, and write the file."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    messages = [*read_messages(), *((group.same[-1], "claim") for group in read_groups(without=_OF_SCAMS))]
    runs = TfidfVectorizer(
        analyzer="char", ngram_range=(1, LONGEST_RUN), min_df=_LEAST_MESSAGES, sublinear_tf=True, lowercase=False
    )
    rows = runs.fit_transform(plain(text) for text, _ in messages)
    model = LogisticRegression(C=5.0, max_iter=5000, class_weight="balanced")
    model.fit(rows, [label if label in _KINDS else _NEITHER for _, label in messages])
    place_of = {kind: place for place, kind in enumerate(model.classes_)}
    kinds, neither = [place_of[kind] for kind in _KINDS], place_of[_NEITHER]
    order = np.argsort(runs.get_feature_names_out())
    np.savez_compressed(
        WORDS,
        runs=np.array("\n".join(runs.get_feature_names_out()[order])),
        rarity=runs.idf_[order].astype(np.float16),
        weights=(model.coef_[kinds] - model.coef_[neither])[:, order].astype(np.float16),
        intercepts=(model.intercept_[kinds] - model.intercept_[neither]).astype(np.float32),
    )
    output.print(f"{len(order)} runs from {len(messages)} messages in {WORDS}")


if __name__ == "__main__":
    typer.run(main)
