"""Read the pinned weights file: magic E5S1, header, vocabulary, normalisation map, tensor directory, tensors.

Everything is little-endian. A tensor is fp32, or Q4_0: rows of blocks of 32 weights, each block an fp16 scale and 16
bytes; byte j holds weight j in its low nibble and weight j + 16 in its high one, and a weight is (nibble - 8) * scale.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.model.errors import WeightsMalformed

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
ZERO = 8
"""The nibble that stands for 0."""

_ENTRY_BYTES = 23
"""The least a tensor takes up in the directory."""
_BLOCK_BYTES = 2 + BLOCK // 2
_FP32, _Q4 = 0, 1

FloatArray: TypeAlias = NDArray[np.float32]
ByteArray: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True)
class Shape:
    """The sizes of the network."""

    hidden: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """Unigram pieces with log probabilities, by token id, and what single characters are rewritten to before."""

    pieces: list[str]
    scores: FloatArray
    start: int
    end: int
    padding: int
    unknown: int
    rewrites: Mapping[str, str]


@dataclass(frozen=True)
class Quantized:
    """A matrix of 4-bit weights.

    nibbles: uint8 [rows, columns], values 0 to 15; scales: float16 [rows, columns / 32].
    A weight is (nibble - 8) * the scale of its block.
    """

    nibbles: ByteArray
    scales: NDArray[np.float16]

    def rows(self, wanted: NDArray[np.int64]) -> Quantized:
        """Only these rows, in this order."""
        return Quantized(self.nibbles[wanted], self.scales[wanted])

    def dequantized(self) -> FloatArray:
        """The weights as float32 [rows, columns]."""
        centred = self.nibbles.astype(np.float32) - ZERO
        return centred * np.repeat(self.scales.astype(np.float32), BLOCK, axis=1)


@dataclass(frozen=True)
class Weights:
    """The whole file, read. Matrices are [outputs, inputs]; arrays are [rows, columns], a bias being one row."""

    shape: Shape
    vocabulary: Vocabulary
    matrices: Mapping[str, Quantized]
    arrays: Mapping[str, FloatArray]


def read_weights(data: bytes) -> Weights:
    """Read a weights file held in memory.

    Raises: WeightsMalformed when a size, an offset or a value breaks the format.
    """
    reader = _Reader(data)
    if bytes(reader.take(4)) != MAGIC:
        raise WeightsMalformed("it does not begin with E5S1")
    if (version := reader.number("I")) != VERSION:
        raise WeightsMalformed(f"it is of version {version}, and only version {VERSION} is known")
    shape = _read_shape(reader)
    vocabulary = _read_vocabulary(reader)
    if len(vocabulary.pieces) > shape.words:
        raise WeightsMalformed("there are more pieces than word vectors")
    matrices, arrays = _read_tensors(reader, shape)
    return Weights(shape, vocabulary, matrices, arrays)


class _Reader:
    """A cursor over bytes that refuses to step outside them."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> memoryview:
        piece = self.slice(self._at, count)
        self._at += count
        return piece

    def slice(self, start: int, count: int) -> memoryview:
        if count < 0 or start < 0 or start + count > len(self._data):
            raise WeightsMalformed(f"{count} bytes are announced at {start}, but it ends at {len(self._data)}")
        return self._data[start : start + count]

    def number(self, code: str) -> int:
        return int(self.numbers(code)[0])

    def numbers(self, codes: str) -> tuple[Any, ...]:
        form = struct.Struct("<" + codes)
        return form.unpack(self.take(form.size))


def _read_shape(reader: _Reader) -> Shape:
    *values, block = reader.numbers("7ifi")
    sizes = values[:7]
    shape = Shape(*values)
    if min(sizes) <= 0 or block != BLOCK:
        raise WeightsMalformed(f"sizes {sizes} with blocks of {block} are not possible")
    if shape.hidden % (BLOCK * shape.heads) or shape.inner % BLOCK:
        raise WeightsMalformed("the sizes are not whole numbers of blocks and heads")
    return shape


