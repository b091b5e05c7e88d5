from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index.model.tokenizer import prune, write_tokenizer
from index.model.weights import Vocabulary, read_weights
from tests.index.model import tiny


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return read_weights(tiny.weights_file()).vocabulary


@pytest.fixture(scope="module")
def tokenizer(vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return _written(vocabulary, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def pruned(vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return _written(prune(vocabulary)[0], tmp_path_factory.mktemp("pruned"))


def _written(vocabulary: Vocabulary, folder: Path) -> Tokenizer:
    write_tokenizer(vocabulary, folder / "tokenizer.json")
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def test_text_is_cut_into_the_likeliest_pieces(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("喝盐水 abc").tokens == ["<s>", "▁喝", "盐水", "▁abc", "</s>"]


def test_every_character_is_rewritten_as_the_weights_say(tokenizer: Tokenizer) -> None:
    for source, target in tiny.REWRITES.items():
        assert tokenizer.normalizer.normalize_str(source) == target
        assert tokenizer.normalizer.normalize_str(f"水{source}水") == f"水{target}水"


def test_other_characters_stay(tokenizer: Tokenizer) -> None:
    kept = "Ｂㄅ가ب～😀\u0002"
    assert tokenizer.normalizer.normalize_str(kept) == kept


def test_accents_typed_apart_are_joined(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("cafe\u0301 か\u3099").tokens == tokenizer.encode("café が").tokens


def test_runs_of_white_space_count_once(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("  水 \t\u3000 水\u200b").ids == tokenizer.encode("水 水").ids


def test_pruning_drops_words_of_other_scripts_only(vocabulary: Vocabulary) -> None:
    smaller, kept = prune(vocabulary)
    assert set(vocabulary.pieces) - set(smaller.pieces) == {"بت", "да"}
    assert [vocabulary.pieces[old] for old in kept] == smaller.pieces


def test_pruning_keeps_the_cost_of_an_unknown_character(vocabulary: Vocabulary) -> None:
    assert prune(vocabulary)[0].scores.min() == vocabulary.scores.min()


def test_no_letter_becomes_unknown(pruned: Tokenizer) -> None:
    assert pruned.encode("ب да").tokens == ["<s>", "▁", "ب", "▁", "д", "а", "</s>"]


@given(st.text(alphabet="喝盐水预防abcéかが!。12 Ａ😀\t㎏"))
def test_pruning_never_changes_how_kept_text_is_cut(tokenizer: Tokenizer, pruned: Tokenizer, text: str) -> None:
    assert pruned.encode(text).tokens == tokenizer.encode(text).tokens
