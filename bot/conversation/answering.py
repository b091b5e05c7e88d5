"""From what a search found to what is said: one answer when sure, a short choice when close, an honest no otherwise.

Every message that says or asks something is counted as a sighting, tied to the article that answered it or to the
rumour it joined; but not what goes on from a card for urgent danger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from bot.conversation.caution import advice, smells_of_scam, tells_to_leave
from bot.conversation.exchange import Answer, Exchange
from bot.conversation.routing import Route, asks_something
from bot.conversation.scam import Harm
from bot.conversation.wording import Rows, Wording, shown_sources
from bot.messages import Choice
from index.clusters import ClusterIndex
from index.search import Outcome
from knowledge import articles, rumours, turns
from knowledge.articles import ServedArticle
from knowledge.models import Band, RumourKind, Topic, Verdict
from knowledge.rumours import Seen

_MOST_CHOICES = 3
_RELATED = 0.5
"""From this chance on an article is shown beside "not known" to whoever passes a claim on: they asked no question that
a choice could answer."""
_ADVICE = "advice-general"
"""What is said where nothing presses."""
_FOLLOW_UP = 40
"""Characters of a question that goes on from what was said before, at most."""
_CARD_HOLDS = timedelta(hours=1)
"""So long a short question may be part of the same emergency."""
_HARM_BUTTONS = (
    (Harm.MONEY_SENT, Harm.CODE_GIVEN),
    (Harm.SCREEN_SHARED, Harm.APP_INSTALLED),
)


class Answering:
    """Answers messages that were searched for."""

    def __init__(self, clusters: ClusterIndex) -> None:
        self._clusters = clusters

    async def answer(self, exchange: Exchange, route: Route, outcome: Outcome) -> Answer:
        """The answer to a claim, a question, a scam or an advert."""
        kind = RumourKind.QUESTION if route is Route.QUESTION else RumourKind.CLAIM
        candidates = await self._candidates(exchange, outcome)
        band = outcome.band if candidates else Band.UNKNOWN
        if band is Band.AMBIGUOUS and route is not Route.QUESTION and outcome.probability < _RELATED:
            band = Band.UNKNOWN
        if band is Band.SURE:
            return await self._sure(exchange, route, kind, candidates[0], outcome)
        if route is Route.QUESTION and await _follows_card(exchange):
            said = exchange.wording.reply(exchange.wording.say("after-card"), _read_rows(exchange, candidates))
            return Answer(said, None, band, outcome.probability)
        if band is Band.AMBIGUOUS and route is Route.QUESTION:
            return await self._offer(exchange, kind, candidates, outcome)
        if band is Band.UNKNOWN and route is Route.ADVERT:
            return await self._advert(exchange, kind)
        related = candidates[: _MOST_CHOICES - 1] if band is Band.AMBIGUOUS else []
        rumour_id, count = await self.log(exchange, exchange.seen(kind), outcome)
        return self._unknown(exchange, route, band, related, outcome, rumour_id, count)

    async def near(self, exchange: Exchange, outcome: Outcome) -> Rows:
        """Buttons for the articles that may answer what got a card."""
        return _read_rows(exchange, (await self._candidates(exchange, outcome))[: _MOST_CHOICES - 1])

    async def log(self, exchange: Exchange, seen: Seen, outcome: Outcome) -> tuple[int, int]:
        """Count a sighting that nothing answered: the id of the rumour it joined or opened, and its sightings."""
        session = exchange.session
        await rumours.lock(session)
        if unknown := await rumours.opened_after(session, self._clusters.last_id):
            await asyncio.to_thread(self._clusters.add, unknown)
        settled: set[int] = set()
        while match := await asyncio.to_thread(self._clusters.match, outcome.query, settled):
            if (rumour_id := await rumours.joinable(session, match.rumour_id)) is not None:
                return rumour_id, await rumours.join(session, seen, rumour_id)
            settled.add(match.rumour_id)
        rumour_id = await rumours.open_rumour(session, seen)
        exchange.opened.append((rumour_id, outcome.query))
        return rumour_id, 1

    def learn(self, exchange: Exchange) -> None:
        """Let the cluster index know what the committed exchange opened."""
        self._clusters.add_encoded(exchange.opened)

    @staticmethod
    async def _candidates(exchange: Exchange, outcome: Outcome) -> list[ServedArticle]:
        """The articles the band allows to show: the best alone when sure, a few when ambiguous, best first.

        Fewer where one may not be served; a search that was sure of that one is sure of no other.
        """
        shown = {Band.SURE: 1, Band.AMBIGUOUS: _MOST_CHOICES, Band.UNKNOWN: 0}[outcome.band]
        wanted = [found.article_id for found in outcome.found[:shown]]
        found = await articles.servable(exchange.session, wanted, exchange.today)
        return [found[article_id] for article_id in wanted if article_id in found]

    async def _sure(
        self, exchange: Exchange, route: Route, kind: RumourKind, article: ServedArticle, outcome: Outcome
    ) -> Answer:
        await rumours.record_sighting(exchange.session, exchange.seen(kind), article_id=article.id)
        is_scam = route is Route.SCAM or article.verdict is Verdict.SCAM
        choices = answer_choices(exchange.wording, article, exchange.turn_id, asked=exchange.turn_id, harms=is_scam)
        reply = exchange.wording.reply(exchange.wording.answer(article), choices, shown_sources(article))
        return Answer(reply, article, Band.SURE, outcome.probability)

    async def _offer(
        self, exchange: Exchange, kind: RumourKind, candidates: Sequence[ServedArticle], outcome: Outcome
    ) -> Answer:
        await rumours.record_sighting(exchange.session, exchange.seen(kind))
        wording = exchange.wording
        rows: list[tuple[Choice, ...]] = [
            (Choice(f"pick:{exchange.turn_id}:{article.id}", article.title),) for article in candidates
        ]
        rows.append((wording.button(f"none:{exchange.turn_id}", "button-none"),))
        text = f"{wording.say('closest-headline')}\n{wording.say('closest-note')}"
        if caution := _caution(exchange.text, candidates, outcome):
            text = f"{wording.say(caution)}\n{text}"
        return Answer(wording.reply(text, tuple(rows)), None, Band.AMBIGUOUS, outcome.probability)

    @staticmethod
    async def _advert(exchange: Exchange, kind: RumourKind) -> Answer:
        """Nobody has to look into an advert, unless whoever sent it says that it is none."""
        await rumours.record_sighting(exchange.session, exchange.seen(kind))
        wording = exchange.wording
        rows: Rows = ((wording.button(f"none:{exchange.turn_id}", "button-no-advert"),),)
        return Answer(wording.reply(wording.say("advert-reply"), rows))

    def _unknown(
        self,
        exchange: Exchange,
        route: Route,
        band: Band,
        related: Sequence[ServedArticle],
        outcome: Outcome,
        rumour_id: int,
        count: int,
    ) -> Answer:
        if route is Route.SCAM:
            related = [article for article in related if article.topic is Topic.FRAUD]
        rows = (*not_known_rows(exchange, route, rumour_id), *_read_rows(exchange, related))
        text = not_known(exchange, route, exchange.text, rumour_id, count, outcome)
        return Answer(exchange.wording.reply(text, rows), None, band, outcome.probability, rumour_id)


async def _follows_card(exchange: Exchange) -> bool:
    """Whether a short question goes on from a card for urgent danger that was just shown."""
    if len(exchange.text) > _FOLLOW_UP or not asks_something(exchange.text):
        return False
    since = exchange.received_at - _CARD_HOLDS
    return await turns.was_routed(exchange.session, exchange.resident.id, Route.URGENT, since)


def _read_rows(exchange: Exchange, found: Sequence[ServedArticle]) -> Rows:
    """A button for each article, which shows it. It picks nothing: the other buttons beside it stay."""
    return tuple(
        (exchange.wording.button(f"read:{article.id}", "button-read", title=article.title),) for article in found
    )


def _caution(text: str, offered: Sequence[ServedArticle], outcome: Outcome) -> str | None:
    """What comes before an answer is looked for among those offered, or waited for; none where nothing presses."""
    found = advice(text, outcome.query.vector)
    if found != _ADVICE:
        return found
    is_scam = any(article.verdict is Verdict.SCAM for article in offered)
    return "scam-stop" if is_scam or smells_of_scam(text) else None


def not_known(exchange: Exchange, route: Route, text: str, rumour_id: int, count: int, outcome: Outcome) -> str:
    """The honest no, what to do meanwhile, and whether there will be word of it."""
    wording, ref = exchange.wording, f"R{rumour_id}"
    then = wording.say("then-told") if exchange.resident.is_told else ""
    if route is Route.SCAM:
        return wording.say("unknown-scam", rumour=ref, then=then)
    if route is Route.QUESTION:
        caution = wording.say(_caution(text, (), outcome) or _ADVICE)
        return wording.say("unknown-question", rumour=ref, advice=caution, then=then)
    caution = wording.say(advice(text, outcome.query.vector))
    meanwhile = wording.say("meanwhile-leave" if tells_to_leave(text) else "meanwhile")
    return wording.say("unknown-claim", rumour=ref, count=count, meanwhile=meanwhile, advice=caution, then=then)


def not_known_rows(exchange: Exchange, route: Route, rumour_id: int) -> Rows:
    """The buttons under the honest no."""
    harms = harm_rows(exchange.wording) if route is Route.SCAM else ()
    return (*harms, (_told_button(exchange, rumour_id),))


def _told_button(exchange: Exchange, rumour_id: int) -> Choice:
    """Whoever asks is told, so the button stops that; for whoever stopped it, it starts it again."""
    if exchange.resident.is_told:
        return exchange.wording.button(f"hush:{rumour_id}", "button-no-need")
    return exchange.wording.button(f"tell:{rumour_id}", "button-tell-me")


def answer_choices(
    wording: Wording, article: ServedArticle, turn_id: int, *, asked: int | None = None, harms: bool = False
) -> Rows:
    """The buttons under an article that a turn shows. `asked` is the turn whose question it answers, if it does."""
    reading = (
        wording.button(f"full:{article.id}", "button-full"),
        wording.button(f"src:{article.id}", "button-sources"),
    )
    rating = (
        wording.button(f"up:{turn_id}", "button-helpful"),
        wording.button(f"down:{turn_id}", "button-unhelpful"),
        *((wording.button(f"not:{asked}", "button-not-this"),) if asked else ()),
    )
    return (*(harm_rows(wording) if harms else ()), reading, rating)


def harm_rows(wording: Wording) -> Rows:
    """Buttons for what a scam may already have got out of the resident."""
    return tuple(tuple(wording.button(f"aid:{harm}", f"button-{harm}") for harm in row) for row in _HARM_BUTTONS)
