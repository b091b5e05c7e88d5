"""What training added to the pinned weights so that two texts are read together.

The upper layers of the network once more, tuned to read a question and another text beside each other, and a small
network that says from what they make of both how likely they ask the same. `scripts/training/comparison.py` trains them
on texts of this project; the lower layers, and everything that search compares vectors with, stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from index.model.errors import WeightsMalformed
from index.model.weights import FloatArray, Shape, tensor_shapes

JOINT = Path(__file__).with_name("joint.npz")

_INT8_LIMIT = 63  # 7 bits: with 8, processors without VNNI overflow the 16-bit sums that u8 times s8 is added up in
_FIRST, _SCALES = "first_layer", ".scales"

JUDGING = 256
"""Numbers in the middle of the judging network."""
SUMMARY = 5
"""It reads so many vectors: the mean of either text, their difference and product, and the first token."""


@dataclass(frozen=True)
class Rounded:
    """A matrix as whole numbers: int8 [outputs, inputs], and one scale an output."""

    integers: NDArray[np.int8]
    scales: FloatArray

    @staticmethod
    def of(matrix: FloatArray) -> Rounded:
        """The matrix [outputs, inputs], rounded."""
        scales = np.maximum(np.abs(matrix).max(axis=1), np.finfo(np.float32).tiny) / np.float32(_INT8_LIMIT)
        return Rounded(np.rint(matrix / scales[:, None]).astype(np.int8), scales.astype(np.float32))

    def dequantized(self) -> FloatArray:
        """What the whole numbers stand for: float32 [outputs, inputs]."""
        return self.integers * self.scales[:, None]


@dataclass(frozen=True)
class Joint:
    """The upper layers, named as in `index.model.weights`, and what judges: `sides` [2, hidden] is added to the tokens
    of the question and of the other text, `inner` and `odds` are the two layers of the judging network."""

    first_layer: int
    """How many layers read each text by itself."""
    matrices: Mapping[str, Rounded]
    arrays: Mapping[str, FloatArray]


def read_joint(path: Path, shape: Shape) -> Joint:
    """Read the file, for a network of this shape.

    Raises: WeightsMalformed when it is absent, is no such file, or is for another network.
    """
    try:
        with np.load(path) as file:
            stored = {name: file[name] for name in file.files}
        first = int(stored.pop(_FIRST))
        matrices = {
            name: Rounded(value, stored[name + _SCALES]) for name, value in stored.items() if value.dtype == np.int8
        }
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise WeightsMalformed(f"what reads two texts together, in {path}, cannot be read: {error}") from error
    arrays = {
        name: value.astype(np.float32)
        for name, value in stored.items()
        if name not in matrices and not name.endswith(_SCALES)
    }
    found = {name: matrix.integers.shape for name, matrix in matrices.items()}
    found |= {name: value.shape for name, value in arrays.items()}
    if found != _shapes(first, shape):
        raise WeightsMalformed(f"what reads two texts together, in {path}, is for another network")
    return Joint(first, matrices, arrays)


def write_joint(path: Path, joint: Joint) -> None:
    """Write the file; arrays are rounded to 16 bits."""
    stored: dict[str, Any] = {_FIRST: np.array(joint.first_layer)}
    for name, matrix in joint.matrices.items():
        stored |= {name: matrix.integers, name + _SCALES: matrix.scales}
    stored |= {name: value.astype(np.float16) for name, value in joint.arrays.items()}
    np.savez_compressed(path, **stored)


def _shapes(first: int, shape: Shape) -> dict[str, tuple[int, ...]]:
    upper = tuple(f"l{layer}." for layer in range(first, shape.layers))
    layers = {
        name: (rows, columns) for name, (rows, columns, _) in tensor_shapes(shape).items() if name.startswith(upper)
    }
    judging = {
        "sides": (2, shape.hidden),
        "inner.w": (JUDGING, SUMMARY * shape.hidden),
        "inner.b": (1, JUDGING),
        "odds.w": (1, JUDGING),
        "odds.b": (1, 1),
    }
    return {**layers, **judging}
