from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import structlog

from index.encoder import Encoded
from index.late import Tokens
from index.model.comparison import Halfway
from index.vector_cache import CachedEncoder
from index.vectors import FloatMatrix, FloatVector
from tests.fakes import HashingEncoder

TEXTS = [f"第{number}篇：喝白酒能杀死病毒吗" for number in range(150)]


class CountingEncoder(HashingEncoder):
    """Remembers what it was asked to encode."""

    def __init__(self, name: str = "counting", dimension: int = 256) -> None:
        super().__init__(dimension)
        self.name = name
        self.passages: list[str] = []
        self.queries: list[str] = []

    def encode_passages(self, texts: Sequence[str]) -> Encoded:
        self.passages.extend(texts)
        return super().encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        self.queries.extend(texts)
        encoded = super().encode_queries(texts)
        return Encoded(-encoded.vectors, encoded.tokens)  # so that a query is never taken for a passage


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vectors.sqlite"


def encoded(file: Path | None, texts: Sequence[str] = TEXTS, encoder: CountingEncoder | None = None) -> FloatMatrix:
    """The vectors a program that starts now would have."""
    with closing(CachedEncoder(encoder or CountingEncoder(), file)) as cached:
        return cached.encode_passages(texts).vectors


def exact(texts: Sequence[str] = TEXTS) -> FloatMatrix:
    """The vectors before any rounding."""
    return HashingEncoder().encode_passages(texts).vectors


def rows(file: Path) -> int:
    """How many vectors the file holds."""
    with closing(sqlite3.connect(file)) as connection:
        count: int = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
        return count


def test_the_second_start_encodes_nothing_and_has_the_same_vectors(file: Path) -> None:
    first, second = CountingEncoder(), CountingEncoder()
    before = encoded(file, encoder=first)
    after = encoded(file, encoder=second)
    assert first.passages == TEXTS
    assert second.passages == []
    assert np.array_equal(before, after)


def test_tokens_are_the_same_at_the_next_start(file: Path) -> None:
    unkept = HashingEncoder().encode_passages(TEXTS[:3]).tokens
    for _ in range(2):
        with closing(CachedEncoder(CountingEncoder(), file)) as cached:
            kept = cached.encode_passages(TEXTS[:3]).tokens
        for one, other in zip(kept, unkept, strict=True):
            assert np.array_equal(one.directions, other.directions)
            assert np.array_equal(one.ids, other.ids)


def test_only_what_is_new_is_encoded(file: Path) -> None:
    encoded(file, TEXTS[:100])
    encoder = CountingEncoder()
    vectors = encoded(file, TEXTS[90:110], encoder)
    assert encoder.passages == TEXTS[100:110]
    assert np.allclose(vectors, exact(TEXTS[90:110]), atol=1e-3)


def test_a_text_that_comes_twice_is_encoded_once(file: Path) -> None:
    encoder = CountingEncoder()
    vectors = encoded(file, ["白酒", "病毒", "白酒"], encoder)
    assert encoder.passages == ["白酒", "病毒"]
    assert np.array_equal(vectors[0], vectors[2])
    assert not np.array_equal(vectors[0], vectors[1])


def test_vectors_of_another_model_are_never_taken(file: Path) -> None:
    encoded(file)
    other = CountingEncoder("another")
    encoded(file, encoder=other)
    assert other.passages == TEXTS


def test_another_model_begins_the_file_anew(file: Path) -> None:
    encoded(file)
    encoded(file, TEXTS[:3], CountingEncoder("another"))
    assert rows(file) == 3
    encoded(file, TEXTS[3:5], CountingEncoder("another"))
    assert rows(file) == 5


def test_a_question_and_a_passage_of_the_same_words_are_kept_apart(file: Path) -> None:
    encoder = CountingEncoder()
    with closing(CachedEncoder(encoder, file)) as cached:
        passage = cached.encode_passages(["白酒杀毒"]).vectors
        question = cached.encode_kept_queries(["白酒杀毒"]).vectors
        assert np.allclose(question, -passage)
        assert np.array_equal(question, cached.encode_kept_queries(["白酒杀毒"]).vectors)
    assert encoder.queries == ["白酒杀毒"]


def test_what_residents_ask_is_remembered_for_a_while_and_never_written(file: Path) -> None:
    encoder = CountingEncoder()
    with closing(CachedEncoder(encoder, file)) as cached:
        first = cached.encode_queries(["我妈的高血压药能停吗"]).vectors
        second = cached.encode_queries(["井水有毒吗", "我妈的高血压药能停吗", "井水有毒吗"])
        cached.encode_passages(["白酒"])
    assert np.array_equal(first[0], second.vectors[1])
    assert np.array_equal(second.vectors[0], second.vectors[2])
    assert len(second.tokens) == 3
    assert encoder.queries == ["我妈的高血压药能停吗", "井水有毒吗"]
    assert rows(file) == 1


