"""Train `bot/conversation/urgent_model.npz` on what people write in an emergency, and on what only sounds so.

    python -m scripts.training.urgent

What debunks are asked, the messages of the training texts, and of the groups what names no danger go with what is no
emergency. Encodes every text the first time, which takes five minutes.
"""

from __future__ import annotations

import typer

from bot.conversation.danger import touches_danger
from bot.conversation.urgent_model import MODEL
from index.variants import fold
from knowledge.article_files import CONTENT, read_folder
from knowledge.models import Kind
from scripts.commands.common import output
from scripts.training.classifier import NONE, encoded, learned
from scripts.training.texts import read_groups, read_messages, read_urgent

_SHARE_OF_MEANING = 1.0
_WEIGHT_OF_OTHERS = 0.3
"""What a text counts that was not written to be told from an emergency."""


def main() -> None:
    """Train, and write the file."""
    told = read_urgent()
    others = [*(text for text, _ in read_messages()), *_asked_of_debunks(), *_of_groups()]
    texts = [*(text for text, _ in told), *others]
    labels = [*(label for _, label in told), *([NONE] * len(others))]
    weights = [1.0] * len(told) + [_WEIGHT_OF_OTHERS] * len(others)
    folded = [fold(text) for text in texts]
    model = learned(
        folded,
        labels,
        encoded(texts),
        share_of_meaning=_SHARE_OF_MEANING,
        least_texts=3,
        weights=weights,
        vocabulary=folded[: len(told)],
    )
    model.save(MODEL)
    output.print(f"{len(model.places)} runs from {len(texts)} texts in {MODEL}")


def _asked_of_debunks() -> list[str]:
    contents = read_folder(CONTENT).articles.values()
    return [
        text for content in contents if content.kind is not Kind.GUIDE for text in (content.title, *content.asked_as)
    ]


def _of_groups() -> list[str]:
    """Some of these are written as if it were happening, and would teach the contrary."""
    texts = (text for group in read_groups() for text in (*group.same, *group.near))
    return [text for text in dict.fromkeys(texts) if not touches_danger(text)]


if __name__ == "__main__":
    typer.run(main)
