"""The open data as JSON Lines, one rumour a line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bot.api.schemas import OpenRumour
from knowledge import open_data
from knowledge.database import Database
from knowledge.protection import Vault

MEDIA_TYPE = "application/jsonl"
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
_KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Lines:
    """The open data as it was at one moment."""

    body: bytes
    made_at: datetime


class OpenData:
    """Makes the open data at most once an hour: anybody may ask for it, and it reads all there is."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._lock = asyncio.Lock()
        self._lines: Lines | None = None

    async def lines(self) -> Lines:
        """The open data, an hour old at most."""
        async with self._lock:
            now = self._clock()
            if self._lines is None or now - self._lines.made_at >= _KEPT:
                async with self._database.reading() as session:
                    rumours = await open_data.rumours(session, self._vault)
                self._lines = Lines(await asyncio.to_thread(_body, rumours), now)
            return self._lines


def _body(rumours: list[open_data.OpenRumour]) -> bytes:
    lines = (OpenRumour(**asdict(rumour)).model_dump_json() for rumour in rumours)
    return "".join(f"{line}\n" for line in lines).encode()
