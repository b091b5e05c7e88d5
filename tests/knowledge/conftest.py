"""Everything here runs on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import EVERY_DATABASE


@pytest.fixture(params=EVERY_DATABASE)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind in turn, without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'qiuzhen.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url
