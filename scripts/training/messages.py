"""Train `bot/conversation/message_model.npz` on the messages of this project's training texts.

    python -m scripts.training.messages

Rumours and questions on health and disasters go with what is neither scam nor advert. Encodes every message the first
time, which takes two minutes.
"""

from __future__ import annotations

import typer

from bot.conversation.message_model import MODEL, plain
from scripts.commands.common import output
from scripts.training.classifier import NONE, encoded, learned
from scripts.training.texts import read_groups, read_messages

_OF_SCAMS = "services"
"""The file of groups that speaks of scams among other things."""
_KINDS = ("scam", "advert")
_SHARE_OF_MEANING = 0.3
"""Measured in docs/decisions/routing.md."""


def main() -> None:
    """Train, and write the file."""
    messages = [*read_messages(), *((group.same[-1], "claim") for group in read_groups(without=_OF_SCAMS))]
    texts = [text for text, _ in messages]
    labels = [label if label in _KINDS else NONE for _, label in messages]
    model = learned(
        [plain(text) for text in texts], labels, encoded(texts), share_of_meaning=_SHARE_OF_MEANING, least_texts=2
    )
    model.save(MODEL)
    output.print(f"{len(model.places)} runs from {len(messages)} messages in {MODEL}")


if __name__ == "__main__":
    typer.run(main)
