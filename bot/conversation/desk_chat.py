"""What the people at the desk do in their own chat: link it, look at rumours, and take the steps a button can carry.

Who may do what is decided in `knowledge`, as for the console; the chat only says who asks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.conversation.desk_cards import DeskCards
from bot.conversation.dialogue import StaleChoice, number
from bot.conversation.exchange import Answer, Exchange
from knowledge import alerts, chats, editing
from knowledge.article_content import ArticleContent
from knowledge.articles import ServedArticle
from knowledge.desk import detail, queue, steps, verdicts, work
from knowledge.desk.queue import Filters, Group, Order
from knowledge.desk.steps import Step
from knowledge.errors import EditConflict, HarmKept, NotAllowed, OwnWork, RumourChanged, TooManyAttempts
from knowledge.models import Harm, Person, Rumour, RumourStatus
from knowledge.people import Actor
from knowledge.protection import Vault

COMMANDS = ("desk", "link", "unlink")
PRESSED = "desk"
"""The name of every button of the desk."""
_LISTED = 8
"""How many of one's own rumours are listed."""

_Step = Callable[[Exchange, int, Step, list[str]], Awaitable[object]]


class DeskChat:
    """Answers buttons and commands of the desk. `pushing` names the channels that can tell somebody something."""

    def __init__(self, cards: DeskCards, vault: Vault, *, hot: int, pushing: frozenset[str]) -> None:
        self._cards = cards
        self._vault = vault
        self._hot = hot
        self._pushing = pushing
        self._steps: dict[str, _Step] = {
            "claim": _claim,
            "release": _release,
            "mark": _mark,
            "rate": _rate,
            "sign": _sign,
        }

    async def command(self, exchange: Exchange, name: str, argument: str) -> Answer:
        """The answer to one of `COMMANDS`."""
        if name == "link":
            return await self._link(exchange, argument)
        actor = await chats.worker(exchange.session, exchange.resident.id)
        if actor is None:
            return _saying(exchange, "desk-not-staff")
        if name == "unlink":
            await chats.unlink(exchange.session, actor, exchange.received_at)
            return _saying(exchange, "desk-unlinked")
        return await self._list(exchange, actor)

    async def press(self, exchange: Exchange, arguments: list[str]) -> Answer:
        """The answer to a button of the desk: what to do, with which rumour, and for a step in which version.

        Raises: StaleChoice, RumourNotFound.
        """
        actor = await chats.worker(exchange.session, exchange.resident.id)
        if actor is None:
            return _saying(exchange, "desk-not-staff")
        name, rumour_id = (arguments or [""])[0], number(arguments, 1)
        try:
            rumour = await steps.seen(exchange.session, rumour_id, actor, editing.SIGNS)
            if name in self._steps:
                return await self._step(exchange, actor, rumour, name, arguments)
            return await self._look(exchange, actor, rumour, name, arguments)
        except OwnWork:
            return _saying(exchange, "desk-own-work")
        except HarmKept:
            return _saying(exchange, "desk-harm-kept")
        except NotAllowed:
            return _saying(exchange, "desk-not-allowed")

    async def _look(self, exchange: Exchange, actor: Actor, rumour: Rumour, name: str, arguments: list[str]) -> Answer:
        wording = exchange.wording
        if name == "show":
            return await self._card(exchange, actor, rumour)
        if name == "draft":
            return await self._draft(exchange, actor, rumour)
        if name == "canned":
            return Answer(self._cards.pick_canned(wording, rumour, _version(arguments)))
        if name == "harm":
            return Answer(self._cards.pick_harm(wording, rumour, _version(arguments)))
        raise StaleChoice

    async def _step(self, exchange: Exchange, actor: Actor, rumour: Rumour, name: str, arguments: list[str]) -> Answer:
        step = Step(actor, _version(arguments), exchange.received_at)
        try:
            # What a refused step began is taken back; that the button was pressed stays known.
            async with exchange.session.begin_nested():
                await self._steps[name](exchange, rumour.id, step, arguments)
        except (RumourChanged, EditConflict) as conflict:
            await exchange.session.refresh(rumour)
            by = conflict.by.strip("—") or "nobody"
            first = exchange.wording.say("desk-changed", rumour=rumour.ref, by=by)
            return await self._card(exchange, actor, rumour, first)
        await exchange.session.refresh(rumour)
        return await self._card(exchange, actor, rumour, exchange.wording.say(f"desk-done-{name}"))

    async def _card(self, exchange: Exchange, actor: Actor, rumour: Rumour, first: str = "") -> Answer:
        person = await exchange.session.get(Person, rumour.assigned_to_id) if rumour.assigned_to_id else None
        name = person.name if person else None
        return Answer(self._cards.card(exchange.wording, rumour, actor, name, first=first))

    async def _draft(self, exchange: Exchange, actor: Actor, rumour: Rumour) -> Answer:
        draft = await detail.draft_of(exchange.session, rumour)
        if draft is None or rumour.status is not RumourStatus.REVIEW:
            return _saying(exchange, "desk-draft-none")
        content = ArticleContent.model_validate(draft.newest.content)
        article = ServedArticle.as_if_published(content, draft.newest.at)
        own = actor.id in await editing.writers(exchange.session, draft.newest)
        return Answer(self._cards.draft(exchange.wording, rumour, article, draft, own=own))

    async def _list(self, exchange: Exchange, actor: Actor) -> Answer:
        own = Filters(group=Group.MINE, order=Order.DUE)
        listed = await queue.listed(exchange.session, actor, own, now=exchange.received_at)
        hot = [
            rumour
            for rumour in await alerts.hottest(exchange.session, self._hot)
            if actor.may(steps.DEBUNKS, rumour.region or None)
        ]
        return Answer(self._cards.listed(exchange.wording, [rumour for rumour, _ in listed.rumours[:_LISTED]], hot))

    async def _link(self, exchange: Exchange, code: str) -> Answer:
        wording = exchange.wording
        if exchange.channel not in self._pushing:
            return _saying(exchange, "desk-no-push")
        if not code:
            return _saying(exchange, "desk-code-missing")
        try:
            person = await chats.link(exchange.session, self._vault, code, exchange.resident.id, exchange.received_at)
        except TooManyAttempts as error:
            return Answer(wording.reply(wording.say("desk-code-pause", minutes=error.minutes)))
        if person is None:
            return _saying(exchange, "desk-code-wrong")
        return Answer(wording.reply(wording.say("desk-linked", person=person.name)))


