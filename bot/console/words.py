"""The console's own sentences in the reader's language; Traditional Chinese is made from Simplified."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fluent.runtime import FluentBundle, FluentResource

from bot.channels.web.wording import Language
from index.variants import to_traditional

_LOCALE = Path(__file__).parent / "locale"
Say = Callable[..., str]


class ConsoleWords:
    """Says things in one language. Each room has a file of its own in `locale`."""

    def __init__(self, language: Language, timezone: str) -> None:
        self.language = language
        self._zone = ZoneInfo(timezone)
        self._bundle = _bundle(language)

    def say(self, name: str, **values: str | int | float) -> str:
        """The fixed sentence `name` with its values filled in as they are: a name is written as its owner writes it,
        and an article's words need `shown`.

        Raises: LookupError, when there is no such sentence; ValueError, when a value is missing.
        """
        message = self._bundle.get_message(name)
        if message is None or message.value is None:
            raise LookupError(f"There is no sentence {name!r} in bot/console/locale.")
        text, errors = self._bundle.format_pattern(message.value, values)
        if errors:
            raise ValueError(f"The sentence {name} cannot be said: {errors[0]}")
        return str(text)

    def shown(self, text: str) -> str:
        """A Chinese text in the characters of the reader."""
        return to_traditional(text) if self.language is Language.TRADITIONAL else text

    def moment(self, at: datetime | None) -> str:
        """Date and minute in the time zone of the office; a dash for none."""
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M") if at else "—"

    def day(self, at: datetime | None) -> str:
        """The date in the time zone of the office; a dash for none."""
        return at.astimezone(self._zone).date().isoformat() if at else "—"


@lru_cache(maxsize=3)
def _bundle(language: Language) -> FluentBundle:
    bundle = FluentBundle([language.value], use_isolating=False)
    source = "en" if language is Language.ENGLISH else "zh-Hans"
    for path in sorted(_LOCALE.glob(f"*.{source}.ftl")):
        text = path.read_text(encoding="utf-8")
        bundle.add_resource(FluentResource(to_traditional(text) if language is Language.TRADITIONAL else text))
    return bundle
