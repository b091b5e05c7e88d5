from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.model import WeightsMalformed
from index.model.weights import Quantized, read_weights
from tests.index.model import tiny

DATA = tiny.weights_file()


def test_sizes_pieces_and_rewrites_are_read_as_written() -> None:
    weights = read_weights(DATA)
    assert (weights.shape.hidden, weights.shape.layers, weights.shape.positions) == (64, 2, 32)
    assert weights.vocabulary.pieces == list(tiny.PIECES)
    assert weights.vocabulary.scores.tolist() == list(tiny.PIECES.values())
    assert (weights.vocabulary.start, weights.vocabulary.padding, weights.vocabulary.end) == (0, 1, 2)
    assert weights.vocabulary.rewrites == tiny.REWRITES


def test_a_weight_is_its_nibble_less_eight_times_its_block_scale() -> None:
    nibbles = np.arange(64, dtype=np.uint8).reshape(2, 32) % 16
    matrix = Quantized(nibbles, np.array([[0.5], [2.0]], dtype=np.float16))
    assert matrix.dequantized()[0, :3].tolist() == [-4.0, -3.5, -3.0]
    assert matrix.dequantized()[1, -1] == 14.0


def test_low_nibbles_are_the_first_half_of_a_block_and_high_ones_the_second() -> None:
    block = struct.pack("<e", 1.0) + bytes([0xF0] * 16)
    place = DATA.index(b"l0.q.w") + len(b"l0.q.w")
    offset = struct.unpack_from("<BIQQ", DATA, place)[2]
    data = DATA[:offset] + block + DATA[offset + len(block) :]
    row = read_weights(data).matrices["l0.q.w"].dequantized()[0]
    assert row[:32].tolist() == [-8.0] * 16 + [7.0] * 16


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, b"XXXX"),  # the magic
        (4, struct.pack("<I", 2)),  # the version
        (8, struct.pack("<i", -1)),  # the hidden size
        (12, struct.pack("<i", 2**31 - 1)),  # the number of layers: it must not cost memory to find out
        (40, struct.pack("<i", 64)),  # the block size
        (44, struct.pack("<i", 2**31 - 1)),  # the number of pieces
        (48, struct.pack("<i", 99)),  # the start token
        (64, struct.pack("<Q", 2**63)),  # the bytes of the pieces
        (76, struct.pack("<I", 2**32 - 1)),  # where the first piece ends
    ],
)
def test_a_broken_header_is_refused(at: int, value: bytes) -> None:
    with pytest.raises(WeightsMalformed):
        read_weights(DATA[:at] + value + DATA[at + len(value) :])


def test_a_tensor_outside_the_file_is_refused() -> None:
    place = DATA.index(b"emb.pos") + len(b"emb.pos") + 5
    with pytest.raises(WeightsMalformed, match="ends at"):
        read_weights(DATA[:place] + struct.pack("<Q", len(DATA)) + DATA[place + 8 :])


def test_a_missing_tensor_is_named() -> None:
    with pytest.raises(WeightsMalformed, match=r"emb\.type"):
        read_weights(DATA.replace(b"emb.type", b"emb.typo"))


@given(st.integers(0, len(DATA) - 1))
def test_a_file_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(WeightsMalformed):
        read_weights(DATA[:length])


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=8))
def test_damage_in_the_directory_never_fails_in_another_way(at: int, noise: bytes) -> None:
    with contextlib.suppress(WeightsMalformed):
        read_weights(DATA[:at] + noise + DATA[at + len(noise) :])
