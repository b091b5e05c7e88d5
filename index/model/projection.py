"""The projection of the tokens: what training added to the pinned weights.

The network's token vectors are made for their mean. A linear map to fewer numbers makes them fit to be compared one by
one. `scripts/training/projection.py` trains it on texts of this project; the network itself stays as it is, since every
training of it that was tried made search worse (`docs/decisions/model.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.model.errors import WeightsMalformed
from index.model.weights import FloatArray

PROJECTION = Path(__file__).with_name("projection.npz")


@dataclass(frozen=True)
class Projection:
    """A linear map: matrix [token dimension, hidden] and bias [token dimension]."""

    matrix: FloatArray
    bias: FloatArray


def read_projection(path: Path, hidden: int) -> Projection:
    """Read the file, for a network of this size.

    Raises: WeightsMalformed when it is absent, is no such file, or is for another network.
    """
    try:
        with np.load(path) as file:
            found = Projection(file["matrix"].astype(np.float32), file["bias"].astype(np.float32))
    except (OSError, ValueError, KeyError) as error:
        raise WeightsMalformed(f"the projection in {path} cannot be read: {error}") from error
    if found.matrix.shape != (len(found.bias), hidden):
        raise WeightsMalformed(f"the projection in {path} is of {found.matrix.shape}, not of {hidden} numbers")
    return found


def write_projection(path: Path, projection: Projection) -> None:
    """Write the file, rounded to 16 bits."""
    np.savez(path, matrix=projection.matrix.astype(np.float16), bias=projection.bias.astype(np.float16))
