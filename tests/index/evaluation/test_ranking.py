from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from index.evaluation import (
    EvaluationError,
    evaluate_retrieval,
    load,
    load_labels,
    load_pairs,
    load_questions,
    load_texts,
    measure,
)
from index.passages import Document
from index.search import Searcher
from index.vector_cache import CachedEncoder
from tests.fakes import HashingEncoder

Row = dict[str, Any]

CORPUS: list[Row] = [
    {"id": "d1", "title": "白酒与病毒", "text": "喝高度白酒不能杀死体内的病毒。"},
    {"id": "d2", "title": "微波炉", "text": "微波炉加热食物不会致癌。"},
    {"id": 3, "text": "隔夜菜放冰箱可以吃。"},
]
QUERIES: list[Row] = [
    {"id": "q1", "text": "喝白酒能杀病毒吗"},
    {"id": "q2", "text": "微波炉致癌吗"},
    {"id": "q3", "text": "隔夜菜能吃吗"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\nq3\t3\t1\n"


class Files:
    """The three files of an evaluation, good ones unless overwritten."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.queries, self.qrels = folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
        self.corpus.write_text(lines(CORPUS), "utf-8")
        self.queries.write_text(lines(QUERIES), "utf-8")
        self.qrels.write_text(QRELS, "utf-8")

    def refusal(self) -> str:
        """Why they cannot be used."""
        with pytest.raises(EvaluationError) as refused:
            load(self.corpus, self.queries, self.qrels)
        return str(refused.value)


def lines(rows: list[Row]) -> str:
    """JSONL."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


class TestFigures:
    def test_the_right_answer_first_is_one_everywhere(self) -> None:
        assert measure([([5, 6], frozenset({5}))]).as_dict() == {
            "hit@1": 1.0,
            "hit@3": 1.0,
            "hit@5": 1.0,
            "mrr@10": 1.0,
            "ndcg@10": 1.0,
        }

    def test_figures_are_averages_worked_out_by_hand(self) -> None:
        rankings = [
            ([1, 2, 3], frozenset({1})),  # first
            ([9, 8, 1], frozenset({1})),  # third
            ([9, 8, 7, 6, 1], frozenset({1})),  # fifth
            ([9, 8, 7], frozenset({1})),  # not found
        ]
        found = measure(rankings)
        assert (found.hit_at_1, found.hit_at_3, found.hit_at_5) == (0.25, 0.5, 0.75)
        assert found.mrr_at_10 == pytest.approx((1 + 1 / 3 + 1 / 5 + 0) / 4)
        assert found.ndcg_at_10 == pytest.approx((1 + 1 / math.log2(4) + 1 / math.log2(6) + 0) / 4)

    def test_gain_of_several_right_answers_is_measured_against_the_best_order(self) -> None:
        found = measure([([9, 1, 8, 2], frozenset({1, 2, 3}))])
        gain = 1 / math.log2(3) + 1 / math.log2(5)
        ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
        assert found.ndcg_at_10 == pytest.approx(gain / ideal)
        assert found.ndcg_at_10 == pytest.approx(0.4982, abs=1e-4)
        assert found.mrr_at_10 == 0.5

    def test_nothing_below_the_tenth_counts(self) -> None:
        ranking = [*range(100, 110), 1]
        assert set(measure([(ranking, frozenset({1}))]).as_dict().values()) == {0.0}
        assert measure([(ranking[1:], frozenset({1}))]).mrr_at_10 == pytest.approx(0.1)

    def test_no_questions_give_nothing(self) -> None:
        assert set(measure([]).as_dict().values()) == {0.0}

    def test_more_than_ten_right_answers_can_still_be_perfect(self) -> None:
        assert measure([(list(range(10)), frozenset(range(50)))]).ndcg_at_10 == pytest.approx(1.0)


class TestReading:
    def test_documents_questions_and_answers_are_read(self, files: Files) -> None:
        questions = load(files.corpus, files.queries, files.qrels)
        assert questions.documents == (
            Document(1, "白酒与病毒", body="喝高度白酒不能杀死体内的病毒。"),
            Document(2, "微波炉", body="微波炉加热食物不会致癌。"),
            Document(3, "", body="隔夜菜放冰箱可以吃。"),
        )
        assert questions.texts["q2"] == "微波炉致癌吗"
        assert questions.answers == {"q1": {1}, "q2": {2}, "q3": {3}}

    def test_the_header_may_be_missing_and_what_is_not_relevant_does_not_count(self, files: Files) -> None:
        files.qrels.write_text("q1\td1\t1\nq1\td2\t0\nq2\td2\t2\nq9\td1\t1\nq3\td9\t1\n\n", "utf-8")
        questions = load(files.corpus, files.queries, files.qrels)
        assert questions.answers == {"q1": {1}, "q2": {2}}
        assert questions.ignored == {"qrels_ignored": 2, "queries_ignored": 1}

    @pytest.mark.parametrize("head", ["query_id\tcorpus_id\tscore", "Question ID\tdocument\trelevant"])
    def test_the_header_may_be_spelt_otherwise(self, files: Files, head: str) -> None:
        files.qrels.write_text(f"{head}\nq1\td1\t1\n", "utf-8")
        assert load(files.corpus, files.queries, files.qrels).answers == {"q1": {1}}

    def test_files_from_windows_are_read(self, files: Files) -> None:
        files.corpus.write_bytes(b"\xef\xbb\xbf" + lines(CORPUS).replace("\n", "\r\n").encode())
        files.qrels.write_bytes(b"\xef\xbb\xbf" + QRELS.replace("\n", "\r\n").encode())
        assert load(files.corpus, files.queries, files.qrels).answers == {"q1": {1}, "q2": {2}, "q3": {3}}

    def test_separators_inside_a_text_do_not_end_its_line(self, files: Files) -> None:
        files.corpus.write_text(lines([{"id": "d1", "text": "白酒\u2028病毒\x85癌"}]), "utf-8")
        assert load(files.corpus, files.queries, files.qrels).documents[0].body == "白酒\u2028病毒\x85癌"

    def test_questions_stand_one_a_line_or_in_json(self, files: Files) -> None:
        files.queries.write_text('喝白酒能杀病毒吗 \n\n{"text": "微波炉\u2028致癌吗"}\n', "utf-8")
        assert load_questions(files.queries) == ["喝白酒能杀病毒吗", "微波炉\u2028致癌吗"]
        files.queries.write_text('隔夜菜\n{"text": null}\n', "utf-8")
        with pytest.raises(EvaluationError, match=r":2: 'text' cannot be null$"):
            load_questions(files.queries)


class TestRefusals:
    def test_a_line_that_is_no_json_is_named(self, files: Files) -> None:
        files.corpus.write_text(lines(CORPUS[:1]) + "\n{oops\n", "utf-8")
        assert files.refusal().startswith(f"{files.corpus}:3: not JSON: ")

    @pytest.mark.parametrize(("line", "missing"), [('{"id": 1}', "text"), ('{"text": "x"}', "id")])
    def test_a_line_without_a_field_is_named(self, files: Files, line: str, missing: str) -> None:
        files.queries.write_text(lines(QUERIES) + line + "\n", "utf-8")
        assert files.refusal() == f"{files.queries}:4: no {missing!r}"

    @pytest.mark.parametrize("row", [{"text": None}, {"text": "白酒", "title": None}, {"text": ["白酒"]}])
    def test_what_is_no_text_is_named(self, files: Files, row: Row) -> None:
        files.corpus.write_text(lines([{"id": "d1", **row}]), "utf-8")
        assert files.refusal().startswith(f"{files.corpus}:1: {list(row)[-1]!r} cannot be ")

    @pytest.mark.parametrize(
        ("line", "reason"),
        [("[" * 100_000, "not JSON: "), ('{"id": ' + "9" * 5000 + "}", "not JSON: "), ('["id"]', "not an object")],
    )
    def test_what_no_reader_takes_is_named(self, files: Files, line: str, reason: str) -> None:
        files.queries.write_text(line, "utf-8")
        assert files.refusal().startswith(f"{files.queries}:1: {reason}")

    @pytest.mark.parametrize("name", ["corpus", "queries", "qrels"])
    def test_a_file_without_rows_is_named(self, files: Files, name: str) -> None:
        path: Path = getattr(files, name)
        path.write_text("\n", "utf-8")
        assert files.refusal() == f"{path}: has no rows"

    def test_an_id_that_comes_twice_is_named(self, files: Files) -> None:
        files.corpus.write_text(lines([*CORPUS, {"id": "3", "text": "又一个"}]), "utf-8")
        assert files.refusal() == f"{files.corpus}:4: the id '3' stands on an earlier line too"

    def test_a_row_without_three_columns_is_named(self, files: Files) -> None:
        files.qrels.write_text(QRELS + "q1 d1 1\n", "utf-8")
        assert files.refusal() == f"{files.qrels}:5: not three columns separated by tabs"

    def test_a_relevance_that_is_no_number_is_named(self, files: Files) -> None:
        files.qrels.write_text(QRELS + "q1\td1\tyes\n", "utf-8")
        assert files.refusal() == f"{files.qrels}:5: the relevance 'yes' is not a number"

    def test_a_file_that_is_not_there_is_named(self, files: Files) -> None:
        files.queries.unlink()
        assert files.refusal() == f"{files.queries}: cannot be read: No such file or directory"

    def test_a_line_that_is_not_utf8_is_named(self, files: Files) -> None:
        files.corpus.write_bytes(lines(CORPUS).encode() + '{"id": 4, "text": "白酒"}'.encode("gbk"))
        assert files.refusal() == f"{files.corpus}:4: not UTF-8 text"

    def test_judgements_about_other_files_are_refused(self, files: Files) -> None:
        files.qrels.write_text("a\tb\t1\n", "utf-8")
        assert files.refusal() == (
            f"{files.qrels}: no row names both a question of {files.queries} and a document of {files.corpus}"
        )


def test_the_searcher_is_measured_whole_and_in_its_parts(files: Files) -> None:
    questions = load(files.corpus, files.queries, files.qrels)
    searcher = Searcher(CachedEncoder(HashingEncoder(), None))
    searcher.replace({document.id: document for document in questions.documents})
    heard: list[tuple[int, int]] = []
    figures = evaluate_retrieval(searcher, questions, lambda done, total: heard.append((done, total)))
    perfect = {"hit@1": 1.0, "hit@3": 1.0, "hit@5": 1.0, "mrr@10": 1.0, "ndcg@10": 1.0}
    certain = {**perfect, "interval": dict.fromkeys(perfect, (1.0, 1.0))}
    nothing = {"qrels_ignored": 0, "queries_ignored": 0}
    assert figures == {"n": 3, **nothing, **certain, "words": certain, "dense": certain, "misses": []}
    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_a_searcher_that_knows_only_other_documents_scores_nothing(files: Files) -> None:
    questions = load(files.corpus, files.queries, files.qrels)
    searcher = Searcher(CachedEncoder(HashingEncoder(), None))
    searcher.replace({99: questions.documents[0]})
    nothing = {"hit@1": 0.0, "hit@3": 0.0, "hit@5": 0.0, "mrr@10": 0.0, "ndcg@10": 0.0}
    figures = evaluate_retrieval(searcher, questions)
    assert {way: {name: figures[way][name] for name in nothing} for way in ("words", "dense")} == {
        "words": nothing,
        "dense": nothing,
    }
    assert {name: figures[name] for name in nothing} == nothing


def test_the_worst_misses_are_told_side_by_side(files: Files) -> None:
    files.qrels.write_text("q1\td1\t1\nq2\td1\t1\nq3\t3\t1\n", "utf-8")
    questions = load(files.corpus, files.queries, files.qrels)
    searcher = Searcher(CachedEncoder(HashingEncoder(), None))
    searcher.replace({document.id: document for document in questions.documents})
    assert evaluate_retrieval(searcher, questions)["misses"] == [
        {"question": "微波炉致癌吗", "wanted": "白酒与病毒", "found": "微波炉", "rank": 2}
    ]


def test_labels_are_read_and_a_file_without_any_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"text": "您的卡已冻结", "label": "scam"}\n', "utf-8")
    assert load_labels(path) == [("您的卡已冻结", "scam")]
    path.write_text("\n", "utf-8")
    for load_rows in (load_labels, load_pairs, load_texts, load_questions):
        with pytest.raises(EvaluationError, match="has no rows"):
            load_rows(path)
    path.write_text('{"text": null, "label": "scam"}\n', "utf-8")
    with pytest.raises(EvaluationError, match=":1: 'text' cannot be null"):
        load_labels(path)
