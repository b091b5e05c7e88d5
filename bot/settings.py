"""Every setting, declared once; the environment or a file `.env` sets ``QIUZHEN_`` and its name in capitals."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, HttpUrl, SecretStr, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.errors import SecretTooShort
from knowledge.protection import MIN_SECRET

_HOME = Path(__file__).resolve().parent.parent
_IN_CHECKOUT = (_HOME / "pyproject.toml").is_file()
_SECRET_FILE = "secret.key"  # noqa: S105 - the name of a file


def _known_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # "../x" and "" are refused in other ways
        raise ValueError("is not the name of a time zone, such as Asia/Shanghai") from error
    return name


def _long_enough(secret: SecretStr) -> SecretStr:
    if 0 < len(secret) < MIN_SECRET:
        raise ValueError(f"must have at least {MIN_SECRET} characters, or be empty")
    return secret


class Settings(BaseSettings):
    """What can be set, with what each does when nothing is said."""

    model_config = SettingsConfigDict(
        env_prefix="QIUZHEN_",
        env_file=(_HOME if _IN_CHECKOUT else Path()) / ".env",
        extra="ignore",
        hide_input_in_errors=True,  # it may be a secret
    )

    data_dir: Path = Field(
        (_HOME if _IN_CHECKOUT else Path()) / "var",
        description="Folder for everything the bot makes: database, model, secret; `var` in the checkout.",
    )
    database_url: str = Field(
        "", description="SQLite or PostgreSQL URL; empty uses the file qiuzhen.db in the data folder."
    )
    content_dir: Path | None = Field(None, description="Folder of article files; empty uses the ones that come along.")
    model: str = Field(
        "", description="Folder or name of a sentence-transformers model; empty uses the one built by scripts/start."
    )
    encoder_threads: int = Field(2, ge=1, le=64, description="Processor cores one message may use.")
    secret: Annotated[SecretStr, AfterValidator(_long_enough)] = Field(
        SecretStr(""), description="Hashes and encrypts residents' addresses; empty makes one in the data folder."
    )
    host: str = Field("127.0.0.1", description="Address the web page listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port of the web page.")
    behind_proxy: bool = Field(False, description="Trust X-Forwarded-* headers of a proxy on this machine.")
    timezone: Annotated[str, AfterValidator(_known_timezone)] = Field(
        "Asia/Shanghai", description="Time zone of the dates on screen."
    )
    public_url: HttpUrl | None = Field(
        None,
        description="Address under which people reach the web page, such as https://qiuzhen.example.org; "
        "it stands in page addresses, QR codes and sitemap.xml. Empty takes it from each request.",
    )
    sheet_font: Path | None = Field(
        None, description="Font file with Chinese characters for the notice sheets; empty looks for one on the system."
    )
    site_name: str = Field("求真", description="Name on the page.")
    region: str = Field("", description="Place the bot serves, shown on the page, such as 衢州市.")
    telegram_token: SecretStr = Field(SecretStr(""), description="Token from BotFather; empty leaves Telegram off.")
    telegram_api_url: HttpUrl = Field(
        HttpUrl("https://api.telegram.org"), description="Address of the Bot API, for self-hosted servers."
    )
    telegram_webhook_url: HttpUrl | None = Field(
        None, description="Public https address of this server; set, Telegram delivers to it instead of being polled."
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secret token of the webhook; needed with telegram_webhook_url."
    )
    messages_per_minute: int = Field(
        20, ge=1, description="What one resident may send before being asked to slow down."
    )
    keep_replies_hours: int = Field(24, ge=1, description="How long a reply is kept so that a resend gets it again.")
    keep_originals_days: int = Field(
        30,
        ge=0,
        le=365,
        description="How long the original words of a rumour are kept, encrypted, where personal data were removed "
        "from them; 0 keeps none.",
    )
    alert_sightings: int = Field(
        5,
        ge=1,
        description="How often a rumour nobody works on is asked about before debunkers hear of it in Telegram.",
    )
    log_level: Annotated[str, StringConstraints(pattern="^(debug|info|warning|error)$")] = Field(
        "info", description="Least important log line that is written."
    )

    @property
    def database(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'qiuzhen.db').absolute()}"

    @property
    def model_dir(self) -> Path:
        """Folder of the model."""
        return Path(self.model) if self.model else self.data_dir / "model"

    @property
    def vectors(self) -> Path:
        """File of the vectors of texts encoded before."""
        return self.data_dir / "vectors.sqlite"

    def load_secret(self) -> str:
        """The secret set, or the one in the data folder, made there when first needed.

        Raises: SecretTooShort, when the file was emptied or cut off. Nothing is made in its place: everybody would be a
        stranger then.
        """
        if given := self.secret.get_secret_value():
            return given
        path = self.data_dir / _SECRET_FILE
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Written aside, for its owner only, and put there whole: of several that start at once, one wins and the
            # others read what it wrote, never half of it.
            with NamedTemporaryFile("w", dir=self.data_dir, encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                with suppress(FileExistsError):
                    path.hardlink_to(file.name)
        kept = path.read_text(encoding="ascii").strip()
        if len(kept) < MIN_SECRET:
            raise SecretTooShort(path, MIN_SECRET)
        return kept
