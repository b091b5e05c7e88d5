"""What telling residents and telling the people at the desk have in common: a clock, and turns that carry the words."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Reply
from knowledge import carried, turns
from knowledge.carried import Carried
from knowledge.models import Delivery

_PAUSE_SECONDS = 2.0
_ROUND_SECONDS = 60.0
"""How often the clock looks for what is due or to be tried again."""

_log = structlog.get_logger(__name__)


class Teller(Protocol):
    """Something that has things to say by itself."""

    async def newest(self) -> int:
        """Grows when there is something new to say."""

    async def look_at_the_clock(self, now: datetime) -> None:
        """Find what is due, and try again what could not be sent."""

    async def put_into_words(self, now: datetime) -> int:
        """Make turns of the next things that wait; how many. They are sent from then on."""


class Item(Protocol):
    """A notice or alert that waits to be said."""

    @property
    def id(self) -> int:
        """Its row."""

    @property
    def attempts(self) -> int:
        """How many turns were made for it before."""

    @property
    def resident_id(self) -> int:
        """Whose chat it goes to."""

    @property
    def channel(self) -> str:
        """The channel of that chat."""


def utc_now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


async def keep_telling(teller: Teller, clock: Callable[[], datetime] = utc_now) -> None:
    """Let out what is to be told, for as long as the bot runs."""
    loop = asyncio.get_running_loop()
    next_round, newest = loop.time(), 0
    while True:
        try:
            if is_due := loop.time() >= next_round:
                next_round = loop.time() + _ROUND_SECONDS
                await teller.look_at_the_clock(clock())
            before, newest = newest, await teller.newest()
            # Looking through all that waits for visitors of the page costs too much to do it without a reason.
            while (is_due or newest != before) and await teller.put_into_words(clock()):
                pass
        except Exception as error:  # the database is away, say; nothing is lost meanwhile
            _log.error("nothing told", teller=type(teller).__name__, error=type(error).__name__)
        await asyncio.sleep(_PAUSE_SECONDS)


async def as_turn(
    session: AsyncSession,
    kind: Carried,
    item: Item,
    route: str,
    say: Callable[[int], Reply],
    *,
    now: datetime,
    delivery: Delivery = Delivery.PENDING,
    article_id: int | None = None,
) -> Reply:
    """Say something in a turn of its own, which the outbox sends unless it counts as told; `say` is given its id.

    The caller commits.
    """
    # Something random, since SQLite gives the id of a deleted notice again and its turn stays. That it is said once is
    # in `attach`.
    key = f"{route}-{item.id}-{secrets.token_hex(8)}"
    received = turns.Received(channel=item.channel, key=key, route=route, forwarded=False, received_at=now)
    turn_id = await turns.remember(session, received)
    assert turn_id is not None, "a random key was there before"  # noqa: S101
    reply = replace(say(turn_id), route=route, turn=turn_id)
    await turns.conclude(
        session,
        turn_id,
        turns.Conclusion(
            resident_id=item.resident_id,
            language=reply.language,
            band=None,
            probability=None,
            article_id=article_id if reply.article else None,
            reply=reply.as_json() if delivery is Delivery.PENDING else None,
            delivery=delivery,
            ms=0.0,
        ),
    )
    await carried.attach(session, kind, item.id, turn_id)
    return reply
