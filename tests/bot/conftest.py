"""The whole bot over the starter articles, with the real encoder or with a fast one."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.wiring import Parts, build
from index.encoder import Encoder, load_encoder
from index.refresh import Refresher
from index.search import Searcher
from index.vector_cache import CachedEncoder
from knowledge import articles
from knowledge.article_content import ArticleContent
from knowledge.article_files import read_file, read_folder
from knowledge.database import Database
from knowledge.models import Status
from tests.bot.resident import Resident
from tests.fakes import HashingEncoder

CONTENT = Path(__file__).resolve().parents[2] / "knowledge" / "content"
WRITTEN_FIRST = date(2026, 11, 22)
SECRET = "a secret of the tests, long enough"


@dataclass(frozen=True, slots=True)
class Starter:
    """What every bot of these tests starts from."""

    database: Path
    """Migrated, with published articles. Copied, never changed."""
    vectors: Path
    """Their vectors by the real encoder. Shared: it is a cache by text, and large."""
    encoder: Encoder


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory, model_dir: Path, starter_vectors: Path) -> Starter:
    """The articles that were written first in a database, and encoded: done once.

    A third of the starter articles are as real as all of them, and every test that builds a bot loads them.
    """
    folder = tmp_path_factory.mktemp("starter")
    made = Starter(folder / "qiuzhen.db", starter_vectors, load_encoder(model_dir, threads=2))

    async def prepare() -> None:
        database = Database(f"sqlite:///{made.database}")
        await database.migrate()
        found = read_folder(CONTENT)
        assert not found.problems
        first = [content for content in found.articles.values() if _first_looked_up(content) <= WRITTEN_FIRST]
        async with database.transaction() as session:
            for content in first:
                await articles.save(session, content, status=Status.PUBLISHED)
        encoder = CachedEncoder(made.encoder, starter_vectors)
        assert await Refresher(database, Searcher(encoder)).refresh() == len(first)
        encoder.close()
        await database.close()

    asyncio.run(prepare())
    return made


def _first_looked_up(content: ArticleContent) -> date:
    return min(source.accessed for source in content.sources)


def data_folder(starter: Starter, folder: Path) -> Settings:
    """Settings of a bot whose data folder is made and filled."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(starter.database, folder / "qiuzhen.db")
    (folder / "vectors.sqlite").symlink_to(starter.vectors)
    return Settings(data_dir=folder, secret=SECRET, messages_per_minute=100_000, database_url="", telegram_token="")


@pytest.fixture
def settings(starter: Starter, tmp_path: Path) -> Settings:
    """Settings of a bot over its own copy of the starter articles."""
    return data_folder(starter, tmp_path / "data")


@pytest.fixture
async def parts(settings: Settings, starter: Starter) -> AsyncIterator[Parts]:
    """A warm bot with the real encoder."""
    parts = build(settings, starter.encoder)
    await parts.warm_up()
    yield parts
    await parts.close()


@pytest.fixture
async def quick_parts(tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Parts]:
    """A warm bot with the hashing encoder and two articles: for what has nothing to do with meaning."""
    settings = Settings(data_dir=tmp_path / "quick", secret=SECRET, messages_per_minute=1_000_000, database_url="")
    settings.data_dir.mkdir()
    shutil.copy(migrated_sqlite, settings.data_dir / "qiuzhen.db")
    parts = build(settings, HashingEncoder())
    async with parts.database.transaction() as session:
        for name in ("health/baijiu-virus", "health/overnight-dishes-cancer", "fraud/safe-account"):
            await articles.save(session, read_file(CONTENT / f"{name}.md"), status=Status.PUBLISHED)
    await parts.warm_up()
    yield parts
    await parts.close()


@pytest.fixture
def resident(parts: Parts) -> Resident:
    """Somebody who writes to the bot with the real encoder."""
    return Resident(parts.conversation)
