"""The parts fit together, and say plainly when they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import wiring
from bot.channels.telegram.errors import BadToken, BadWebhook
from bot.settings import Settings
from bot.wiring import Parts, build
from index.model import ModelError
from knowledge.errors import DatabaseNotReady
from tests.bot.conftest import SECRET
from tests.fakes import HashingEncoder


def _settings(folder: Path, **given: object) -> Settings:
    return Settings.model_validate({"data_dir": folder, "secret": SECRET, "database_url": "", **given})


async def test_warm_bot_knows_every_article(parts: Parts) -> None:
    assert len(parts.searcher) >= 60


async def test_database_without_tables_is_refused_with_the_remedy(tmp_path: Path) -> None:
    parts = build(_settings(tmp_path), HashingEncoder())
    with pytest.raises(DatabaseNotReady, match="qiuzhen migrate"):
        await parts.warm_up()
    await parts.close()


def test_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        build(_settings(tmp_path, model=str(tmp_path / "nothing")))


async def test_telegram_is_off_without_a_token(quick_parts: Parts) -> None:
    assert wiring.telegram(quick_parts) is None


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"telegram_token": "no token"}, BadToken),
        ({"telegram_token": "1:abc", "telegram_webhook_url": "https://example.org/telegram/webhook"}, BadWebhook),
    ],
)
async def test_wrong_telegram_settings_are_refused(
    tmp_path: Path, given: dict[str, str], error: type[Exception]
) -> None:
    parts = build(_settings(tmp_path, **given), HashingEncoder())
    with pytest.raises(error):
        wiring.telegram(parts)
    await parts.close()
