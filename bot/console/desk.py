"""The rumour desk: the queue, a rumour with everything around it, and what is done with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams
from starlette.responses import Response

from bot.console import charts
from bot.console.visit import Page, Visit
from index.clusters import ClusterIndex
from index.search import Outcome
from index.worker import SearchWorker
from knowledge import articles, editing, originals, rumours, staff
from knowledge.articles import ServedArticle
from knowledge.desk import detail, queue, steps, verdicts, work
from knowledge.desk.queue import Filters, Group, Order
from knowledge.desk.steps import CANNED, Step
from knowledge.errors import NotFound, RumourNotFound
from knowledge.models import Harm, Role, Rumour, RumourKind
from knowledge.protection import Vault

HERE = "/console/desk"
READS = frozenset({Role.DEBUNKER, Role.EXPERT})
_REF = re.compile(r"[Rr]([0-9]{1,9})")
"""What a rumour is called wherever it lies: settled, or merged into another one too."""
_SIMILAR = 5
_LONGEST_QUERY = 400
"""Characters of an address's filters that a view keeps; a Chinese one takes nine."""
_ALIKE = 0.1
"""Chance of being the same from which another rumour is worth a look."""


@dataclass(frozen=True, slots=True)
class Near:
    """An article that lies near a rumour, and why it was found."""

    article: ServedArticle
    cosine: float
    words: float
    covered: float


class DeskPages:
    """Every page of the desk."""

    def __init__(
        self,
        vault: Vault,
        search: SearchWorker,
        clusters: ClusterIndex,
        timezone: str,
        published: Callable[[], None],
    ) -> None:
        """`published` is called once residents' search should look for changes."""
        self._vault = vault
        self._search = search
        self._clusters = clusters
        self._zone = ZoneInfo(timezone)
        self._published = published

    def pages(self) -> Sequence[Page]:
        """Every page, with who may use it."""
        one = f"{HERE}/{{rumour:int}}"
        debunks, signs = steps.DEBUNKS, frozenset({Role.DEBUNKER, Role.EXPERT, Role.EDITOR})
        done: dict[str, tuple[Callable[[Visit, int, Step], Awaitable[str | None]], frozenset[Role]]] = {
            "claim": (_claim, debunks),
            "assign": (_assign, debunks),
            "release": (_release, debunks),
            "rate": (_rate, debunks | steps.ADVISES),
            "note": (_note, READS),
            "ask": (_ask, debunks),
            "answer": (_answer, steps.ADVISES),
            "merge": (_merge, debunks),
            "split": (_split, debunks),
            "not-a-claim": (_not_a_claim, debunks),
            "link": (self._link, debunks),
            "submit": (_submit, editing.EDITS_DEBUNKS),
            "sign-off": (_sign_off, signs),
            "publish": (self._publish, editing.EDITS_DEBUNKS),
            "reopen": (_reopen, debunks),
        }
        return [
            Page("GET", HERE, _queue, READS),
            Page("POST", f"{HERE}/views", _keep_view, READS),
            Page("GET", one, self._show, signs),
            Page("POST", f"{one}/original", self._original, debunks),
            *(Page("POST", f"{one}/{name}", _stepping(do), roles) for name, (do, roles) in done.items()),
        ]

    async def _show(self, visit: Visit) -> Response:
        return await self._page(visit)

    async def _page(self, visit: Visit, **more: Any) -> Response:
        session = visit.session
        page = _number(visit.request.query_params.get("page", ""), 1)
        found = await detail.of(session, _number_of(visit), self._zone, page)
        _refuse_elsewhere(visit, found.rumour)
        outcome = await self._search.search(found.rumour.text)
        values = {
            "found": found,
            "near": await self._near(visit, outcome),
            "outcome": outcome,
            "similar": await self._similar(visit, found.rumour, outcome),
            "chart": charts.bars(visit.say("desk-days"), [(day.isoformat(), count) for day, count in found.days]),
            "debunkers": await staff.holders(session, steps.DEBUNKS),
            "experts": await staff.holders(session, steps.ADVISES),
            "canned": CANNED,
            "harms": list(Harm),
            "may_read": visit.person.may(READS),
            "may_work": visit.person.may(steps.DEBUNKS),
            "may_look": originals.may_look(visit.person, found.rumour.region),
            "may_write": visit.person.may(editing.EDITS_DEBUNKS),
            "may_advise": visit.person.may(steps.ADVISES),
            "done": visit.request.query_params.get("done", ""),
            "original": None,
        }
        return visit.page("desk/rumour.html", **(values | more))

    async def _near(self, visit: Visit, outcome: Outcome) -> list[Near]:
        today = visit.now.astimezone(self._zone).date()
        served = await articles.servable(visit.session, [found.article_id for found in outcome.found], today)
        return [
            Near(served[found.article_id], found.cosine, found.words, found.covered)
            for found in outcome.found
            if found.article_id in served
        ]

    async def _similar(self, visit: Visit, rumour: Rumour, outcome: Outcome) -> list[tuple[Rumour, float]]:
        near = [
            match
            for match in await asyncio.to_thread(self._clusters.near, outcome.query, {rumour.id})
            if match.probability >= _ALIKE
        ][:_SIMILAR]
        found = {other.id: other for other in await rumours.by_ids(visit.session, [m.rumour_id for m in near])}
        return [(found[match.rumour_id], match.probability) for match in near if match.rumour_id in found]

    async def _original(self, visit: Visit) -> Response:
        sighting = _number(visit.value("sighting"))
        text = await originals.look(
            visit.session, self._vault, sighting, visit.person, visit.value("reason"), visit.now
        )
        return await self._page(visit, original=(sighting, text))

    async def _link(self, visit: Visit, rumour_id: int, step: Step) -> str:
        await verdicts.link(visit.session, rumour_id, visit.value("slug").removeprefix("/a/"), step)
        return "told"

    async def _publish(self, visit: Visit, rumour_id: int, step: Step) -> str:
        await verdicts.publish(visit.session, rumour_id, _number(visit.value("revision")), step)
        visit.after.append(self._published)
        return "published"


