"""The newest debunks and scam alerts as Atom (RFC 4287) and RSS 2.0, for readers and other sites."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.channels.web.headers import guarded
from bot.conversation.wording import SIMPLIFIED, Wording
from knowledge import articles, reading
from knowledge.articles import ServedArticle
from knowledge.database import Database
from knowledge.reading import ListedArticle

_NEWEST = 50
_ATOM = "http://www.w3.org/2005/Atom"
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class Feeds:
    """Serves both feeds."""

    def __init__(
        self, database: Database, site_name: str, today: Callable[[], date], base: Callable[[Request], str]
    ) -> None:
        """`base` gives the address the site is reached under."""
        self._database = database
        self._site_name = site_name
        self._today = today
        self._base = base
        self._wording = Wording(SIMPLIFIED, "UTC")

    def routes(self) -> Sequence[BaseRoute]:
        """Both addresses."""
        return [guarded("/feeds/debunks.atom", self._atom), guarded("/feeds/debunks.rss", self._rss)]

    async def _atom(self, request: Request) -> Response:
        base = self._base(request)
        feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": "zh-Hans"})
        found = await self._newest()
        _text(feed, "id", f"{base}/feeds/debunks.atom")
        _text(feed, "title", f"{self._site_name} 辟谣")
        _text(feed, "updated", _changed(found).isoformat())
        ElementTree.SubElement(feed, "link", {"rel": "self", "href": f"{base}/feeds/debunks.atom"})
        ElementTree.SubElement(feed, "link", {"href": f"{base}/topics"})
        _text(ElementTree.SubElement(feed, "author"), "name", self._site_name)
        for article in found:
            entry = ElementTree.SubElement(feed, "entry")
            _text(entry, "id", f"{base}/a/{article.slug}")
            _text(entry, "title", self._wording.headline(article))
            _text(entry, "updated", article.updated_at.isoformat())
            ElementTree.SubElement(entry, "link", {"href": f"{base}/a/{article.slug}"})
            _text(entry, "summary", article.short_answer)
        return _answer(request, feed, "application/atom+xml; charset=utf-8")

    async def _rss(self, request: Request) -> Response:
        base = self._base(request)
        rss = ElementTree.Element("rss", {"version": "2.0"})
        channel = ElementTree.SubElement(rss, "channel")
        found = await self._newest()
        _text(channel, "title", f"{self._site_name} 辟谣")
        _text(channel, "link", f"{base}/topics")
        _text(channel, "description", "最近的辟谣和诈骗预警")
        _text(channel, "language", "zh-CN")
        _text(channel, "lastBuildDate", format_datetime(_changed(found)))
        for article in found:
            item = ElementTree.SubElement(channel, "item")
            _text(item, "title", self._wording.headline(article))
            _text(item, "link", f"{base}/a/{article.slug}")
            _text(item, "guid", f"{base}/a/{article.slug}")
            _text(item, "pubDate", format_datetime(article.updated_at))
            _text(item, "description", article.short_answer)
        return _answer(request, rss, "application/rss+xml; charset=utf-8")

    async def _newest(self) -> list[ServedArticle]:
        """Judged claims, the one changed last first."""
        async with self._database.reading() as session:
            listed = [one for one in await reading.listed(session, self._today()) if one.verdict]
            listed.sort(key=_age)
            ids = await articles.ids_of(session, [one.slug for one in listed[:_NEWEST]])
            served = await articles.servable(session, ids, self._today())
        return sorted(served.values(), key=_age)


def _age(article: ListedArticle | ServedArticle) -> tuple[float, str]:
    return (-article.updated_at.timestamp(), article.slug)


def _changed(found: Sequence[ServedArticle]) -> datetime:
    return max((article.updated_at for article in found), default=_BEGINNING)


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _answer(request: Request, feed: ElementTree.Element, media_type: str) -> Response:
    """The feed; nothing but "not modified" to who has it already."""
    body = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"etag": tag, "cache-control": "public, max-age=300"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