def test_only_the_last_questions_are_remembered(file: Path) -> None:
    encoder = CountingEncoder()
    with closing(CachedEncoder(encoder, file)) as cached:
        cached.encode_queries(["第一问"])
        cached.encode_queries([f"第{number}问" for number in range(600)])
        cached.encode_queries(["第599问", "第一问"])
    assert encoder.queries.count("第599问") == 1
    assert encoder.queries.count("第一问") == 2


def test_half_precision_costs_less_than_a_thousandth(file: Path) -> None:
    kept = encoded(file)
    unrounded = exact()
    assert np.abs(kept - unrounded).max() < 5e-4
    assert np.linalg.norm(kept, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-6)
    assert np.sum(kept * unrounded, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-6)


def test_progress_counts_what_has_to_be_encoded(file: Path) -> None:
    encoded(file, TEXTS[:20])
    heard: list[tuple[int, int]] = []
    with closing(CachedEncoder(CountingEncoder(), file)) as cached:
        cached.encode_passages(TEXTS, lambda done, total: heard.append((done, total)))
    assert heard == [(64, 130), (128, 130), (130, 130)]


def test_without_a_file_vectors_are_kept_until_the_end_only() -> None:
    encoder = CountingEncoder()
    with closing(CachedEncoder(encoder, None)) as cached:
        cached.encode_passages(TEXTS)
        cached.encode_passages(TEXTS)
    assert encoder.passages == TEXTS


def test_nothing_to_encode_gives_no_rows(file: Path) -> None:
    assert encoded(file, []).shape == (0, 256)


def test_broken_text_is_encoded_too(file: Path) -> None:
    assert encoded(file, ["\ud800水", ""]).shape == (2, 256)


@pytest.mark.parametrize("damage", ["not a database", "pages overwritten", "cut short", "empty", "another table"])
def test_a_damaged_file_is_thrown_away_and_rebuilt(file: Path, damage: str) -> None:
    encoded(file)
    spoil(file, damage)
    encoder = CountingEncoder()
    with structlog.testing.capture_logs() as logs:
        vectors = encoded(file, encoder=encoder)
    assert np.allclose(vectors, exact(), atol=1e-3)
    assert encoder.passages
    if damage != "empty":  # an empty file is a valid new database
        assert [log["log_level"] for log in logs][:1] == ["warning"]
        assert "vector cache" in logs[0]["event"]
    # It need not be whole after one start, but after two, and a third encodes nothing.
    encoded(file)
    third = CountingEncoder()
    encoded(file, encoder=third)
    assert third.passages == []
    assert rows(file) == len(TEXTS)


