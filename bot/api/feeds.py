"""The newest debunks and scam alerts as Atom (RFC 4287) and RSS 2.0, for readers and other sites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from email.utils import format_datetime
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.api.conditional import answer
from bot.channels.web.headers import guarded
from bot.conversation.language import SIMPLIFIED
from bot.conversation.wording import Wording
from knowledge import articles, reading
from knowledge.articles import ServedArticle
from knowledge.database import Database
from knowledge.reading import ListedArticle

ATOM_PLACE, ATOM_TYPE = "/feeds/debunks.atom", "application/atom+xml"
RSS_PLACE, RSS_TYPE = "/feeds/debunks.rss", "application/rss+xml"
_NEWEST = 50
_ATOM = "http://www.w3.org/2005/Atom"
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _News:
    """What both feeds tell."""

    articles: Sequence[ServedArticle]
    changed: datetime
    """When they last became others: also by one that is gone."""


class Feeds:
    """Serves both feeds."""

    def __init__(
        self,
        database: Database,
        site_name: str,
        *,
        today: Callable[[], date],
        zone: tzinfo,
        base: Callable[[Request], str],
    ) -> None:
        """`base` gives the address the site is reached under."""
        self._database = database
        self._site_name = site_name
        self._today = today
        self._zone = zone
        self._base = base
        self._wording = Wording(SIMPLIFIED, "UTC")

    def routes(self) -> Sequence[BaseRoute]:
        """Both addresses."""
        return [guarded(ATOM_PLACE, self._atom), guarded(RSS_PLACE, self._rss)]

    async def _atom(self, request: Request) -> Response:
        base, news = self._base(request), await self._news()
        feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": "zh-Hans"})
        _text(feed, "id", f"{base}{ATOM_PLACE}")
        _text(feed, "title", self._title)
        _text(feed, "updated", _moment(news.changed))
        _link(feed, "self", f"{base}{ATOM_PLACE}", ATOM_TYPE)
        _link(feed, "alternate", f"{base}/topics", "text/html")
        _text(ElementTree.SubElement(feed, "author"), "name", self._site_name)
        for article in news.articles:
            entry = ElementTree.SubElement(feed, "entry")
            _text(entry, "id", f"{base}/a/{article.slug}")
            _text(entry, "title", self._wording.headline(article))
            _text(entry, "updated", _moment(article.updated_at))
            _link(entry, "alternate", f"{base}/a/{article.slug}", "text/html")
            ElementTree.SubElement(entry, "category", {"term": article.topic.value})
            _text(entry, "summary", article.short_answer)
        return answer(request, _written(feed), f"{ATOM_TYPE}; charset=utf-8", news.changed)

    async def _rss(self, request: Request) -> Response:
        base, news = self._base(request), await self._news()
        rss = ElementTree.Element("rss", {"version": "2.0", "xmlns:atom": _ATOM})
        channel = ElementTree.SubElement(rss, "channel")
        _text(channel, "title", self._title)
        _text(channel, "link", f"{base}/topics")
        _text(channel, "description", "最近的辟谣和诈骗预警")
        _text(channel, "language", "zh-CN")
        _text(channel, "lastBuildDate", format_datetime(news.changed))
        _link(channel, "self", f"{base}{RSS_PLACE}", RSS_TYPE, name="atom:link")
        for article in news.articles:
            item = ElementTree.SubElement(channel, "item")
            _text(item, "title", self._wording.headline(article))
            _text(item, "link", f"{base}/a/{article.slug}")
            _text(item, "description", article.short_answer)
            _text(item, "category", article.topic.value)
            _text(item, "guid", f"{base}/a/{article.slug}")
            _text(item, "pubDate", format_datetime(article.updated_at))
        return answer(request, _written(rss), f"{RSS_TYPE}; charset=utf-8", news.changed)

    @property
    def _title(self) -> str:
        return f"{self._site_name} 辟谣"

    async def _news(self) -> _News:
        """Judged claims, the one changed last first."""
        today = self._today()
        async with self._database.reading() as session:
            judged = sorted((one for one in await reading.listed(session, today) if one.verdict), key=_age)
            ids = await articles.ids_of(session, [one.slug for one in judged[:_NEWEST]])
            served = await articles.servable(session, ids, today)
            changed = await reading.changed_at(session, today, self._zone)
        return _News(sorted(served.values(), key=_age), (changed or _BEGINNING).astimezone(UTC))


def _age(article: ListedArticle | ServedArticle) -> tuple[float, str]:
    return (-article.updated_at.timestamp(), article.slug)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _link(parent: ElementTree.Element, rel: str, href: str, media_type: str, *, name: str = "link") -> None:
    ElementTree.SubElement(parent, name, {"rel": rel, "href": href, "type": media_type})


def _written(feed: ElementTree.Element) -> bytes:
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written
