"""The embedding model: built once from pinned weights into a standard folder.

Modules: source (fetch), weights (read), tokenizer, folder (torch files) and graph (ONNX) (write), build (all of it).
Importing this package loads neither torch nor onnx.
"""

from index.model.build import build_model, is_current
from index.model.errors import (
    FolderUnwritable,
    ModelBuildError,
    ModelDamaged,
    ModelError,
    ModelFolderOccupied,
    ModelMissing,
    WeightsChanged,
    WeightsMalformed,
    WheelUnavailable,
    WheelUnusable,
)
from index.model.folder import ModelFolder
from index.model.source import E5_SMALL, WeightsPackage

__all__ = [
    "E5_SMALL",
    "FolderUnwritable",
    "ModelBuildError",
    "ModelDamaged",
    "ModelError",
    "ModelFolder",
    "ModelFolderOccupied",
    "ModelMissing",
    "WeightsChanged",
    "WeightsMalformed",
    "WeightsPackage",
    "WheelUnavailable",
    "WheelUnusable",
    "build_model",
    "is_current",
]