def spoil(file: Path, damage: str) -> None:
    """Do to a file what disks, people and full volumes do."""
    content = file.read_bytes()
    if damage == "not a database":
        file.write_bytes(b"\x00\xff" * 4096)
    elif damage == "pages overwritten":
        file.write_bytes(content[:4096] + b"\x00" * (len(content) - 4096))
    elif damage == "cut short":
        file.write_bytes(content[: len(content) // 2 + 7])
    elif damage == "empty":
        file.write_bytes(b"")
    else:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("DROP TABLE vectors")
            connection.execute("CREATE TABLE vectors (name TEXT)")


def test_a_vector_of_the_wrong_length_is_encoded_anew(file: Path) -> None:
    encoded(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("UPDATE vectors SET vector = x'0102'")
    encoder = CountingEncoder()
    assert np.allclose(encoded(file, encoder=encoder), exact(), atol=1e-3)
    assert encoder.passages == TEXTS


def test_a_file_locked_by_another_program_only_costs_time(file: Path) -> None:
    encoded(file, TEXTS[:10])
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with structlog.testing.capture_logs() as logs:
            vectors = encoded(file, TEXTS[:30])
        other.execute("ROLLBACK")
    assert np.allclose(vectors, exact(TEXTS[:30]), atol=1e-3)
    assert {log["event"] for log in logs} == {"vector cache unavailable"}
    assert rows(file) == 10  # what others keep is never thrown away for being in use


def test_a_file_deleted_under_a_running_program_only_costs_time(file: Path) -> None:
    with closing(CachedEncoder(CountingEncoder(), file)) as cached:
        cached.encode_passages(TEXTS[:10])
        for path in file.parent.iterdir():
            path.unlink()
        vectors = cached.encode_passages(TEXTS[:20]).vectors
    assert np.allclose(vectors, exact(TEXTS[:20]), atol=1e-3)
    encoded(file)
    assert rows(file) == len(TEXTS)


def test_a_place_where_no_file_can_be_made_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with structlog.testing.capture_logs() as logs:
        vectors = encoded(tmp_path / "data" / "vectors.sqlite", TEXTS[:3])
    assert np.allclose(vectors, exact(TEXTS[:3]), atol=1e-3)
    assert {log["event"] for log in logs} == {"vector cache unavailable"}


def test_four_threads_share_one_cache(file: Path) -> None:
    expected = exact()
    with closing(CachedEncoder(CountingEncoder(), file)) as cached, ThreadPoolExecutor(4) as threads:
        parts = [slice(start, start + 60) for start in (0, 30, 60, 90)] * 4
        results = threads.map(lambda part: cached.encode_passages(TEXTS[part]).vectors, parts)
        for part, vectors in zip(parts, results, strict=True):
            assert np.allclose(vectors, expected[part], atol=1e-3)
    assert rows(file) == len(TEXTS)


def test_two_programs_share_one_file(file: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        for vectors in threads.map(lambda _: encoded(file), range(6)):
            assert np.allclose(vectors, exact(), atol=1e-3)
    assert rows(file) == len(TEXTS)


class ComparingEncoder(CountingEncoder):
    """Compares texts by their lengths, and remembers which it had to read for it."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[int] = []

    def halfway(self, ids: npt.NDArray[np.int32], *, tells: bool = False) -> Halfway:
        self.read.append(len(ids))
        return Halfway.of(np.ones((len(ids), self.dimension), dtype=np.float32))

    def compare(self, question: Halfway, others: Sequence[Halfway]) -> FloatVector:
        return np.array([len(question.scales) - len(other.scales) for other in others], dtype=np.float32)

    def compare_claims(self, claim: Halfway, others: Sequence[Halfway]) -> FloatVector:
        return -self.compare(claim, others)


class TestComparing:
    WORDINGS = ("白酒杀毒", "喝高度白酒能杀死病毒吗")

    def odds(self, cached: CachedEncoder, question: str, *others: str) -> list[float]:
        asked, *rest = (HashingEncoder().encode_queries([text]).tokens[0] for text in (question, *others))
        joined = Tokens(
            np.concatenate([other.directions for other in rest]), np.concatenate([other.ids for other in rest])
        )
        found = cached.compare(asked, joined, np.array([len(other) for other in rest]))
        assert found is not None
        return found.tolist()  # type: ignore[no-any-return]

    def test_a_later_start_reads_no_wording_again(self, file: Path) -> None:
        with closing(CachedEncoder(ComparingEncoder(), file)) as cached:
            cached.encode_wordings(self.WORDINGS)
        with closing(CachedEncoder(later := ComparingEncoder(), file)) as cached:
            cached.encode_wordings(self.WORDINGS)
            assert self.odds(cached, "白酒", *self.WORDINGS) == [-2.0, -9.0]
            assert later.queries == []
            assert later.read == [1]  # the question
            self.odds(cached, "白酒", *self.WORDINGS)
            assert later.read == [1]

    def test_what_is_lost_is_read_anew(self, file: Path) -> None:
        with closing(CachedEncoder(encoder := ComparingEncoder(), file)) as cached:
            cached.encode_wordings(self.WORDINGS)
            encoder.read.clear()
            with sqlite3.connect(file) as connection:
                connection.execute("UPDATE vectors SET vector = x'09'")
            assert self.odds(cached, "白酒", *self.WORDINGS) == [-2.0, -9.0]
            assert encoder.read == [1, 3, 10]

    def test_questions_stay_out_of_the_file(self, file: Path) -> None:
        with closing(CachedEncoder(ComparingEncoder(), file)) as cached:
            cached.encode_wordings(self.WORDINGS)
            kept = rows(file)
            self.odds(cached, "我妈的电话是几号", *self.WORDINGS)
            assert rows(file) == kept == 2 * len(self.WORDINGS)

    def test_an_encoder_that_cannot_compare_says_so(self, file: Path) -> None:
        with closing(CachedEncoder(CountingEncoder(), file)) as cached:
            cached.encode_wordings(self.WORDINGS)
            (tokens,) = HashingEncoder().encode_queries(self.WORDINGS[:1]).tokens
            assert cached.compare(tokens, tokens, np.array([len(tokens)])) is None
            assert cached.compare_claims(tokens, [tokens]) is None

    def test_a_passage_is_read_once_for_many_questions(self, file: Path) -> None:
        asked, other, told, nothing = HashingEncoder().encode_queries(["白酒", "红酒", self.WORDINGS[1], ""]).tokens
        with closing(CachedEncoder(encoder := ComparingEncoder(), file)) as cached:
            assert cached.compare_told(asked, told) == -9.0
            assert cached.compare_told(other, told) == -9.0
            assert encoder.read == [1, 10, 1]  # the passage between the two questions
            assert cached.compare_told(asked, nothing) is None
        with closing(CachedEncoder(later := ComparingEncoder(), file)) as cached:
            assert cached.compare_told(asked, told) == -9.0
            assert later.read == [1]
        with closing(CachedEncoder(CountingEncoder(), file)) as cached:
            assert cached.compare_told(asked, told) is None

    def test_claims_are_compared_by_a_network_of_their_own(self, file: Path) -> None:
        asked, *rest = HashingEncoder().encode_queries(["白酒", *self.WORDINGS]).tokens
        with closing(CachedEncoder(ComparingEncoder(), file)) as cached:
            found = cached.compare_claims(asked, rest)
            assert found is not None
            assert found.tolist() == [2.0, 9.0]
