"""What is trained on, and that nothing it is measured with is among it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.evaluation import EvaluationError, json_lines
from index.variants import fold
from knowledge.article_files import CONTENT, read_folder
from scripts.training import texts

QUALITY = Path(__file__).parents[1] / "quality"


def strings(value: Any) -> Iterator[str]:
    """Every text in a row, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def test_nothing_that_quality_is_measured_with_is_learned_or_a_phrasing() -> None:
    learned = {text for path in texts.FOLDER.glob("*.jsonl") for _, row in json_lines(path) for text in strings(row)}
    phrasings = {text for content in read_folder(CONTENT).articles.values() for text in content.asked_as}
    known = set(map(fold, learned | phrasings)) - {""}
    rows = [(path.name, row["text"]) for path in sorted(QUALITY.glob("*.jsonl")) for _, row in json_lines(path)]
    assert len(rows) > 4000
    assert [(name, text) for name, text in rows if fold(text) in known] == []


def test_only_line_feeds_end_a_row_and_a_bad_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"article": "liquor", "same": ["白酒\u2028杀毒吗"]}\n', "utf-8")
    assert texts.read_questions(tmp_path)["liquor"].same == ("白酒\u2028杀毒吗",)
    path.write_text('{"article": "liquor"}\noops\n', "utf-8")
    with pytest.raises(EvaluationError, match=r"questions\.jsonl:2: not JSON"):
        texts.read_questions(tmp_path)
