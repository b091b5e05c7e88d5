"""The test box: what the bot would make of a question, and why, before and after a draft is published."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from bot.console.articles.rehearsal import Rehearsal, nearest_passage
from bot.console.articles.writing import READS
from bot.console.visit import Page, Visit
from bot.conversation.routing import SEARCHED, Route, route
from index.decision import Found
from index.search import Outcome, Searcher
from index.worker import SearchWorker
from knowledge import articles, editing
from knowledge.article_content import ArticleContent
from knowledge.database import Database
from knowledge.errors import ArticleNotFound
from knowledge.models import Article, Status
from knowledge.redaction import redact

TRY = "/console/try"
LONGEST = 500
_SHOWN = 5
_ROUTES = (Route.URGENT, Route.SCAM, Route.CLAIM, Route.QUESTION, Route.ADVERT)


@dataclass(frozen=True, slots=True)
class Near:
    """An article near a question, and what speaks for it."""

    slug: str
    title: str
    passage: str
    found: Found
    is_draft: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """What a search came to, in what can be shown."""

    outcome: Outcome
    near: Sequence[Near]

    @property
    def percent(self) -> int:
        """The probability in hundredths."""
        return round(self.outcome.probability * 100)


class TryPages:
    """The test box."""

    def __init__(self, database: Database, search: SearchWorker) -> None:
        self._search = search
        self._rehearsal = Rehearsal(database, search.searcher.encoder)

    def pages(self) -> Sequence[Page]:
        """Every page, with who may use it."""
        return [
            Page("GET", TRY, self._empty, READS),
            Page("POST", TRY, self._try, READS, largest_body=16 * 1024, writes=False),
        ]

    async def _empty(self, visit: Visit) -> Response:
        return self._page(visit, slug=visit.request.query_params.get("slug", "")[:80])

    async def _try(self, visit: Visit) -> Response:
        text, slug = redact(visit.value("text")[:LONGEST]), visit.value("slug")[:80]
        if not text:
            return self._page(visit, slug=slug, error=visit.say("articles-try-empty"), status=422)
        draft = await _draft(visit, slug) if slug else None
        outcome = await self._search.search(text)
        taken = route(text, vector=outcome.query.vector).route
        now = await self._shown(visit, outcome)
        after = None
        if draft:
            article, content = draft
            published = articles.content_of(article) if article.status is Status.PUBLISHED else None
            rehearsed = await self._rehearsal.search(text, article.id, content, published)
            after = await self._shown(visit, rehearsed, {article.id: content})
        return self._page(visit, text=text, slug=slug, now=now, after=after, taken=taken)

    def _page(
        self,
        visit: Visit,
        *,
        text: str = "",
        slug: str = "",
        error: str = "",
        now: Trial | None = None,
        after: Trial | None = None,
        taken: Route | None = None,
        status: int = 200,
    ) -> Response:
        way = ""
        if taken in _ROUTES:
            way = visit.say(f"articles-try-route-{taken}")
        elif taken:
            way = visit.say("articles-try-route-other", route=taken.value)
        trials = [(name, trial) for name, trial in (("now", now), ("after", after)) if trial]
        return visit.page(
            "articles/try.html",
            status,
            text=text,
            slug=slug,
            error=error,
            trials=trials,
            way=way,
            is_searched=taken in SEARCHED,
            longest=LONGEST,
        )

    async def _shown(self, visit: Visit, outcome: Outcome, drafts: dict[int, ArticleContent] | None = None) -> Trial:
        drafts = drafts or {}
        shown = outcome.found[:_SHOWN]
        contents = await _contents(visit, [found.article_id for found in shown]) | drafts
        present = [found for found in shown if found.article_id in contents]
        passages = await asyncio.to_thread(
            _passages, self._search.searcher, outcome, [contents[found.article_id] for found in present]
        )
        near = [
            Near(content.slug, content.title, passage, found, found.article_id in drafts)
            for found, passage in zip(present, passages, strict=True)
            if (content := contents[found.article_id])
        ]
        return Trial(outcome, near)


async def _draft(visit: Visit, slug: str) -> tuple[Article, ArticleContent]:
    """The article and the newest of its revisions.

    Raises: ArticleNotFound.
    """
    if not slug.isascii() or "\0" in slug:
        raise ArticleNotFound(slug)
    revision = await editing.newest(visit.session, slug)
    return await articles.get(visit.session, slug), ArticleContent.model_validate(revision.content)


async def _contents(visit: Visit, ids: Sequence[int]) -> dict[int, ArticleContent]:
    found = [await visit.session.get(Article, number) for number in ids]
    return {
        article.id: articles.content_of(await articles.get(visit.session, article.slug)) for article in found if article
    }


def _passages(searcher: Searcher, outcome: Outcome, contents: Sequence[ArticleContent]) -> list[str]:
    return [nearest_passage(searcher, outcome.query, content) for content in contents]
