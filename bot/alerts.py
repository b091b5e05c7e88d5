"""Telling the people at the desk, in their own chat, what waits for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.desk_cards import DeskCards, why
from bot.conversation.wording import SIMPLIFIED, Wording
from bot.messages import Reply
from bot.telling import as_turn
from knowledge import alerts, carried
from knowledge.alerts import ToTell
from knowledge.database import Database
from knowledge.models import Alert, AlertReason, NoteKind, Person, RumourNote

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
                say = await self._words(session, item)
                await as_turn(session, Alert, item, ROUTE, say, now=now)
            return len(items)

    async def _words(self, session: AsyncSession, item: ToTell) -> Callable[[int], Reply]:
        rumour, wording = item.rumour, Wording(item.language or SIMPLIFIED, self._timezone)
        person = await session.get(Person, rumour.assigned_to_id) if rumour.assigned_to_id else None
        question = await _question(session, item) if item.reason is AlertReason.QUESTION else None
        card = self._cards.card(
            wording, rumour, item.actor, person.name if person else None, why=why(wording, item.reason, question)
        )
        return lambda _turn_id: replace(card, rumour=rumour.ref)


async def _question(session: AsyncSession, item: ToTell) -> str | None:
    """The last question to this person about the rumour."""
    text: str | None = await session.scalar(
        select(RumourNote.text)
        .where(
            RumourNote.rumour_id == item.rumour.id,
            RumourNote.kind == NoteKind.QUESTION,
            RumourNote.to_id == item.actor.id,
        )
        .order_by(RumourNote.id.desc())
        .limit(1)
    )
    return text
