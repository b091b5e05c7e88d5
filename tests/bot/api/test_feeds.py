"""The feeds, element by element, and what a reader who has them already gets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from xml.etree import ElementTree

import httpx
import pytest

from knowledge import articles
from knowledge.database import Database
from knowledge.models import Status
from tests import factories
from tests.bot.api.conftest import SITE, Clock

ATOM = "{http://www.w3.org/2005/Atom}"
KINDS = pytest.mark.parametrize("kind", ["atom", "rss"])


async def fetched(client: httpx.AsyncClient, kind: str) -> ElementTree.Element:
    """The feed."""
    answer = await client.get(f"/feeds/debunks.{kind}")
    assert answer.headers["content-type"] == f"application/{kind}+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)  # noqa: S314 - our own


def links(element: ElementTree.Element) -> list[tuple[str | None, ...]]:
    """The Atom links of an element."""
    return [tuple(link.get(name) for name in ("rel", "href", "type")) for link in element.findall(f"{ATOM}link")]


async def test_atom(client: httpx.AsyncClient, database: Database) -> None:
    async with database.reading() as session:
        changed = (await articles.get(session, "baijiu")).updated_at.isoformat(timespec="seconds")
    feed = await fetched(client, "atom")
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "zh-Hans"
    assert feed.findtext(f"{ATOM}id") == f"{SITE}/feeds/debunks.atom"
    assert feed.findtext(f"{ATOM}title") == "求真 辟谣"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "求真"
    assert datetime.fromisoformat(feed.findtext(f"{ATOM}updated") or "") >= datetime.fromisoformat(changed)
    assert links(feed) == [
        ("self", f"{SITE}/feeds/debunks.atom", "application/atom+xml"),
        ("alternate", f"{SITE}/topics", "text/html"),
    ]
    [entry] = feed.findall(f"{ATOM}entry")
    assert [(child.tag.removeprefix(ATOM), child.text) for child in entry if child.text] == [
        ("id", f"{SITE}/a/baijiu"),
        ("title", "❌ 假｜“喝高度白酒可以杀死体内的病毒”"),
        ("updated", changed),
        ("summary", "不能。喝酒杀不死体内的病毒，反而伤身体。"),
    ]
    assert links(entry) == [("alternate", f"{SITE}/a/baijiu", "text/html")]
    assert [one.get("term") for one in entry.findall(f"{ATOM}category")] == ["health"]


async def test_rss(client: httpx.AsyncClient, database: Database) -> None:
    async with database.reading() as session:
        changed = (await articles.get(session, "baijiu")).updated_at
    rss = await fetched(client, "rss")
    assert (rss.tag, rss.get("version"), [child.tag for child in rss]) == ("rss", "2.0", ["channel"])
    channel = rss[0]
    assert [(child.tag, child.text) for child in channel if child.tag in ("title", "link", "description")] == [
        ("title", "求真 辟谣"),
        ("link", f"{SITE}/topics"),
        ("description", "最近的辟谣和诈骗预警"),
    ]
    assert channel.findtext("language") == "zh-CN"
    assert parsedate_to_datetime(channel.findtext("lastBuildDate") or "").tzinfo is UTC
    assert links(channel) == [("self", f"{SITE}/feeds/debunks.rss", "application/rss+xml")]
    [item] = channel.findall("item")
    assert [(child.tag, child.text) for child in item] == [
        ("title", "❌ 假｜“喝高度白酒可以杀死体内的病毒”"),
        ("link", f"{SITE}/a/baijiu"),
        ("description", "不能。喝酒杀不死体内的病毒，反而伤身体。"),
        ("category", "health"),
        ("guid", f"{SITE}/a/baijiu"),
        ("pubDate", format_datetime(changed)),
    ]


@KINDS
async def test_the_newest_fifty_judged_claims_come_the_newest_first(
    client: httpx.AsyncClient, database: Database, kind: str
) -> None:
    async with database.transaction() as session:
        for number in range(52):
            at = datetime.now(UTC) + timedelta(minutes=number + 1)
            content = factories.article_content(slug=f"more-{number:02}")
            await articles.save(session, content, status=Status.PUBLISHED, at=at)
        guide = factories.article_content(slug="guide", kind="guide")
        await articles.save(session, guide, status=Status.PUBLISHED, at=at + timedelta(minutes=1))
    feed = await fetched(client, kind)
    entries = feed.findall(f"{ATOM}entry") or feed.findall("channel/item")
    addresses = [entry.findtext(f"{ATOM}id") or entry.findtext("guid") for entry in entries]
    assert addresses == [f"{SITE}/a/more-{number:02}" for number in range(51, 1, -1)]


@KINDS
async def test_who_has_it_already_gets_nothing(client: httpx.AsyncClient, kind: str) -> None:
    path = f"/feeds/debunks.{kind}"
    first = (await client.get(path)).headers
    older = format_datetime(parsedate_to_datetime(first["last-modified"]) - timedelta(seconds=1), usegmt=True)
    for condition, status in (
        ({"if-none-match": first["etag"]}, 304),
        ({"if-none-match": f'"another", W/{first["etag"]}'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-modified-since": first["last-modified"]}, 304),
        ({"if-none-match": '"another"'}, 200),
        ({"if-none-match": '"another"', "if-modified-since": first["last-modified"]}, 200),
        ({"if-modified-since": older}, 200),
        ({"if-modified-since": "yesterday"}, 200),
        ({"if-modified-since": "Sun, 22 Nov 2099 12:00:00 -0000"}, 200),  # without a time zone: no such date
    ):
        again = await client.get(path, headers=condition)
        assert (again.status_code, bool(again.content)) == (status, status == 200), condition
        assert again.headers["etag"] == first["etag"]


@KINDS
async def test_a_withdrawal_and_a_lapse_reach_whoever_asks_by_date(
    client: httpx.AsyncClient, database: Database, clock: Clock, kind: str
) -> None:
    path = f"/feeds/debunks.{kind}"
    async with database.transaction() as session:
        await factories.saved_article(session, slug="soon", review_by="2099-01-01")
    known = (await client.get(path)).headers["last-modified"]
    assert (await client.get(path, headers={"if-modified-since": known})).status_code == 304

    clock.now = datetime(2099, 1, 1, 16, 0, tzinfo=UTC)  # midnight in Shanghai: the second of January
    lapsed = await client.get(path, headers={"if-modified-since": known})
    assert (lapsed.status_code, lapsed.headers["last-modified"]) == (200, "Thu, 01 Jan 2099 16:00:00 GMT")
    assert "/a/soon" not in lapsed.text