def _read_vocabulary(reader: _Reader) -> Vocabulary:
    count, start, end, padding, unknown, text_bytes = reader.numbers("5iQ")
    if count <= 0 or not all(0 <= token < count for token in (start, end, padding, unknown)):
        raise WeightsMalformed("a special token lies outside the vocabulary")
    offsets = np.frombuffer(reader.take(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(reader.take(4 * count), "<f4").astype(np.float32)
    if offsets[0] != 0 or offsets[-1] != text_bytes or any(a > b for a, b in pairwise(offsets)):
        raise WeightsMalformed("the pieces overlap or leave their text")
    if not np.isfinite(scores).all():
        raise WeightsMalformed("a piece has no finite score")
    text = bytes(reader.take(text_bytes))
    try:
        pieces = [text[a:b].decode() for a, b in pairwise(offsets)]
    except UnicodeDecodeError as error:
        raise WeightsMalformed("a piece is not UTF-8") from error
    return Vocabulary(pieces, scores, start, end, padding, unknown, _read_rewrites(reader))


def _read_rewrites(reader: _Reader) -> dict[str, str]:
    count, size = reader.numbers("iI")
    inner = _Reader(bytes(reader.take(size)))
    rewrites = {}
    for _ in range(count):
        source, length = inner.numbers("IB")
        rewrites[_character(source)] = "".join(_character(c) for c in inner.numbers(f"{length}I"))
    return rewrites


def _character(code: int) -> str:
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise WeightsMalformed(f"{code:#x} is no character")
    return chr(code)


def _read_tensors(reader: _Reader, shape: Shape) -> tuple[dict[str, Quantized], dict[str, FloatArray]]:
    matrices: dict[str, Quantized] = {}
    arrays: dict[str, FloatArray] = {}
    announced = reader.number("i")
    # Asked before a name is made for every tensor of every layer: a damaged file may have two thousand million layers.
    if not shape.layers <= announced <= reader.left // _ENTRY_BYTES:
        raise WeightsMalformed(f"{announced} tensors for {shape.layers} layers in {reader.left} bytes are not possible")
    wanted = tensor_shapes(shape)
    for _ in range(announced):
        name = bytes(reader.take(reader.number("H"))).decode("ascii", "replace")
        kind, count, offset, size = reader.numbers("BIQQ")
        if name not in wanted:
            continue
        rows, columns, expected = wanted[name]
        if count != rows * columns or kind != expected:
            raise WeightsMalformed(f"tensor {name} has {count} values of kind {kind}, not {rows} x {columns}")
        if size != (4 * count if kind == _FP32 else count // BLOCK * _BLOCK_BYTES):
            raise WeightsMalformed(f"tensor {name} has {size} bytes")
        raw = reader.slice(offset, size)
        if kind == _FP32:
            arrays[name] = np.frombuffer(raw, "<f4").astype(np.float32).reshape(rows, columns)
        else:
            matrices[name] = _unpack(raw, rows, columns)
    if missing := sorted(wanted.keys() - matrices.keys() - arrays.keys()):
        raise WeightsMalformed(f"tensors {', '.join(missing)} are missing")
    return matrices, arrays


def tensor_shapes(shape: Shape) -> dict[str, tuple[int, int, int]]:
    """Rows, columns and kind of every tensor that the network needs."""
    hidden, inner = shape.hidden, shape.inner
    shapes = {
        "emb.word": (shape.words, hidden, _Q4),
        "emb.pos": (shape.positions, hidden, _FP32),
        "emb.type": (shape.types, hidden, _FP32),
        "emb.ln.w": (1, hidden, _FP32),
        "emb.ln.b": (1, hidden, _FP32),
    }
    square = dict.fromkeys(("q", "k", "v", "ao"), (hidden, hidden))
    for layer in range(shape.layers):
        for part, (rows, columns) in {**square, "fi": (inner, hidden), "fo": (hidden, inner)}.items():
            shapes[f"l{layer}.{part}.w"] = (rows, columns, _Q4)
            shapes[f"l{layer}.{part}.b"] = (1, rows, _FP32)
        for norm in ("aln", "oln"):
            shapes[f"l{layer}.{norm}.w"] = shapes[f"l{layer}.{norm}.b"] = (1, hidden, _FP32)
    return shapes


def _unpack(raw: memoryview, rows: int, columns: int) -> Quantized:
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)]))
    packed = blocks["nibbles"]
    nibbles = np.concatenate([packed & 0x0F, packed >> 4], axis=1).reshape(rows, columns)
    scales = np.ascontiguousarray(blocks["scale"]).reshape(rows, columns // BLOCK)
    if not np.isfinite(scales).all():
        raise WeightsMalformed("a block has no finite scale")
    return Quantized(nibbles, scales)
