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

_HEADS = ("query-id", "question-id", "qid")
"""What the first column of the judgements may be called, with a hyphen, an underscore or a space."""
_KINDS: Mapping[str, type | tuple[type, ...]] = {"id": (str, int, float), "label": (str, int, float)}
"""What a field may hold that need not be a text."""


class EvaluationError(Exception):
    """A file of the evaluation cannot be used; the message names file, line and reason."""


@dataclass(frozen=True, slots=True)
class Questions:
    """A corpus, questions about it and which documents answer each."""

    documents: tuple[Document, ...]
    texts: Mapping[str, str]
    answers: Mapping[str, frozenset[int]]
    """Only questions that have an answer in the corpus."""
    qrels_ignored: int = 0
    """Judgements that name a question or a document that is in neither file."""

    @property
    def ignored(self) -> dict[str, int]:
        """How many rows count for nothing: judgements, and questions without an answer."""
        return {"qrels_ignored": self.qrels_ignored, "queries_ignored": len(self.texts) - len(self.answers)}


def first_words(document: Document | None) -> str:
    """What a document says first; nothing where there is none."""
    return (document.title or document.body)[:60] if document else ""


def load(corpus: Path, queries: Path, qrels: Path) -> Questions:
    """Read the three files.

    Raises: EvaluationError.
    """
    rows = _json_rows(corpus, ("id", "text"), ("title",))
    numbers = {name: number for number, name in enumerate(rows, start=1)}
    documents = tuple(Document(numbers[name], row.get("title", ""), body=row["text"]) for name, row in rows.items())
    texts = load_texts(queries)
    answers: dict[str, set[int]] = defaultdict(set)
    ignored = 0
    for question, document, relevance in _judgements(qrels):
        if question not in texts or document not in numbers:
            ignored += 1
        elif relevance > 0:
            answers[question].add(numbers[document])
    if not answers:
        raise EvaluationError(f"{qrels}: no row names both a question of {queries} and a document of {corpus}")
    return Questions(documents, texts, {question: frozenset(found) for question, found in answers.items()}, ignored)


def load_texts(queries: Path) -> dict[str, str]:
    """The texts of a file of questions, by id.

    Raises: EvaluationError.
    """
    return {name: row["text"] for name, row in _json_rows(queries, ("id", "text")).items()}


def load_questions(path: Path) -> list[str]:
    """The questions of a file: JSONL with ``text``, or one question a line.

    Raises: EvaluationError.
    """
    return [
        _object(path, number, line, ("text",))["text"] if line.lstrip().startswith("{") else line.strip()
        for number, line in _lines(path)
    ]


def load_pairs(pairs: Path) -> list[tuple[str, str, bool]]:
    """Rows ``{"a", "b", "label"}`` of a file: two texts, and whether they mean the same.

    Raises: EvaluationError.
    """
    rows = []
    for number, row in json_lines(pairs, ("a", "b", "label")):
        if str(row["label"]) not in ("0", "1", "True", "False"):
            raise EvaluationError(f"{pairs}:{number}: the label {row['label']!r} is not 0 or 1")
        rows.append((row["a"], row["b"], str(row["label"]) in ("1", "True")))
    return rows


def load_labels(labels: Path) -> list[tuple[str, str]]:
    """Rows ``{"text", "label"}`` of a file of messages: text and label.

    Raises: EvaluationError.
    """
    return [(row["text"], str(row["label"])) for _, row in json_lines(labels, ("text", "label"))]


def _json_rows(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """The objects of a JSONL file by their id."""
    rows: dict[str, dict[str, Any]] = {}
    for number, row in json_lines(path, needed, optional):
        if str(row["id"]) in rows:
            raise EvaluationError(f"{path}:{number}: the id {str(row['id'])!r} stands on an earlier line too")
        rows[str(row["id"])] = row
    return rows


def json_lines(
    path: Path, needed: Sequence[str] = (), optional: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with the number of their line. The fields named hold texts, ids and labels numbers
    as well.

    Raises: EvaluationError.
    """
    for number, line in _lines(path):
        yield number, _object(path, number, line, needed, optional)


def _object(path: Path, number: int, line: str, needed: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, lists within lists
        raise EvaluationError(f"{path}:{number}: not JSON: {getattr(error, 'msg', error)}") from error
    if not isinstance(row, dict):
        raise EvaluationError(f"{path}:{number}: not an object")
    for name in needed:
        if name not in row:
            raise EvaluationError(f"{path}:{number}: no {name!r}")
    for name in (*needed, *optional):
        if name in row and not isinstance(row[name], _KINDS.get(name, str)):
            raise EvaluationError(f"{path}:{number}: {name!r} cannot be {json.dumps(row[name])[:40]}")
    return row


def _judgements(path: Path) -> Iterator[tuple[str, str, float]]:
    """(question, document, relevance) of every row below the header, if there is one."""
    for number, line in _lines(path):
        parts = line.split("\t")
        if len(parts) < 3:
            raise EvaluationError(f"{path}:{number}: not three columns separated by tabs")
        if number == 1 and parts[0].lower().replace("_", "-").replace(" ", "-") in _HEADS:
            continue
        try:
            yield parts[0], parts[1], float(parts[2])
        except ValueError as error:
            raise EvaluationError(f"{path}:{number}: the relevance {parts[2]!r} is not a number") from error


def _lines(path: Path) -> list[tuple[int, str]]:
    """The lines that are not blank, at least one, by number. Only line feeds end a line: JSON may hold other
    separators."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise EvaluationError(f"{path}:{line}: not UTF-8 text") from error
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        raise EvaluationError(f"{path}: has no rows")
    return lines
