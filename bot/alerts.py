"""Telling the people at the desk, in their own chat, what waits for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.conversation.desk_cards import DeskCards, why
from bot.conversation.language import SIMPLIFIED
from bot.conversation.wording import Wording
from bot.messages import Reply
from bot.telling import as_turn
from knowledge import alerts, carried
from knowledge.alerts import ToTell
from knowledge.database import Database
from knowledge.models import Alert

ROUTE = "alert"
_AT_ONCE = 100


class Alerter:
    """Puts alerts into words. From `hot` sightings on, a rumour nobody works on is told of."""

    def __init__(self, database: Database, cards: DeskCards, timezone: str, *, hot: int) -> None:
        self._database = database
        self._cards = cards
        self._timezone = timezone
        self._hot = hot

    async def newest(self) -> int:
        """The id of the newest alert."""
        async with self._database.reading() as session:
            return await carried.newest(session, Alert)

    async def look_at_the_clock(self, now: datetime) -> None:
        """Find what became hot or is due, and try again what could not be sent."""
        async with self._database.transaction() as session:
            await alerts.look_around(session, now, hot=self._hot)
            await carried.try_again(session, Alert, now)

    async def put_into_words(self, now: datetime) -> int:
        """Make turns of the next alerts; how many. They are sent from then on."""
        async with self._database.reading() as session:
            if not await alerts.is_waiting(session):
                return 0
        async with self._database.transaction() as session:
            items = await alerts.to_say(session, limit=_AT_ONCE)
            for item in items:
                await as_turn(session, Alert, item, ROUTE, self._words(item), now=now)
            return len(items)

    def _words(self, item: ToTell) -> Callable[[int], Reply]:
        wording = Wording(item.language or SIMPLIFIED, self._timezone)
        reasons = why(wording, item.reason, item.question)
        card = self._cards.card(wording, item.rumour, item.actor, item.assigned_to, why=reasons)
        return lambda _turn_id: replace(card, rumour=item.rumour.ref)
