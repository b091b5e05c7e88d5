from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """The real model folder. Built once by the setup; tests never build it."""
    folder = Path(os.environ.get("QIUZHEN_TEST_MODEL_DIR", REPOSITORY / "var" / "model"))
    if not (folder / "qiuzhen-model.json").is_file():
        pytest.fail(
            f"no model in {folder}: run 'scripts/start --setup-only', or set QIUZHEN_TEST_MODEL_DIR to a built folder"
        )
    return folder
