"""What to say to a message, whatever channel it came by.

A message is cleaned and redacted before anything else, routed before anything is searched, and answered inside one
transaction: the turn, its sighting and its reply are committed together, or nothing is. So a process may be killed at
any moment: what a resident has read is always in the database, and the same message is never handled twice.
"""

from __future__ import annotations

import asyncio
import re
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation import desk_chat
from bot.conversation.answering import Answering
from bot.conversation.commands import as_command
from bot.conversation.desk_chat import DeskChat
from bot.conversation.dialogue import EXAMPLES, Dialogue, StaleChoice, example_rows, number, parse
from bot.conversation.echo import after_headline, is_answer, unheaded
from bot.conversation.exchange import Answer, Exchange
from bot.conversation.flood import FloodGuard, Pace
from bot.conversation.language import SIMPLIFIED, language_of
from bot.conversation.routing import SEARCHED, Route, Routing, only_asks, route
from bot.conversation.wording import Wording
from bot.messages import IncomingMessage, Reply, ReplyGone
from index.search import Outcome
from index.variants import MAX_CHARACTERS, clean
from index.worker import SearchWorker
from knowledge import articles, originals, residents, rumours, turns
from knowledge.database import Database
from knowledge.errors import KnowledgeError
from knowledge.models import Delivery, Turn
from knowledge.protection import Vault
from knowledge.redaction import plain, redact
from knowledge.residents import Known

T = TypeVar("T")
_log = structlog.get_logger(__name__)

_FIXED = {
    Route.BARE: "bare-reply",
    Route.CALL: "advice-danger",
    Route.CHITCHAT: "chitchat-reply",
    Route.ECHO: "echo-reply",
    Route.FEEDBACK: "feedback-reply",
    Route.FLOOD: "flood-reply",
    Route.FAILED: "busy-reply",
    Route.LINK: "link-reply",
    Route.NUMBER: "number-reply",
    Route.TEST: "test-reply",
    Route.UNSUPPORTED: "unsupported-reply",
}
_REJECTING = ("none", "not")
_COMMAND = re.compile(r"/[A-Za-z_]{1,32}(?:@\w+)?(?:\s|$)")
_CRY = 300
"""So much of a message is read where too many come: a cry for help is short."""


@dataclass(frozen=True, slots=True)
class _Work:
    """A message understood: what has to be answered, before the database is touched."""

    message: IncomingMessage
    text: str
    routing: Routing
    original: str | None = None
    """What was received, where personal data were removed from it."""
    outcome: Outcome | None = None
    rejected: int | None = None
    """Turn whose answer the resident turned down."""


