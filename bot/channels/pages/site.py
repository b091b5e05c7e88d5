"""Every address of the public pages, and what is answered there."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from bot.channels.pages.address import Choices, base_of
from bot.channels.pages.fonts import FontUnusable
from bot.channels.pages.sheet import Sheet
from bot.channels.pages.sheets import Sheets
from bot.channels.pages.structured import Publisher, as_script, structured_data
from bot.channels.pages.view import ArticleView, Entry, Words
from bot.channels.web.assets import read_assets
from bot.channels.web.headers import SECURITY_HEADERS, guarded
from bot.channels.web.wording import Language
from bot.conversation.wording import Wording
from knowledge import reading
from knowledge.database import Database
from knowledge.errors import ArticleError, ArticleNotFound, ArticleOverdue, ArticleRetired
from knowledge.models import Topic
from knowledge.reading import ListedArticle, WholeArticle

_HERE = Path(__file__).parent
_STATIC = _HERE.parent / "web" / "static"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SLUG = 80
# Asked again each time: an article that is taken away must be gone at once, also from somebody's browser.
_FRESH = {"cache-control": "no-cache", "vary": "Accept-Language, Cookie"}
_REFUSALS: dict[type[ArticleError], tuple[int, str]] = {
    ArticleNotFound: (404, "missing"),
    ArticleRetired: (410, "retired"),
    ArticleOverdue: (404, "overdue"),
}

logger = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Pages:
    """Serves the article pages, the topic lists, the sheets, and the site map."""

    def __init__(
        self,
        database: Database,
        *,
        site_name: str,
        timezone: str,
        public_url: str | None = None,
        trust_proxy: bool = False,
        sheet_font: Path | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Load templates and wording.

        `public_url` is the address people reach the site under; without it, each request's own. `trust_proxy`
        believes X-Forwarded-Proto and X-Forwarded-Host. `sheet_font` names the font file of the sheets.
        """
        self._database = database
        self._site_name = site_name
        self._timezone = timezone
        self._public_url = public_url
        self._trust_proxy = trust_proxy
        self._clock = clock
        self._sheets = Sheets(sheet_font)
        self._words = {language: Words(Wording(language.value, timezone), timezone) for language in Language}
        self._assets = {asset.name: asset.url for asset in read_assets(_STATIC)}
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Every address of the pages."""
        return [
            guarded("/a/{slug}/sheet.pdf", self._sheet),
            guarded("/a/{slug:path}", self._article),
            guarded("/topics", self._topics),
            guarded("/topics/{topic:path}", self._topic),
            guarded("/sitemap.xml", self._site_map),
            guarded("/robots.txt", self._robots),
        ]

    def refusals(self) -> Mapping[int, Callable[[Request, Exception], Awaitable[Response]]]:
        """What the app says, by status, of an address at which nothing is, or nothing that can be opened."""
        return {404: self._say_nowhere, 405: self._say_nowhere}

    async def _say_nowhere(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        reason = "missing" if error.status_code == 404 else "unopened"
        response = self._page(request, "nothing.html", status=error.status_code, reason=reason, back=None)
        response.headers.update(SECURITY_HEADERS | dict(error.headers or {}))
        return response

    async def _article(self, request: Request) -> Response:
        try:
            article = await self._read(request)
        except ArticleError as error:
            return self._refuse(request, error)
        choices = Choices.of(request)
        view = ArticleView.of(article, self._words[choices.language])
        base = self._base(request)
        canonical = f"{base}/a/{view.slug}"
        data = structured_data(article, canonical, Publisher(self._site_name, f"{base}/", self._timezone))
        return self._page(
            request,
            "article.html",
            article=view,
            canonical=canonical,
            published=article.published_at.isoformat(),
            modified=article.served.updated_at.isoformat(),
            structured=as_script(data),
        )

    async def _sheet(self, request: Request) -> Response:
        try:
            article = await self._read(request)
        except ArticleError as error:
            return self._refuse(request, error)
        language = Choices.of(request).language
        slug = article.served.slug
        url = f"{self._base(request)}/a/{slug}"
        words = self._words[language]
        sheet = Sheet.of(article, words, url=url, site=self._site_name, language=language.value)
        try:
            content = await self._sheets.make(sheet)
        except FontUnusable as error:
            logger.warning("no sheet can be made: %s", error)
            return self._page(request, "nothing.html", status=503, reason="no-font", back=f"/a/{slug}")
        headers = _FRESH | {"content-disposition": f'inline; filename="{slug}.pdf"'}
        return Response(content, media_type="application/pdf", headers=headers)

    async def _topics(self, request: Request) -> Response:
        async with self._database.reading() as session:
            counts = await reading.counts(session, self._today())
        return self._page(request, "topics.html", counts=counts, canonical=f"{self._base(request)}/topics")

    async def _topic(self, request: Request) -> Response:
        name = request.path_params["topic"]
        if not name:
            return RedirectResponse("/topics", status_code=308)
        if name not in set(Topic):
            return self._page(request, "nothing.html", status=404, reason="missing", back=None)
        topic = Topic(name)
        async with self._database.reading() as session:
            articles = await reading.listed(session, self._today(), topic)
        words = self._words[Choices.of(request).language]
        month = self._today().month
        return self._page(
            request,
            "topic.html",
            topic=topic,
            seasonal=_entries(words, [article for article in articles if month in article.season]),
            others=_entries(words, [article for article in articles if month not in article.season]),
            canonical=f"{self._base(request)}/topics/{topic}",
        )

    async def _site_map(self, request: Request) -> Response:
        async with self._database.reading() as session:
            articles = await reading.listed(session, self._today())
        base = self._base(request)
        xml = self._templates.get_template("sitemap.xml").render(
            plain=[f"{base}/", f"{base}/topics", *(f"{base}/topics/{topic}" for topic in Topic)],
            articles=[(f"{base}/a/{article.slug}", article.updated_at.isoformat()) for article in articles],
        )
        return Response(xml, media_type="application/xml", headers={"cache-control": "no-cache"})

    async def _robots(self, request: Request) -> Response:
        lines = ("User-agent: *", "Disallow: /chat", f"Sitemap: {self._base(request)}/sitemap.xml", "")
        return PlainTextResponse("\n".join(lines), headers={"cache-control": "public, max-age=86400"})

    async def _read(self, request: Request) -> WholeArticle:
        """The article the address names.

        Raises: ArticleNotFound, ArticleRetired, ArticleOverdue.
        """
        slug = request.path_params["slug"]
        # What cannot be a slug is not asked for: a database may refuse it in its own way.
        if len(slug) > _LONGEST_SLUG or not _SLUG.fullmatch(slug):
            raise ArticleNotFound(slug)
        async with self._database.reading() as session:
            return await reading.whole(session, slug, self._today())

    def _refuse(self, request: Request, error: ArticleError) -> Response:
        status, reason = _REFUSALS[type(error)]
        return self._page(request, "nothing.html", status=status, reason=reason, back=None)

    def _page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        choices = Choices.of(request)
        words = self._words[choices.language]
        html = self._templates.get_template(template).render(
            site=self._site_name,
            choices=choices,
            language=choices.language.value,
            say=words.say,
            assets=self._assets,
            path=f"/{quote(request.scope['path']).lstrip('/')}",  # two strokes would lead to another site
            **values,
        )
        return HTMLResponse(html, status, headers=_FRESH | {"content-language": choices.language.value})

    def _base(self, request: Request) -> str:
        return base_of(request, self._public_url, trust_proxy=self._trust_proxy)

    def _today(self) -> date:
        return self._clock().astimezone(ZoneInfo(self._timezone)).date()


def _entries(words: Words, articles: Sequence[ListedArticle]) -> list[Entry]:
    return [Entry.of(article, words) for article in articles]
