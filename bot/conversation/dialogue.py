"""Buttons and commands: what a resident does with an answer, and with what is kept of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.conversation.answering import Answering, answer_choices, not_known, not_known_rows
from bot.conversation.exchange import Answer, Exchange
from bot.conversation.language import LANGUAGES
from bot.conversation.routing import Route
from bot.conversation.scam import Harm
from bot.conversation.wording import Rows, Wording, shown_sources
from bot.messages import Choice
from index.search import Outcome
from knowledge import articles, residents, rumours, turns
from knowledge.articles import ServedArticle
from knowledge.desk.steps import CANNED
from knowledge.errors import KnowledgeError
from knowledge.models import UNSETTLED, Rumour, Sighting, Verdict

REASONS = ("wrong", "unclear", "old", "other")
_AUTOMATIC = "auto"
EXAMPLES = ("example-1", "example-2", "example-3")
_COMMANDS = ("start", "help", "privacy", "human", "more")
_SHOWN = 20
"""How many of the things kept of a resident one reply can list."""
_SHOWN_CHARACTERS = 60


class StaleChoice(KnowledgeError):
    """A button that no longer leads anywhere, or never did."""

    def __init__(self) -> None:
        super().__init__("This button leads nowhere any more.")


def parse(token: str) -> tuple[str, list[str]]:
    """Name and arguments of a `Choice.token`."""
    name, *arguments = token.split(":")
    return name, arguments


def number(arguments: list[str], position: int) -> int:
    """An argument that is an id.

    Raises: StaleChoice, when it is none.
    """
    try:
        value = int(arguments[position])
    except (IndexError, ValueError):
        raise StaleChoice from None
    if not 0 < value < 2**31:
        raise StaleChoice
    return value


async def rejected_sighting(exchange: Exchange, turn_id: int) -> Sighting:
    """The resident's own sighting whose answer was not what was asked.

    Raises: StaleChoice.
    """
    sighting = await rumours.sighting_of(exchange.session, turn_id)
    if sighting is None or sighting.resident_id != exchange.resident.id:
        raise StaleChoice
    return sighting


class Dialogue:
    """Answers buttons and commands."""

    def __init__(self, answering: Answering, keep_originals_days: int) -> None:
        self._answering = answering
        self._keep_originals_days = keep_originals_days
        self._choices: dict[str, Callable[[Exchange, list[str]], Awaitable[Answer]]] = {
            "full": self._full,
            "src": self._sources,
            "pick": self._pick,
            "read": self._read,
            "up": self._up,
            "down": self._down,
            "why": self._why,
            "tell": self._tell,
            "hush": self._hush,
            "aid": self._aid,
            "lang": self._set_language,
            "forget": self._forget,
        }

    async def press(self, exchange: Exchange, name: str, arguments: list[str]) -> Answer:
        """The answer to a button.

        Raises: StaleChoice.
        """
        if name not in self._choices:
            raise StaleChoice
        return await self._choices[name](exchange, arguments)

    async def reject(self, exchange: Exchange, turn_id: int, outcome: Outcome) -> Answer:
        """The answer to "none of these" and "not what I asked": the message is logged after all.

        Raises: StaleChoice, also when it has been logged before.
        """
        sighting = await rejected_sighting(exchange, turn_id)
        if sighting.rumour_id is not None:
            raise StaleChoice
        if sighting.article_id is not None:
            await self._rate_shown(exchange, turn_id, sighting.article_id)
        text = sighting.text
        route = Route((await turns.owned(exchange.session, turn_id, exchange.resident.id)).route)
        seen = await rumours.untie(exchange.session, sighting)
        rumour_id, count = await self._answering.log(exchange, seen, outcome)
        said = not_known(exchange, route, text, rumour_id, count, outcome)
        return Answer(exchange.wording.reply(said, not_known_rows(exchange, route, rumour_id)), rumour_id=rumour_id)

    async def command(self, exchange: Exchange, name: str, argument: str) -> Answer:
        """The answer to a message that begins with a slash."""
        wording = exchange.wording
        if name in _COMMANDS:
            said = wording.say(name, days=self._keep_originals_days)
            return Answer(wording.reply(said, example_rows(wording) if name == "start" else ()))
        if name == "mine":
            return await self._mine(exchange)
        if name == "forget":
            return self._forget_ask(wording)
        if name == "stop":
            return await self._hush(exchange, [])
        if name == "language":
            return await self._language(exchange, argument)
        return Answer(wording.reply(wording.say("unknown-command")))

    async def _full(self, exchange: Exchange, arguments: list[str]) -> Answer:
        return self._shown(exchange, await self._article(exchange, number(arguments, 0)), exchange.wording.full_text)

    async def _sources(self, exchange: Exchange, arguments: list[str]) -> Answer:
        return self._shown(exchange, await self._article(exchange, number(arguments, 0)), exchange.wording.sources)

    async def _pick(self, exchange: Exchange, arguments: list[str]) -> Answer:
        turn_id, article_id = number(arguments, 0), number(arguments, 1)
        sighting = await rumours.sighting_of(exchange.session, turn_id)
        article = await self._article(exchange, article_id)
        asked = None
        if article and sighting and sighting.resident_id == exchange.resident.id and sighting.rumour_id is None:
            await rumours.tie_to_article(exchange.session, sighting, article.id)
            asked = turn_id
        return self._opened(exchange, article, asked)

    async def _read(self, exchange: Exchange, arguments: list[str]) -> Answer:
        return self._opened(exchange, await self._article(exchange, number(arguments, 0)))

    async def _up(self, exchange: Exchange, arguments: list[str]) -> Answer:
        await self._rate(exchange, number(arguments, 0), helpful=True)
        return Answer(exchange.wording.reply(exchange.wording.say("thanks-helpful")))

    async def _down(self, exchange: Exchange, arguments: list[str]) -> Answer:
        turn_id = number(arguments, 0)
        await self._rate(exchange, turn_id, helpful=False)
        wording = exchange.wording
        buttons = [wording.button(f"why:{turn_id}:{reason}", f"button-reason-{reason}") for reason in REASONS]
        sighting = await rumours.sighting_of(exchange.session, turn_id)
        if sighting and sighting.article_id is not None and sighting.rumour_id is None:
            buttons[-1] = wording.button(f"not:{turn_id}", "button-not-this")
        return Answer(wording.reply(wording.say("ask-reason"), (tuple(buttons[:2]), tuple(buttons[2:]))))

    async def _why(self, exchange: Exchange, arguments: list[str]) -> Answer:
        turn_id = number(arguments, 0)
        if len(arguments) != 2 or arguments[1] not in REASONS:
            raise StaleChoice
        await self._rate(exchange, turn_id, helpful=False, reason=arguments[1])
        return Answer(exchange.wording.reply(exchange.wording.say("thanks-reason")))

    async def _tell(self, exchange: Exchange, arguments: list[str]) -> Answer:
        """Tell this resident again what becomes of what was asked, and of this rumour if one is named."""
        answer = Answer(exchange.wording.reply(exchange.wording.say("told-again")))
        if arguments:
            rumour_id = number(arguments, 0)
            rumour = await rumours.follow(exchange.session, rumour_id, exchange.resident.id, exchange.received_at)
            answer = replace(await self._becomes_of(exchange, rumour, f"R{rumour_id}") or answer, rumour_id=rumour_id)
        await residents.set_told(exchange.session, exchange.resident.id, told=True)
        return answer

    async def _becomes_of(self, exchange: Exchange, rumour: Rumour, ref: str) -> Answer | None:
        """The promise to tell what becomes of a rumour, or what settled it; none while that may not be shown.

        What was settled while this resident wanted to hear nothing is told by nobody else.
        """
        wording = exchange.wording
        if rumour.status in UNSETTLED:
            return Answer(wording.reply(wording.say("following", rumour=ref)))
        if rumour.canned in CANNED:
            asked, advice = wording.say("notice-asked-plain", rumour=ref), wording.say("advice-general")
            return Answer(wording.reply(wording.say(f"canned-{rumour.canned}", asked=asked, advice=advice)))
        article = await self._article(exchange, rumour.article_id) if rumour.article_id else None
        return self._opened(exchange, article) if article else None

    async def _hush(self, exchange: Exchange, arguments: list[str]) -> Answer:
        """Tell this resident nothing any more unasked, about no rumour at all."""
        await residents.set_told(exchange.session, exchange.resident.id, told=False)
        wording = exchange.wording
        again = wording.button(f"tell:{number(arguments, 0)}" if arguments else "tell", "button-tell-me")
        return Answer(wording.reply(wording.say("hushed"), ((again,),)))

    async def _aid(self, exchange: Exchange, arguments: list[str]) -> Answer:
        try:
            harm = Harm(arguments[0])
        except (IndexError, ValueError):
            raise StaleChoice from None
        return Answer(exchange.wording.reply(exchange.wording.say(f"card-{harm}")))

    async def _language(self, exchange: Exchange, wanted: str) -> Answer:
        tag = {name.lower(): name for name in (*LANGUAGES, _AUTOMATIC)}.get(wanted.lower())
        if tag:
            return await self._set_language(exchange, [tag])
        wording = exchange.wording
        rows = tuple((Choice(f"lang:{tag}", name),) for tag, name in LANGUAGES.items())
        automatic = (wording.button(f"lang:{_AUTOMATIC}", "button-language-auto"),)
        return Answer(wording.reply(wording.say("language-ask"), (*rows, automatic)))

    async def _set_language(self, exchange: Exchange, arguments: list[str]) -> Answer:
        wanted = arguments[0] if arguments else ""
        if wanted not in (*LANGUAGES, _AUTOMATIC):
            raise StaleChoice
        await residents.set_language(exchange.session, exchange.resident.id, None if wanted == _AUTOMATIC else wanted)
        if wanted == _AUTOMATIC:
            return Answer(exchange.wording.reply(exchange.wording.say("language-auto")))
        wording = exchange.wording.in_language(wanted)
        return Answer(wording.reply(wording.say("language-set", language=LANGUAGES[wanted])))

    async def _mine(self, exchange: Exchange) -> Answer:
        held = await residents.holdings(exchange.session, exchange.resident.id)
        wording = exchange.wording
        nothing = wording.say("mine-nothing")
        text = wording.say(
            "mine",
            turns=held.turns,
            told="yes" if held.is_told else "no",
            days=self._keep_originals_days,
            language=LANGUAGES.get(held.language or "", wording.say("button-language-auto")),
            following="、".join(rumour.ref for rumour in held.following[-_SHOWN:]) or nothing,
            texts="".join(f"\n　{_shortened(text)}" for text in held.sightings[:_SHOWN]) or nothing,
        )
        told = wording.button("hush", "button-hush") if held.is_told else wording.button("tell", "button-tell-me")
        return Answer(wording.reply(text, ((told,),)))

    @staticmethod
    def _forget_ask(wording: Wording) -> Answer:
        buttons = (wording.button("forget:yes", "button-forget"), wording.button("forget:no", "button-keep"))
        return Answer(wording.reply(wording.say("forget-ask"), (buttons,)))

    async def _forget(self, exchange: Exchange, arguments: list[str]) -> Answer:
        wording = exchange.wording
        if arguments != ["yes"]:
            return Answer(wording.reply(wording.say("kept")))
        await residents.forget(exchange.session, exchange.resident.id)
        exchange.forgotten = True
        return Answer(wording.reply(wording.say("forgotten")))

    @staticmethod
    async def _rate(exchange: Exchange, turn_id: int, *, helpful: bool, reason: str | None = None) -> None:
        await turns.owned(exchange.session, turn_id, exchange.resident.id)
        await turns.rate(exchange.session, turn_id, helpful=helpful, reason=reason)

    @staticmethod
    async def _rate_shown(exchange: Exchange, asked: int, article_id: int) -> None:
        """Count an article that was not what was asked against where it was shown: a menu that it was picked from
        shows none."""
        session = exchange.session
        shown = await turns.first_showing(session, article_id, exchange.resident.id, since=asked)
        if shown is not None:
            reason = await turns.reason_given(session, shown) or "other"
            await turns.rate(session, shown, helpful=False, reason=reason)

    @staticmethod
    async def _article(exchange: Exchange, article_id: int) -> ServedArticle | None:
        found = await articles.servable(exchange.session, [article_id], exchange.today)
        return found.get(article_id)

    def _opened(self, exchange: Exchange, article: ServedArticle | None, asked: int | None = None) -> Answer:
        """An article as it is first shown, with its buttons; `asked` as in `answer_choices`."""
        wording = exchange.wording
        rows: Rows = ()
        if article is not None:
            is_scam = article.verdict is Verdict.SCAM
            rows = answer_choices(wording, article, exchange.turn_id, asked=asked, harms=is_scam)
        return self._shown(exchange, article, wording.answer, rows)

    @staticmethod
    def _shown(
        exchange: Exchange, article: ServedArticle | None, say: Callable[[ServedArticle], str], rows: Rows = ()
    ) -> Answer:
        wording = exchange.wording
        if article is None:
            return Answer(wording.reply(wording.say("gone")))
        return Answer(wording.reply(say(article), rows, shown_sources(article)), article)


def example_rows(wording: Wording) -> tuple[tuple[Choice, ...], ...]:
    """Questions a first-time visitor can ask with one touch."""
    return tuple((Choice(f"ask:{name}", wording.say(name)),) for name in EXAMPLES)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