class Conversation:
    """Answers messages. `pushing` names the channels that deliver replies later and confirm it."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        search: SearchWorker,
        answering: Answering,
        desk: DeskChat,
        flood: FloodGuard,
        timezone: str,
        pushing: frozenset[str] = frozenset(),
        keep_originals_days: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._vault = vault
        self._search = search
        self._answering = answering
        self._desk = desk
        self._dialogue = Dialogue(answering, keep_originals_days)
        self._keep_originals = timedelta(days=keep_originals_days)
        self._flood = flood
        self._timezone = timezone
        self._pushing = pushing
        self._clock = clock

    async def reply_to(self, message: IncomingMessage) -> Reply | None:
        """Decide, remember and give what to say; none means say nothing.

        Raises: sqlalchemy.exc.DBAPIError, when the database cannot take the message; it may be tried again. ReplyGone,
        where the reply of the first time is not kept; a channel that pushes says nothing then, for it was delivered.
        """
        started = time.perf_counter()
        resident = self._vault.key_of(message.channel, message.address)
        pace = self._flood.pace(resident)
        try:
            work = self._hurry(message, resident, pace) if pace is not Pace.FINE else await self._understand(message)
            if work is None:
                return None
            return await self._commit(work, started)
        except (DBAPIError, ReplyGone):
            raise
        except Exception as error:
            # One message that breaks us must neither stay unanswered nor be delivered to us for ever.
            _log.error("message failed", error=type(error).__name__, at=_where(error), channel=message.channel)
            return await self._commit(_Work(message, "", Routing(Route.FAILED)), started)

    def _hurry(self, message: IncomingMessage, resident: str, pace: Pace) -> _Work | None:
        """What is answered where too many messages come: a cry for help, or the first that is too many."""
        text = redact(plain(clean(message.text, _CRY)))
        routing = route(text, forwarded=message.forwarded)
        if routing.cards and self._flood.may_cry(resident):
            return _Work(message, text, routing)
        return _Work(message, text, Routing(Route.FLOOD)) if pace is Pace.FIRST_TOO_MANY else None

    async def _understand(self, message: IncomingMessage) -> _Work:
        example = _example(message.pressed)
        is_quoting = bool(message.quoted) and any(map(str.isalpha, message.text)) and only_asks(clean(message.text))
        forwarded = message.quotes_forward if is_quoting else message.forwarded
        received = plain(clean(example or (message.quoted if is_quoting else message.text)))
        text = redact(received)
        if message.pressed is not None and example is None:
            return await self._understand_choice(message)
        if message.unsupported and only_asks(text):
            return _Work(message, text, Routing(Route.UNSUPPORTED))
        if not text:
            return _Work(message, text, Routing(Route.TEST))
        command = as_command(text)
        if _COMMAND.match(command) and not forwarded:
            return _Work(message, command, Routing(Route.COMMAND))
        answered = await self._after_headline(text)
        if answered is not None and await self._is_answer(text):
            return _Work(message, text, Routing(Route.ECHO))
        vector = await _if_possible(self._search.vector_of(text))
        routing = route(text, forwarded=forwarded, vector=vector, answered=answered)
        outcome = None
        if routing.cards:
            outcome = await _if_possible(self._search.search(text)) if routing.is_doubtful else None
        elif routing.route in SEARCHED:
            outcome = await self._search.search(text)
        return _Work(message, text, routing, received if received != text else None, outcome)

    async def _after_headline(self, text: str) -> str | None:
        """What follows the headline of an article, as it is or once was; none where the text begins with none."""
        if unheaded(text) == text:
            return None
        async with self._database.reading() as session:
            subjects = await articles.subjects(session)
        return await asyncio.to_thread(after_headline, text, subjects)

    async def _is_answer(self, text: str) -> bool:
        """Whether the text is all that the bot says of an article that it shows today."""
        outcome = await _if_possible(self._search.search(text))
        if outcome is None:
            return False
        async with self._database.reading() as session:
            found = await articles.servable(session, [each.article_id for each in outcome.found], self._today())
        return await asyncio.to_thread(
            lambda: any(is_answer(text, article, self._timezone) for article in found.values())
        )

    def _today(self) -> date:
        return self._clock().astimezone(ZoneInfo(self._timezone)).date()

    async def _understand_choice(self, message: IncomingMessage) -> _Work:
        name, arguments = parse(message.pressed or "")
        work = _Work(message, "", Routing(Route.CHOICE))
        if name not in _REJECTING:
            return work
        try:
            turn_id = number(arguments, 0)
        except StaleChoice:
            return work
        async with self._database.reading() as session:
            sighting = await rumours.sighting_of(session, turn_id)
        if sighting is None:
            return work
        return replace(work, outcome=await self._search.search(sighting.text), rejected=turn_id)

    async def _commit(self, work: _Work, started: float) -> Reply | None:
        message = work.message
        key = message.key[:80]
        async with self._database.transaction() as session:
            turn_id = await turns.remember(
                session,
                turns.Received(
                    channel=message.channel,
                    key=key,
                    route=work.routing.route,
                    forwarded=message.forwarded,
                    received_at=message.received_at,
                ),
            )
            if turn_id is None:
                repeated = _repeated(await turns.handled_before(session, message.channel, key))
                if repeated is None and message.channel not in self._pushing:
                    raise ReplyGone
                return repeated
            resident = await residents.identify(
                session, self._vault, message.channel, message.address, message.received_at
            )
            language = await self._language(session, resident, work)
            exchange = Exchange(
                session=session,
                channel=message.channel,
                turn_id=turn_id,
                resident=resident,
                wording=Wording(language, self._timezone),
                text=work.text,
                received_at=message.received_at,
                today=self._today(),
            )
            answer = await self._answer(exchange, work)
            reply = self._finished(answer, exchange, work, started)
            if work.original and answer.rumour_id and self._keep_originals:
                until = message.received_at + self._keep_originals
                await originals.keep(session, self._vault, turn_id, work.original, until)
            await self._conclude(exchange, answer, reply, message.channel)
        self._answering.learn(exchange)
        return reply

    @staticmethod
    async def _language(session: AsyncSession, resident: Known, work: _Work) -> str:
        """The language to answer in: the one chosen, or that of the text. A button, a command and an emoji are in no
        language: the last one answered in holds."""
        if resident.language:
            return resident.language
        before = await turns.last_language(session, resident.id)
        written = clean(work.message.text)
        is_spoken = work.text and work.message.pressed is None and not _COMMAND.match(written)
        return language_of(written, before) if is_spoken else before or SIMPLIFIED

    async def _answer(self, exchange: Exchange, work: _Work) -> Answer:
        try:
            return await self._answer_by_route(exchange, work)
        except KnowledgeError:
            # Whatever the button was for is not there any more, or was never this resident's.
            return Answer(exchange.wording.reply(exchange.wording.say("stale-choice")))

    async def _answer_by_route(self, exchange: Exchange, work: _Work) -> Answer:
        wording, routing = exchange.wording, work.routing
        if routing.cards:
            near = await self._answering.near(exchange, work.outcome) if work.outcome else ()
            return Answer(wording.reply("\n\n".join(wording.say(f"card-{card}") for card in routing.cards), near))
        if work.rejected is not None and work.outcome is not None:
            return await self._dialogue.reject(exchange, work.rejected, work.outcome)
        if routing.route is Route.CHOICE:
            return await self._press(exchange, work.message.pressed or "")
        if routing.route is Route.COMMAND:
            return await self._command(exchange, work.text)
        if routing.route is Route.GREETING:
            return Answer(wording.reply(wording.say("greeting"), example_rows(wording)))
        if work.outcome is not None:
            return await self._answering.answer(exchange, routing.route, work.outcome)
        return Answer(wording.reply(wording.say(_FIXED[routing.route])))

    async def _press(self, exchange: Exchange, token: str) -> Answer:
        name, arguments = parse(token)
        if name == desk_chat.PRESSED:
            return await self._desk.press(exchange, arguments)
        return await self._dialogue.press(exchange, name, arguments)

    async def _command(self, exchange: Exchange, text: str) -> Answer:
        name, _, argument = text[1:].partition(" ")
        if name.lower() in desk_chat.COMMANDS:
            return await self._desk.command(exchange, name.lower(), argument.strip())
        return await self._dialogue.command(exchange, name.lower(), argument.strip())

    def _finished(self, answer: Answer, exchange: Exchange, work: _Work, started: float) -> Reply:
        """The reply with the facts of its decision."""
        text = answer.reply.text
        unread = {"too-long-note": len(work.message.text) > MAX_CHARACTERS, "unread-note": work.message.unsupported}
        for note, is_due in unread.items():
            if is_due and work.outcome is not None and not work.routing.cards:
                text = f"{text}\n{exchange.wording.shown(exchange.wording.say(note))}"
        article = answer.article
        return replace(
            answer.reply,
            text=text,
            route=work.routing.route.value,
            band=answer.band.value if answer.band else None,
            probability=round(answer.probability, 4) if answer.probability is not None else None,
            article=article.slug if article else None,
            verdict=article.verdict.value if article and article.verdict else None,
            rumour=f"R{answer.rumour_id}" if answer.rumour_id else None,
            ms=round((time.perf_counter() - started) * 1000, 2),
            turn=exchange.turn_id,
        )

    async def _conclude(self, exchange: Exchange, answer: Answer, reply: Reply, channel: str) -> None:
        await turns.conclude(
            exchange.session,
            exchange.turn_id,
            turns.Conclusion(
                resident_id=None if exchange.forgotten else exchange.resident.id,
                language=reply.language,
                band=answer.band,
                probability=answer.probability,
                article_id=answer.article.id if answer.article else None,
                reply=reply.as_json(),
                delivery=Delivery.PENDING if channel in self._pushing else Delivery.NONE,
                ms=reply.ms,
            ),
        )


def _example(pressed: str | None) -> str | None:
    """The question of a touched example; none where something else was pressed."""
    name, arguments = parse(pressed or "")
    if name != "ask" or len(arguments) != 1 or arguments[0] not in EXAMPLES:
        return None
    return Wording(SIMPLIFIED, "UTC").say(arguments[0])


async def _if_possible(work: Awaitable[T]) -> T | None:
    """What it comes to, or none where encoding or searching fails: who is in danger gets a card all the same."""
    try:
        return await work
    except Exception as error:
        _log.error("search failed", error=type(error).__name__, at=_where(error))
        return None


def _where(error: Exception) -> str:
    """The last steps to an error, innermost first, without anything it says: that may quote the message."""
    steps = traceback.extract_tb(error.__traceback__)[-4:]
    return " < ".join(f"{Path(step.filename).name}:{step.lineno}" for step in reversed(steps))


def _repeated(earlier: Turn | None) -> Reply | None:
    """What was said the first time, as long as it is kept."""
    kept = earlier.reply if earlier else None
    return replace(Reply.from_json(kept), repeated=True) if kept else None
