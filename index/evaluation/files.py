"""The files an evaluation reads: JSONL that anyone can make.

``corpus`` lines are ``{"id", "title", "text"}``, ``queries`` lines ``{"id", "text"}``, ``qrels`` rows
``query-id <tab> corpus-id <tab> relevance``: the layout of the BEIR benchmark (Thakur et al. 2021).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.passages import Document


class EvaluationError(Exception):
    """A file of the evaluation cannot be used; the message names file, line and reason."""


@dataclass(frozen=True, slots=True)
class Questions:
    """A corpus, questions about it and which documents answer each."""

    documents: tuple[Document, ...]
    texts: Mapping[str, str]
    answers: Mapping[str, frozenset[int]]
    """Only questions that have an answer in the corpus."""


def load(corpus: Path, queries: Path, qrels: Path) -> Questions:
    """Read the three files.

    Raises: EvaluationError.
    """
    rows = _json_rows(corpus, ("id", "text"))
    numbers = {name: number for number, name in enumerate(rows, start=1)}
    documents = tuple(
        Document(numbers[name], str(row.get("title", "")), body=str(row["text"])) for name, row in rows.items()
    )
    texts = load_texts(queries)
    answers: dict[str, set[int]] = defaultdict(set)
    for question, document, relevance in _judgements(qrels):
        if question in texts and document in numbers and relevance > 0:
            answers[question].add(numbers[document])
    if not answers:
        raise EvaluationError(f"{qrels}: no row names both a question of {queries} and a document of {corpus}")
    return Questions(documents, texts, {question: frozenset(found) for question, found in answers.items()})


def load_texts(queries: Path) -> dict[str, str]:
    """The texts of a file of questions, by id.

    Raises: EvaluationError.
    """
    return {name: str(row["text"]) for name, row in _json_rows(queries, ("id", "text")).items()}


def load_pairs(pairs: Path) -> list[tuple[str, str, bool]]:
    """Rows ``{"a", "b", "label"}`` of a file: two texts, and whether they mean the same.

    Raises: EvaluationError.
    """
    rows = []
    for number, row in _json_lines(pairs, ("a", "b", "label")):
        if str(row["label"]) not in ("0", "1", "True", "False"):
            raise EvaluationError(f"{pairs}:{number}: the label {row['label']!r} is not 0 or 1")
        rows.append((str(row["a"]), str(row["b"]), str(row["label"]) in ("1", "True")))
    if not rows:
        raise EvaluationError(f"{pairs}: has no rows")
    return rows


def load_labels(labels: Path) -> list[tuple[str, str]]:
    """Rows ``{"text", "label"}`` of a file of messages: text and label.

    Raises: EvaluationError.
    """
    rows = [(str(row["text"]), str(row["label"])) for _, row in _json_lines(labels, ("text", "label"))]
    if not rows:
        raise EvaluationError(f"{labels}: has no rows")
    return rows


def _json_rows(path: Path, needed: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The objects of a JSONL file by their id."""
    rows: dict[str, dict[str, Any]] = {}
    for number, row in _json_lines(path, needed):
        if str(row["id"]) in rows:
            raise EvaluationError(f"{path}:{number}: the id {str(row['id'])!r} stands on an earlier line too")
        rows[str(row["id"])] = row
    return rows


def _json_lines(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with the number of their line."""
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise EvaluationError(f"{path}:{number}: not JSON: {error.msg}") from error
        missing = [name for name in needed if not isinstance(row, dict) or name not in row]
        if missing:
            raise EvaluationError(f"{path}:{number}: no {missing[0]!r}")
        yield number, row


def _judgements(path: Path) -> Iterator[tuple[str, str, float]]:
    """(question, document, relevance) of every row below the header, if there is one."""
    for number, line in _lines(path):
        parts = line.split("\t")
        if len(parts) < 3:
            raise EvaluationError(f"{path}:{number}: not three columns separated by tabs")
        if number == 1 and parts[0] in ("query-id", "qid"):
            continue
        try:
            yield parts[0], parts[1], float(parts[2])
        except ValueError as error:
            raise EvaluationError(f"{path}:{number}: the relevance {parts[2]!r} is not a number") from error


def _lines(path: Path) -> list[tuple[int, str]]:
    """The lines that are not blank, by number. Only line feeds end a line: JSON may hold other separators."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise EvaluationError(f"{path}:{line}: not UTF-8 text") from error
    return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
