"""The real server in a process of its own, between the fake Bot API and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.conftest import Starter, data_folder
from tests.bot.conftest import starter as starter
from tests.e2e.server import Server
from tests.telegram.conftest import bot_api as bot_api


@pytest.fixture
def server(starter: Starter, model_dir: Path, tmp_path: Path) -> Iterator[Server]:
    """A server over its own copy of the starter articles; not started, and gone at the end."""
    data = tmp_path / "data"
    data_folder(starter, data)
    server = Server(data, model_dir)
    yield server
    server.kill()
