"""The texts of this project that something is trained on: groups of claims, questions that look answered, messages,
and what people write in an emergency."""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.evaluation import json_lines

FOLDER = Path(__file__).with_name("texts")
_QUESTIONS, _MESSAGES, _URGENT, _CLAIMS = "questions", "messages", "urgent", "claims"
_UNLEARNED = f"{_CLAIMS}-unlearned"
_KEPT_OUT = 8
"""One part in so many is kept out of training."""


@dataclass(frozen=True, slots=True)
class Group:
    """A claim or question in several wordings, others that look like it, and what answers it."""

    same: tuple[str, ...]
    near: tuple[str, ...]
    passage: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Texts that make one claim, and texts that make another in much the same words."""

    same: tuple[str, ...]
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Questions:
    """What people ask around an article; in none of its phrasings."""

    same: tuple[str, ...] = ()
    """It answers these."""
    near: tuple[str, ...] = ()
    """It only seems to answer these; another article may."""
    reworded: tuple[str, ...] = ()
    """The first of `near` once more, each in other words. Without these a question that is near would differ from one
    that is answered by how it is written, and that would be learned instead."""
    twins: tuple[tuple[str, str], ...] = ()
    """Those that differ from what it answers in one thing only, each in two wordings."""


def read_groups(without: str = "") -> list[Group]:
    """The groups of all files, or of all but one, in a fixed order."""
    paths = [
        path
        for path in sorted(FOLDER.glob("*.jsonl"))
        if not path.stem.startswith((_QUESTIONS, _MESSAGES, _URGENT, _CLAIMS))
    ]
    rows = [row for path in paths if path.stem != without for row in _rows(path)]
    return [Group(tuple(row["same"]), tuple(row["near"]), row["passage"]) for row in rows]


def read_claims(*, learned: bool) -> list[Claims]:
    """Rumours as they reach the desk, and questions of patients, each with others that only look like it: those that
    reading is trained on, or those, by another hand, that only the few numbers of a decision are fitted on."""
    paths = sorted(FOLDER.glob(f"{_CLAIMS}-*.jsonl"))
    rows = [row for path in paths if (path.stem != _UNLEARNED) is learned for row in _rows(path)]
    return [Claims(tuple(row["same"]), tuple(row["near"])) for row in rows]


def read_questions(folder: Path = FOLDER) -> dict[str, Questions]:
    """By article what it answers, and what it only seems to answer.

    Raises: EvaluationError.
    """
    rows = [row for path in sorted(folder.glob(f"{_QUESTIONS}*.jsonl")) for row in _rows(path)]
    found: dict[str, Questions] = defaultdict(Questions)
    for row in rows:
        same, near, reworded, twins = (row.get(part, ()) for part in ("same", "near", "reworded", "twins"))
        before = found[row["article"]]
        found[row["article"]] = Questions(
            (*before.same, *same),
            (*before.near, *near),
            (*before.reworded, *reworded),
            (*before.twins, *((one, other) for one, other in twins)),
        )
    return dict(found)


def is_kept_out(name: str) -> bool:
    """Whether what goes by this name shows how well something learned instead of teaching it."""
    return zlib.crc32(name.encode()) % _KEPT_OUT == 0


def read_messages() -> list[tuple[str, str]]:
    """Text and label of all messages, in a fixed order."""
    return _labelled(_MESSAGES)


def read_urgent() -> list[tuple[str, str]]:
    """What people write while something happens to them, with the name of the card they need; and what only sounds so,
    with none."""
    return _labelled(_URGENT)


def _labelled(name: str) -> list[tuple[str, str]]:
    return [(row["text"], row["label"]) for path in sorted(FOLDER.glob(f"{name}*.jsonl")) for row in _rows(path)]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [row for _, row in json_lines(path)]
