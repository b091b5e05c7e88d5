from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoder import Encoder, OnnxEncoder, load_encoder, readable
from index.model import ModelDamaged, ModelMissing
from index.vectors import FloatMatrix
from knowledge.article_files import CONTENT, read_folder
from tests.fakes import HashingEncoder

QUESTION = "喝盐水可以预防流感吗"
ANSWER = "喝盐水不能预防流感，接种疫苗才可以。"
OTHER = "冒充公检法的电话要求转账到安全账户，是诈骗。"

ODD_TEXTS = {
    "empty": "",
    "spaces": " \t\u3000\n",
    "huge": "今天天气" * 25_000,
    "one long word": "a" * 100_000,
    "grows 18 times when normalised": "\ufdfa" * 4_000,
    "lone surrogates": "\ud800水\udc00",
    "control characters": "\x00\x01\x1b[0m\x7f\u200b\u2028\ufeff",
    "a tower of accents": "e" + "\u0301" * 50_000,
    "emoji": "👨‍👩‍👧‍👦🏳️‍🌈" * 500,
    "special tokens": "<s></s><mask><pad><unk>",
    "unassigned": "\U000e0fff\U0010ffff",
}

TEXTS = [
    QUESTION,
    ANSWER,
    "你好",
    "。",
    "1",
    "12345 67890",
    "🙂🙂",
    "😀😁😂🤣😃😄😅😆😉😊",
    "微波爐加熱食物會致癌嗎，請問專家",
    "緊急擴散！今晚十二點全市停水三天，請轉告親朋好友",
    "What is the capital of France?",
    "The quick brown fox jumps over the lazy dog. " * 30,
    "老人接到自称公安局的电话说涉嫌洗钱，要求把钱转到安全账户。" * 20,
    "转发这条信息给十个群可以领500元红包 http://example.com/a?b=1&c=2",
    "地震来了应该躲在哪里？",
    "HPV疫苗",
    "nǐ hǎo café",
    "ワクチンは安全ですか",
    "①②③ ½ ℃ ㎏",
    "",
]


@pytest.fixture(scope="session")
def onnx_encoder(model_dir: Path) -> OnnxEncoder:
    return OnnxEncoder(model_dir)


@pytest.fixture(params=["onnx", "hashing"])
def encoder(request: pytest.FixtureRequest, onnx_encoder: OnnxEncoder) -> Encoder:
    return onnx_encoder if request.param == "onnx" else HashingEncoder()


class TestContract:
    """What every encoder keeps, real or fake."""

    def test_rows_are_unit_vectors_of_float32(self, encoder: Encoder) -> None:
        for encoded in (encoder.encode_queries([QUESTION, OTHER]), encoder.encode_passages([QUESTION, OTHER])):
            vectors = encoded.vectors
            assert vectors.dtype == np.float32
            assert vectors.shape == (2, encoder.dimension)
            assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)

    def test_no_texts_make_no_rows(self, encoder: Encoder) -> None:
        assert encoder.encode_queries([]).vectors.shape == (0, encoder.dimension)
        assert encoder.encode_passages([]).vectors.shape == (0, encoder.dimension)

    def test_a_vector_depends_on_its_own_text_only(self, encoder: Encoder) -> None:
        together = encoder.encode_queries([OTHER * 20, QUESTION, "1"]).vectors
        assert np.array_equal(together[1], encoder.encode_queries([QUESTION]).vectors[0])

    def test_the_answer_is_closer_than_something_else(self, encoder: Encoder) -> None:
        query = encoder.encode_queries([QUESTION]).vectors[0]
        answer, other = encoder.encode_passages([ANSWER, OTHER]).vectors
        assert query @ answer > query @ other + 0.05

    @pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
    def test_any_text_becomes_a_unit_vector_in_bounded_time(self, encoder: Encoder, text: str) -> None:
        begun = time.process_time()
        vector = encoder.encode_queries([text]).vectors[0]
        assert time.process_time() - begun < 2.0  # of processor time; 0.3 is usual
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)

    @settings(max_examples=50, deadline=None)
    @given(text=st.text(st.characters(), max_size=60))
    def test_any_short_text_becomes_a_unit_vector(self, onnx_encoder: OnnxEncoder, text: str) -> None:
        for encoder in (onnx_encoder, HashingEncoder()):
            assert np.linalg.norm(encoder.encode_passages([text]).vectors[0]) == pytest.approx(1.0, abs=1e-5)

    def test_threads_do_not_disturb_each_other(self, encoder: Encoder) -> None:
        expected = encoder.encode_queries(TEXTS).vectors
        with ThreadPoolExecutor(4) as pool:
            for encoded in pool.map(encoder.encode_queries, [TEXTS] * 4):
                assert np.array_equal(encoded.vectors, expected)


def test_cosines_are_those_of_the_original_model(onnx_encoder: OnnxEncoder) -> None:
    """Figures of the unpruned model in fp32, to within what 8 bits cost."""
    query = onnx_encoder.encode_queries([QUESTION]).vectors[0]
    answer, other = onnx_encoder.encode_passages([ANSWER, OTHER]).vectors
    assert [float(query @ answer), float(query @ other)] == pytest.approx([0.9545, 0.8240], abs=0.015)


def test_agrees_with_sentence_transformers_on_every_kind_of_text(
    model_dir: Path, onnx_encoder: OnnxEncoder, tmp_path: Path
) -> None:
    for theirs, ours in zip(
        _encoded_by_torch(model_dir, tmp_path, TEXTS, TEXTS),
        (onnx_encoder.encode_queries(TEXTS).vectors, onnx_encoder.encode_passages(TEXTS).vectors),
        strict=True,
    ):
        cosines = (theirs * ours).sum(axis=1)
        assert cosines.min() >= 0.98, dict(zip(TEXTS, cosines.tolist(), strict=True))
        assert cosines.mean() >= 0.995


