"""The editors' lists: articles, what is due for review, sources, and what residents miss."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from starlette.responses import Response

from bot.console.articles.writing import HERE, READS
from bot.console.visit import Page, Visit
from knowledge import editing, shelf
from knowledge.article_rules import LONGEST_VALIDITY
from knowledge.desk import queue
from knowledge.models import Kind, RumourKind, Status, Topic, Verdict
from knowledge.shelf import Filters, Look

CALENDAR, SOURCES, GAPS = "/console/calendar", "/console/sources", "/console/gaps"
_FACETS: dict[str, type[StrEnum]] = {"topic": Topic, "kind": Kind, "status": Status, "verdict": Verdict, "look": Look}
_RATED_WITHIN = timedelta(days=90)
_NEXT_REVIEW = timedelta(days=365)

Choice = TypeVar("Choice", bound=StrEnum)


def pages() -> Sequence[Page]:
    """Every page, with who may use it."""
    return [
        Page("GET", HERE, _articles, READS),
        Page("GET", CALENDAR, _calendar, READS),
        Page("POST", CALENDAR, _reviewed, editing.EDITS_DEBUNKS),
        Page("GET", SOURCES, _sources, READS),
        Page("GET", GAPS, _gaps, READS),
    ]


async def _articles(visit: Visit) -> Response:
    asked = visit.request.query_params
    filters = Filters(
        text=asked.get("text", "")[:100].replace("\0", ""),
        topic=_choice(Topic, asked.get("topic")),
        kind=_choice(Kind, asked.get("kind")),
        status=_choice(Status, asked.get("status")),
        verdict=_choice(Verdict, asked.get("verdict")),
        look=_choice(Look, asked.get("look")),
    )
    today = _today(visit)
    listed = await shelf.listed(visit.session, filters, today, page_of(visit))
    chosen = {name: value.value for name in _FACETS if (value := getattr(filters, name))}
    return visit.page(
        "articles/list.html",
        listed=listed,
        filters=filters,
        chosen=chosen,
        facets=await shelf.facets(visit.session, filters, today),
        options={name: list(kind) for name, kind in _FACETS.items()},
        query=urlencode(chosen | ({"text": filters.text} if filters.text else {})),
        today=today,
    )


async def _calendar(visit: Visit) -> Response:
    today = _today(visit)
    return visit.page(
        "articles/calendar.html",
        entries=[
            (entry, editing.may_edit(visit.person, entry.kind) and not entry.has_draft)
            for entry in await shelf.due(visit.session, today)
        ],
        today=today,
        next_review=today + _NEXT_REVIEW,
        last_review=today + LONGEST_VALIDITY,
        done=visit.request.query_params.get("done", ""),
    )


async def _reviewed(visit: Visit) -> Response:
    today = _today(visit)
    try:
        day = date.fromisoformat(visit.value("review_by"))
    except ValueError:
        day = today  # which is refused, with the days that are possible
    await editing.reviewed(visit.session, visit.person, visit.value("slug"), day, today=today, at=visit.now)
    return visit.to(f"{CALENDAR}?done=reviewed")


async def _sources(visit: Visit) -> Response:
    today = _today(visit)
    text, stale = (
        visit.request.query_params.get("text", "")[:100].replace("\0", ""),
        visit.request.query_params.get("stale") == "1",
    )
    found = await shelf.sources(visit.session, today, text=text, stale=stale)
    pages = max(1, -(-len(found) // shelf.PAGE))
    page = min(page_of(visit), pages)
    return visit.page(
        "articles/sources.html",
        sources=[
            (source, shelf.is_stale(source.accessed, today))
            for source in found[(page - 1) * shelf.PAGE : page * shelf.PAGE]
        ],
        count=len(found),
        page=page,
        pages=pages,
        text=text,
        stale=stale,
        query=urlencode({"text": text} | ({"stale": "1"} if stale else {})),
    )


async def _gaps(visit: Visit) -> Response:
    kind = _choice(RumourKind, visit.request.query_params.get("kind"))
    filters = queue.Filters(kind=kind)
    lacking = await queue.listed(visit.session, visit.person, filters, now=visit.now, page=page_of(visit))
    rated = await shelf.disappointing(visit.session, visit.now - _RATED_WITHIN)
    return visit.page(
        "articles/gaps.html",
        lacking=lacking,
        rated=rated,
        kind=kind.value if kind else "",
        days=_RATED_WITHIN.days,
    )


def page_of(visit: Visit) -> int:
    """Which page of a list is asked for, from 1."""
    text = visit.request.query_params.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else 1


def _today(visit: Visit) -> date:
    return date.fromisoformat(visit.words.day(visit.now))


def _choice(kind: type[Choice], value: str | None) -> Choice | None:
    return kind(value) if value in set(kind) else None
