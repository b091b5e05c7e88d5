"""Sources that are gone, with the articles that rest on them, and what an editor who has looked says of each."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.responses import Response

from bot.console.articles.lists import page_of
from bot.console.articles.writing import READS
from bot.console.visit import Page, Visit
from knowledge import editing, links
from knowledge.errors import NotFound
from knowledge.links import Show
from knowledge.models import LinkState
from knowledge.shelf import PAGE

LINKS = "/console/links"


def pages() -> Sequence[Page]:
    """Every page, with who may use it."""
    return [Page("GET", LINKS, _links, READS), Page("POST", LINKS, _mark, editing.EDITS_ALL)]


async def _links(visit: Visit) -> Response:
    asked = visit.request.query_params
    show, text = _filters(asked.get("show", ""), asked.get("text", ""))
    found = await links.listed(visit.session, show, text)
    pages = max(1, -(-len(found) // PAGE))
    page = min(page_of(visit), pages)
    return visit.page(
        "articles/links.html",
        links=found[(page - 1) * PAGE : page * PAGE],
        count=len(found),
        page=page,
        pages=pages,
        show=show,
        shows=list(Show),
        text=text,
        query=urlencode({"show": show.value, "text": text}),
        last=await links.last_look(visit.session),
        may_mark=links.may_mark(visit.person),
        done=asked.get("done", ""),
    )


async def _mark(visit: Visit) -> Response:
    state = visit.value("state")
    if state not in set(LinkState):
        raise NotFound("A source is noted as working or as dead.", "state")
    await links.mark(visit.session, visit.person, visit.value("url"), LinkState(state), visit.now)
    show, text = _filters(visit.value("show"), visit.value("text"))
    return visit.to(f"{LINKS}?{urlencode({'show': show.value, 'text': text, 'done': state})}")


def _filters(show: str, text: str) -> tuple[Show, str]:
    return Show(show) if show in set(Show) else Show.BROKEN, text[:100].replace("\0", "")
