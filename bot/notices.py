"""Telling the people who asked: what a notice says, and the clock that lets it go out.

For a channel that pushes, a notice becomes a turn whose reply is pending, and the channel sends it as any other reply.
On the web page there is nothing to push to: its notices wait until the resident comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.answering import answer_choices
from bot.conversation.language import SIMPLIFIED
from bot.conversation.wording import Wording, shown_sources
from bot.messages import Reply
from bot.telling import as_turn, utc_now
from knowledge import articles, carried, notices
from knowledge.articles import ServedArticle
from knowledge.database import Database
from knowledge.desk.steps import CANNED
from knowledge.models import Delivery, Notice, Reason, Verdict
from knowledge.notices import ToSay
from knowledge.protection import Vault

ROUTE = "notice"
_AT_ONCE = 100
_AT_ONE_VISIT = 10
_QUOTED = 20
"""Characters of the resident's own words."""
_log = structlog.get_logger(__name__)


class Notifier:
    """Puts notices into words. `pushing` names the channels that deliver replies by themselves."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        timezone: str,
        *,
        pushing: frozenset[str],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._vault = vault
        self._timezone = timezone
        self._pushing = pushing
        self._clock = clock

    async def newest(self) -> int:
        """The id of the newest notice."""
        async with self._database.reading() as session:
            return await carried.newest(session, Notice)

    async def look_at_the_clock(self, now: datetime) -> None:
        """Say "still unsure" where an answer is due, and try again what could not be sent."""
        async with self._database.transaction() as session:
            reminded = await notices.remind(session, now)
            again = await carried.try_again(session, Notice, now)
        if reminded or again:
            _log.info("notices due", still_unsure=reminded, tried_again=again)

    async def put_into_words(self, now: datetime) -> int:
        """Make turns of the next notices for the channels that push; how many. They are sent from then on."""
        today = self._day(now)
        async with self._database.reading() as session:
            if not await notices.is_waiting(session, self._pushing, today):
                return 0
        async with self._database.transaction() as session:
            items = await notices.to_say(session, self._pushing, today, limit=_AT_ONCE)
            return len(await self._say(session, items, now, Delivery.PENDING))

    async def collect(self, channel: str, address: str) -> Sequence[Reply]:
        """What waits for a resident who is here to read it. It counts as told, and is not given again."""
        now, key = self._clock(), self._vault.key_of(channel, address)
        today = self._day(now)
        async with self._database.reading() as session:
            if not await notices.is_waiting_for(session, key, today):
                return []
        async with self._database.transaction() as session:
            items = await notices.to_say_to(session, key, today, limit=_AT_ONE_VISIT)
            return await self._say(session, items, now, Delivery.SENT)

    async def _say(
        self, session: AsyncSession, items: Sequence[ToSay], now: datetime, delivery: Delivery
    ) -> list[Reply]:
        wanted = {item.article_id for item in items if item.article_id is not None}
        found = await articles.servable(session, wanted, self._day(now))
        said = []
        for item in items:
            article = found.get(item.article_id or 0)
            if article is None and item.reason in (Reason.VERDICT, Reason.CORRECTION):
                continue  # it went out of date this very moment; it waits
            said.append(await self._turn(session, item, article, now, delivery))
        return said

    async def _turn(
        self, session: AsyncSession, item: ToSay, article: ServedArticle | None, now: datetime, delivery: Delivery
    ) -> Reply:
        wording = Wording(item.language or SIMPLIFIED, self._timezone)
        return await as_turn(
            session,
            Notice,
            item,
            ROUTE,
            lambda turn_id: replace(words(item, article, wording, turn_id), rumour=f"R{item.rumour_id}"),
            now=now,
            delivery=delivery,
            article_id=article.id if article else None,
        )

    def _day(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self._timezone)).date()


def words(item: ToSay, article: ServedArticle | None, wording: Wording, turn_id: int) -> Reply:
    """What a resident is told. Only who was told a conclusion before hears that it changed."""
    quiet = (wording.button(f"hush:{item.rumour_id}", "button-hush"),)
    if article is not None and item.reason in (Reason.VERDICT, Reason.CORRECTION):
        settled = "notice-unproven" if article.verdict is Verdict.UNPROVEN else "notice-verdict"
        why = "notice-correction" if item.reason is Reason.CORRECTION and item.heard else settled
        headline, rest = wording.answer(article).split("\n", 1)
        text = "\n".join([headline, wording.say(why, asked=_asked(item, wording)), "", rest])
        rows = (*answer_choices(wording, article, turn_id, harms=article.verdict is Verdict.SCAM), quiet)
        verdict = article.verdict.value if article.verdict else None
        reply = wording.reply(text, rows, shown_sources(article))
        return replace(reply, article=article.slug, verdict=verdict)
    asked, advice = _asked(item, wording), wording.say("advice-general")
    return wording.reply(wording.say(_sentence(item), asked=asked, advice=advice), (quiet,))


def _sentence(item: ToSay) -> str:
    if item.reason is Reason.NOT_A_CLAIM:
        return f"canned-{item.canned if item.canned in CANNED else 'not_checkable'}"
    # Nobody hears that something was withdrawn who never heard it.
    return "notice-withdrawal" if item.reason is Reason.WITHDRAWAL and item.heard else "notice-still-unsure"


def _asked(item: ToSay, wording: Wording) -> str:
    """What the resident had asked, in the resident's own words where they are known."""
    ref = f"R{item.rumour_id}"
    said = " ".join((item.said or "").split())
    if not said:
        return wording.say("notice-asked-plain", rumour=ref)
    quoted = said if len(said) <= _QUOTED else f"{said[:_QUOTED]}…"
    return wording.say("notice-asked", rumour=ref, said=quoted)