def test_finds_the_same_article_first_as_sentence_transformers(
    model_dir: Path, onnx_encoder: OnnxEncoder, tmp_path: Path
) -> None:
    starter = list(read_folder(CONTENT).articles.values())[::3]  # a third says as much, and torch is slow
    questions, titles = [article.asked_as[0] for article in starter], [article.title for article in starter]
    their_queries, their_passages = _encoded_by_torch(model_dir, tmp_path, questions, titles)
    theirs = (their_queries @ their_passages.T).argmax(axis=1)
    ours = (onnx_encoder.encode_queries(questions).vectors @ onnx_encoder.encode_passages(titles).vectors.T).argmax(
        axis=1
    )
    differing = [questions[row] for row in np.flatnonzero(theirs != ours)]
    assert len(differing) <= 0.01 * len(questions), differing  # near ties, in 8 bits


def _encoded_by_torch(
    model_dir: Path, tmp_path: Path, queries: list[str], passages: list[str]
) -> tuple[FloatMatrix, FloatMatrix]:
    """The vectors of the same folder without its graph, which goes to sentence-transformers.

    In a process of its own: torch is heavy.
    """
    for path in model_dir.iterdir():
        if path.name != "onnx":
            (tmp_path / path.name).symlink_to(path)
    code = (
        "import json, sys; from pathlib import Path; from index.encoder import load_encoder\n"
        "encoder = load_encoder(Path(sys.argv[1])); queries, passages = json.load(sys.stdin)\n"
        "result = [type(encoder).__name__, encoder.dimension, encoder.encode_queries([]).vectors.shape]\n"
        "vectors = (encoder.encode_queries(queries).vectors, encoder.encode_passages(passages).vectors)\n"
        "print(json.dumps([*result, *(rows.tolist() for rows in vectors)]))"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path)]
    run = subprocess.run(arguments, input=json.dumps([queries, passages]), capture_output=True, text=True, check=True)
    kind, dimension, empty, *vectors = json.loads(run.stdout)
    assert (kind, dimension, empty) == ("SentenceTransformerEncoder", 384, [0, 384])
    return np.array(vectors[0], dtype=np.float32), np.array(vectors[1], dtype=np.float32)


def test_serving_loads_no_torch_and_stays_small(model_dir: Path) -> None:
    code = (
        "import json, sys, time; from pathlib import Path; from index.encoder import load_encoder\n"
        "begun = time.process_time(); encoder = load_encoder(Path(sys.argv[1])); spent = time.process_time() - begun\n"
        "encoder.encode_queries(['喝盐水'])\n"
        "heavy = [m for m in ('torch', 'transformers', 'sentence_transformers', 'onnx') if m in sys.modules]\n"
        "status = Path('/proc/self/status').read_text()\n"  # getrusage would tell the peak of the parent, if higher
        "print(json.dumps([heavy, spent, int(status.split('VmHWM:')[1].split()[0]) / 1024]))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(model_dir)], capture_output=True, text=True, check=True)
    heavy, seconds, megabytes = json.loads(run.stdout)
    assert heavy == []
    assert seconds < 2.0
    assert megabytes < 300


def test_no_processor_time_is_spent_between_questions(onnx_encoder: OnnxEncoder) -> None:
    def spent() -> float:
        begun = time.process_time()
        for _ in range(10):
            onnx_encoder.encode_queries([QUESTION])
            time.sleep(0.05)
        return time.process_time() - begun

    # 0.1 is usual, 0.3 when the threads go on spinning. A busy machine adds to it, so the best of three counts.
    assert min(spent() for _ in range(3)) < 0.2


def test_text_beyond_the_limit_is_not_read(model_dir: Path) -> None:
    short = OnnxEncoder(model_dir, max_tokens=8)
    first, second = short.encode_queries([QUESTION + ANSWER, QUESTION + OTHER]).vectors
    assert np.array_equal(first, second)


def test_the_name_tells_builds_and_limits_apart(model_dir: Path, onnx_encoder: OnnxEncoder) -> None:
    assert onnx_encoder.name.startswith("multilingual-e5-small-1571fc98-")
    assert OnnxEncoder(model_dir, max_tokens=128).name != onnx_encoder.name


def test_a_missing_folder_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="scripts/start --setup-only"):
        load_encoder(tmp_path / "nowhere")


def test_a_folder_without_a_model_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="holds no model"):
        load_encoder(tmp_path)


@pytest.mark.parametrize("part", ["onnx/model_int8.onnx", "onnx/model_int8.onnx.words", "tokenizer.json"])
def test_a_damaged_file_is_a_clear_error(model_dir: Path, tmp_path: Path, part: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_dir, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / part).write_bytes((folder / part).read_bytes()[:1000])
    with pytest.raises(ModelDamaged, match="delete the folder"):
        load_encoder(folder)


def test_a_lost_file_is_a_clear_error(model_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_dir, folder, ignore=shutil.ignore_patterns("*.safetensors", "tokenizer.json"))
    with pytest.raises(ModelMissing, match="gone"):
        load_encoder(folder)


def test_halves_of_a_character_are_joined_and_lone_ones_replaced() -> None:
    assert readable("\ud83d\ude00 \ud800x", 100) == "😀 \ufffdx"


def test_white_space_is_folded_before_the_cut() -> None:
    assert readable("  a \n\t b" + " " * 10 + "c", 5) == "a b c"