def _stepping(do: Callable[[Visit, int, Step], Awaitable[str | None]]) -> Callable[[Visit], Awaitable[Response]]:
    """A page on which something is done with a rumour, and which leads back to it."""

    async def step(visit: Visit) -> Response:
        number = _number_of(visit)
        done = await do(visit, number, Step(visit.person, _number(visit.value("version"), -1), visit.now))
        return visit.to(f"{HERE}/{number}?done={done or 'saved'}")

    return step


async def _queue(visit: Visit) -> Response:
    asked = visit.request.query_params
    filters = _filters(asked)
    if named := _REF.fullmatch(filters.text.strip()):
        return visit.to(f"{HERE}/{named.group(1)}")
    page = _number(asked.get("page", ""), 1)
    listed = await queue.listed(visit.session, visit.person, filters, now=visit.now, page=page)
    kept = {name: value for name, value in asked.items() if name != "page" and value}
    return visit.page(
        "desk/queue.html",
        listed=listed,
        filters=filters,
        groups=list(Group),
        orders=list(Order),
        kinds=list(RumourKind),
        harms=list(Harm),
        people=await staff.holders(visit.session, steps.DEBUNKS),
        views=await queue.views(visit.session, visit.person, "rumours"),
        query=urlencode(kept),
    )


async def _keep_view(visit: Visit) -> Response:
    query = visit.value("query") if not visit.value("forget") else ""
    if not visit.value("name"):
        raise NotFound("A view needs a name.", "name")
    if len(query) > _LONGEST_QUERY:
        raise NotFound("These filters are too long to be kept.", "filters")
    await queue.save_view(visit.session, visit.person, "rumours", visit.value("name"), query)
    return visit.to(f"{HERE}?{query}" if query else HERE)


