"""Settings: all described, all in the README, and one secret however many processes start at once."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings
from knowledge.errors import SecretTooShort
from tests.conftest import REPOSITORY


def _settings(folder: Path, **given: object) -> Settings:
    return Settings.model_validate({"data_dir": folder, **given})


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_does_and_is_in_the_readme(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert description.endswith(".")
    assert f"QIUZHEN_{name.upper()}" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_database_and_model_are_in_the_data_folder_unless_said_otherwise(tmp_path: Path) -> None:
    plain = _settings(tmp_path, database_url="", model="")
    other = _settings(tmp_path, database_url="postgresql://db/q", model="/models/big")

    assert plain.database == f"sqlite:///{tmp_path / 'qiuzhen.db'}"
    assert plain.model_dir == tmp_path / "model"
    assert (other.database, other.model_dir) == ("postgresql://db/q", Path("/models/big"))


def test_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    first = _settings(folder, secret="").load_secret()

    assert len(first) >= 32
    assert _settings(folder, secret="").load_secret() == first
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600


def test_secret_that_is_set_is_used_and_not_written_down(tmp_path: Path) -> None:
    assert _settings(tmp_path, secret="the one that was set").load_secret() == "the one that was set"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", ["", "cut off\n"])
def test_a_file_that_lost_its_secret_is_named_and_left_alone(tmp_path: Path, kept: str) -> None:
    (tmp_path / "secret.key").write_text(kept)
    with pytest.raises(SecretTooShort, match=re.escape(str(tmp_path / "secret.key"))):
        _settings(tmp_path, secret="").load_secret()
    assert (tmp_path / "secret.key").read_text() == kept


def test_many_starting_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    for attempt in range(20):
        folder = tmp_path / str(attempt)
        with ThreadPoolExecutor(16) as pool:
            secrets = set(pool.map(lambda _, folder=folder: _settings(folder, secret="").load_secret(), range(16)))
        assert len(secrets) == 1
        assert len(secrets.pop()) >= 32


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    shown = repr(
        _settings(tmp_path, secret="s3cret-s3cret-s3cret", telegram_token="1:t0ken", telegram_webhook_secret="h00k")
    )
    assert [hidden for hidden in ("s3cret", "t0ken", "h00k") if hidden in shown] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 70000),
        ("encoder_threads", 0),
        ("messages_per_minute", 0),
        ("log_level", "loud"),
        ("telegram_api_url", "x"),
        ("secret", "too short"),
    ],
)
def test_nonsense_is_refused_by_name(tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        _settings(tmp_path, **{name: value})
    assert [error["loc"] for error in refused.value.errors()] == [(name,)]