async def _claim(exchange: Exchange, rumour_id: int, step: Step, _arguments: list[str]) -> None:
    await work.claim(exchange.session, rumour_id, step)


async def _release(exchange: Exchange, rumour_id: int, step: Step, _arguments: list[str]) -> None:
    await work.release(exchange.session, rumour_id, step)


async def _mark(exchange: Exchange, rumour_id: int, step: Step, arguments: list[str]) -> None:
    await verdicts.not_a_claim(exchange.session, rumour_id, (arguments[3:] or [""])[0], step)


async def _rate(exchange: Exchange, rumour_id: int, step: Step, arguments: list[str]) -> None:
    harm = number(arguments, 3)
    if harm not in set(Harm):
        raise StaleChoice
    rumour = await steps.seen(exchange.session, rumour_id, step.actor, steps.DEBUNKS)
    await work.rate(exchange.session, rumour_id, Harm(harm), rumour.region, step)


async def _sign(exchange: Exchange, rumour_id: int, step: Step, arguments: list[str]) -> None:
    await verdicts.sign_off(exchange.session, rumour_id, number(arguments, 3), step)


def _version(arguments: list[str]) -> int:
    """The version of a rumour a button was made for; 0 is one.

    Raises: StaleChoice.
    """
    text = (arguments[2:] or [""])[0]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise StaleChoice
    return int(text)


def _saying(exchange: Exchange, name: str) -> Answer:
    return Answer(exchange.wording.reply(exchange.wording.say(name)))
