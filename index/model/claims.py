"""How reading two claims beside each other differs from reading a question and a wording: a change of low rank to each
matrix of the network in `index/model/joint.py` (Hu et al. 2021, "LoRA"). `scripts/training/claims.py` trains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias
from zipfile import BadZipFile

import numpy as np

from index.model.errors import WeightsMalformed
from index.model.joint import Joint, Rounded
from index.model.weights import FloatArray

CLAIMS = Path(__file__).with_name("claims.npz")

_UP, _DOWN = ".up", ".down"


@dataclass(frozen=True)
class Change:
    """What is added to a matrix [outputs, inputs]: the product of `up` [outputs, rank] and `down` [rank, inputs]."""

    up: FloatArray
    down: FloatArray


Changes: TypeAlias = Mapping[str, Change]
"""By the name of the matrix in `Joint`."""


def read_changes(path: Path) -> Changes:
    """Read the file.

    Raises: WeightsMalformed when it is absent or no such file.
    """
    try:
        with np.load(path) as file:
            stored = {name: file[name].astype(np.float32) for name in file.files}
        names = {name.removesuffix(_UP).removesuffix(_DOWN) for name in stored}
        if not names:
            raise ValueError("it is empty")
        return {name: Change(stored[name + _UP], stored[name + _DOWN]) for name in names}
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise WeightsMalformed(f"what reads two claims together, in {path}, cannot be read: {error}") from error


def write_changes(path: Path, changes: Changes) -> None:
    """Write the file, rounded to 16 bits."""
    stored = {name + _UP: change.up for name, change in changes.items()}
    stored |= {name + _DOWN: change.down for name, change in changes.items()}
    np.savez_compressed(path, **{name: value.astype(np.float16) for name, value in stored.items()})  # type: ignore[arg-type]


def changed(joint: Joint, changes: Changes) -> Joint:
    """The network with the changes in its matrices.

    Raises: WeightsMalformed when they are for another network.
    """
    matrices, arrays = dict(joint.matrices), dict(joint.arrays)
    for name, change in changes.items():
        matrix = matrices[name].dequantized() if name in matrices else arrays.get(name)
        if matrix is None or matrix.shape != (len(change.up), *change.down.shape[1:]):
            raise WeightsMalformed(f"what reads two claims together is for another network: {name}")
        summed = matrix + change.up @ change.down
        if name in matrices:
            matrices[name] = Rounded.of(summed)
        else:
            arrays[name] = summed
    return replace(joint, matrices=matrices, arrays=arrays)