async def _claim(visit: Visit, rumour_id: int, step: Step) -> None:
    await work.claim(visit.session, rumour_id, step)


async def _assign(visit: Visit, rumour_id: int, step: Step) -> None:
    await work.assign(visit.session, rumour_id, _number(visit.value("person")), step)


async def _release(visit: Visit, rumour_id: int, step: Step) -> None:
    await work.release(visit.session, rumour_id, step)


async def _rate(visit: Visit, rumour_id: int, step: Step) -> None:
    harm = _number(visit.value("harm"))
    if harm not in set(Harm):
        raise NotFound("There is no such degree of harm.", "harm")
    await work.rate(visit.session, rumour_id, Harm(harm), visit.value("region"), step)


async def _note(visit: Visit, rumour_id: int, step: Step) -> None:
    await work.add_note(visit.session, rumour_id, visit.value("text"), step)


async def _ask(visit: Visit, rumour_id: int, step: Step) -> None:
    await work.ask_expert(visit.session, rumour_id, _number(visit.value("person")), visit.value("text"), step)


async def _answer(visit: Visit, rumour_id: int, step: Step) -> None:
    await work.answer_as_expert(visit.session, rumour_id, visit.value("text"), step)


async def _merge(visit: Visit, rumour_id: int, step: Step) -> str:
    into = re.fullmatch(r"[Rr]?([0-9]{1,9})", visit.value("into"))
    if into is None:
        raise RumourNotFound(visit.value("into")[:20])
    await work.merge(visit.session, rumour_id, int(into.group(1)), step)
    return "merged"


async def _split(visit: Visit, rumour_id: int, step: Step) -> str:
    chosen = [_number(text) for text in visit.fields.get("sighting", ())]
    await work.split(visit.session, rumour_id, chosen, step, alike=bool(visit.value("alike")))
    return "split"


async def _not_a_claim(visit: Visit, rumour_id: int, step: Step) -> str:
    await verdicts.not_a_claim(visit.session, rumour_id, visit.value("canned"), step)
    return "told"


async def _submit(visit: Visit, rumour_id: int, step: Step) -> str:
    await verdicts.submit(visit.session, rumour_id, step)
    return "submitted"


async def _sign_off(visit: Visit, rumour_id: int, step: Step) -> str:
    await verdicts.sign_off(visit.session, rumour_id, _number(visit.value("revision")), step)
    return "signed"


async def _reopen(visit: Visit, rumour_id: int, step: Step) -> str:
    await verdicts.reopen(visit.session, rumour_id, step)
    return "reopened"


def _filters(asked: QueryParams) -> Filters:
    """The filters an address names; what it names wrongly is left out."""

    def one_of(kind: Any, name: str, default: Any) -> Any:
        return kind(asked[name]) if asked.get(name) in set(kind) else default

    return Filters(
        group=one_of(Group, "status", Group.UNSETTLED),
        order=one_of(Order, "order", Order.DEMAND),
        kind=one_of(RumourKind, "kind", None),
        harm=min(_number(asked.get("harm", "")), max(Harm)),
        region=asked.get("region", "")[:40],
        text=asked.get("text", "")[:100].replace("\0", ""),
        assigned_to=_number(asked.get("person", "")) or None,
    )


def _number_of(visit: Visit) -> int:
    number: int = visit.request.path_params["rumour"]
    if number >= 2**31:
        raise RumourNotFound(f"R{str(number)[:20]}")
    return number


def _number(text: str, default: int = 0) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _refuse_elsewhere(visit: Visit, rumour: Rumour) -> None:
    """A rumour of somebody else's region is not there for whoever is bound to theirs."""
    regions = queue.regions_of(visit.person)
    if regions is not None and rumour.region not in ("", *regions):
        raise RumourNotFound(rumour.ref)
