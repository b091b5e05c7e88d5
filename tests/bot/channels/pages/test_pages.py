"""The public pages over HTTP: what they show, to whom, and what they refuse."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from xml.etree import ElementTree

import httpx
import pytest
from pydantic import HttpUrl
from starlette.applications import Starlette

from bot.channels.pages import Pages
from bot.wiring import Parts
from knowledge import articles
from knowledge.database import Database
from tests.bot.channels.pages.conftest import BASE, Rewrite, browser
from tests.factories import saved_article


async def test_an_article_page_says_everything_the_article_says(client: httpx.AsyncClient) -> None:
    response = await client.get("/a/liquor")
    page = response.text
    assert response.status_code == 200
    for words in (
        "❌ 假",
        "<title>喝高度白酒能杀死病毒吗？",
        "<h1>“喝高度白酒可以杀死体内的病毒”</h1>",
        "不能。喝酒杀不死体内的病毒，反而伤身体。",
        "<li>别靠喝酒防病，该打疫苗打疫苗。</li>",
        '📞 误喝了消毒酒精，马上拨打<a class="tel" href="tel:120">120</a>。',
        "<h2>为什么有人信</h2>",
        "<li>按时接种疫苗，勤洗手，多通风。</li>",
        'href="https://www.who.int/example" target="_blank" rel="noopener noreferrer"',
        '世界卫生组织 <time datetime="2020-02-10">· 2020-02-10</time>',
        "有效期至：2099-12-31",
        "核对来源日期：2026-11-20",
        "适用地区：浙江省、江西省",
        "只找到一个权威来源",
        'href="/a/flood-guide"',
        'href="/topics/health"',
        'href="/a/liquor/sheet.pdf"',
    ):
        assert words in page
    assert "nowhere" not in page
    assert 'href="/a/gone"' not in page


async def test_a_page_for_sharing_says_what_it_is_about(client: httpx.AsyncClient) -> None:
    page = (await client.get("/a/liquor?size=large&lang=zh-Hant")).text
    assert f'<link rel="canonical" href="{BASE}/a/liquor">' in page
    assert f'<meta property="og:url" content="{BASE}/a/liquor">' in page
    assert '<meta property="og:title" content="❌ 假｜“喝高度白酒可以殺死體內的病毒”">' in page
    assert '<meta name="description" content="不能。喝酒殺不死體內的病毒，反而傷身體。">' in page


async def test_what_is_not_said_of_an_article_leaves_no_empty_note(
    client: httpx.AsyncClient, quick_parts: Parts
) -> None:
    async with quick_parts.database.transaction() as session:
        await saved_article(session, slug="bare", related=[], single_source=False, second_reading=None)
    page = (await client.get("/a/bare")).text
    assert "更新日期" in page
    for words in ("核对来源日期", "适用地区", "只找到一个", "相关文章"):
        assert words not in page


async def test_a_guide_has_no_claim_and_a_scam_says_stop_first(client: httpx.AsyncClient) -> None:
    guide, scam = (await client.get("/a/flood-guide")).text, (await client.get("/a/safe-account")).text
    assert "🧭 指南" in guide
    assert "骗子会说" not in guide
    assert "🚨 诈骗" in scam
    assert "骗子会说" in scam
    assert "先停下：不转账" in scam


@pytest.mark.parametrize(
    ("address", "headers", "language", "words"),
    [
        ("/a/liquor", {}, "zh-Hans", ["该怎么做", "❌ 假", "病毒"]),
        ("/a/liquor", {"accept-language": "zh-TW"}, "zh-Hant", ["該怎麼做", "反而傷身體"]),
        ("/a/liquor?lang=zh-Hant", {}, "zh-Hant", ["該怎麼做", "反而傷身體"]),
        ("/a/liquor", {"accept-language": "en"}, "en", ["What to do", "❌ False", "反而伤身体"]),
        ("/a/liquor?lang=zh-Hans", {"accept-language": "en"}, "zh-Hans", ["该怎么做"]),
        ("/a/liquor?lang=tlh", {"cookie": "qiuzhen_language=en"}, "en", ["What to do"]),
        ("/topics?lang=en", {}, "en", ["All articles", "1 article<"]),
        ("/topics/health?lang=zh-Hant", {}, "zh-Hant", ["健康", "殺死病毒"]),
        ("/topics/health?lang=en", {}, "en", ['<span class="name" lang="zh-Hans">喝高度白酒能杀死病毒吗？</span>']),
        ("/a/nowhere?lang=en", {}, "en", ["There is no such page"]),
    ],
)
async def test_pages_speak_the_language_asked_for_else_the_chats_else_the_browsers(
    client: httpx.AsyncClient, address: str, headers: dict[str, str], language: str, words: list[str]
) -> None:
    response = await client.get(address, headers=headers)
    assert f'<html lang="{language}"' in response.text
    assert response.headers["content-language"] == language
    assert [word for word in words if word not in response.text] == []


async def test_large_print_and_language_stay_while_one_reads_on(client: httpx.AsyncClient) -> None:
    page = (await client.get("/a/liquor?size=large&lang=en")).text
    assert '<html lang="en" data-size="large">' in page
    assert 'href="/a/flood-guide?lang=en&amp;size=large"' in page
    assert 'href="/topics?lang=en&amp;size=large"' in page
    assert 'class="size" href="/a/liquor?lang=en"' in page
    assert page.count('href="/?lang=en&amp;size=large"') == 2
    assert 'href="/a/liquor?lang=zh-Hant&amp;size=large"' in page
    plain = (await client.get("/a/liquor")).text
    assert "data-size" not in plain
    assert 'href="/a/flood-guide"' in plain


async def test_topics_are_counted_and_lead_to_their_articles(client: httpx.AsyncClient) -> None:
    page = (await client.get("/topics")).text
    assert re.findall(r'class="name">(\S+)</span><span class="count">(\d+) 篇', page) == [
        ("健康", "3"),
        ("灾害应急", "1"),
        ("防骗", "1"),
        ("手机与网络", "0"),
    ]
    health = (await client.get("/topics/health")).text
    assert re.findall(r'href="/a/([^"]+)"', health).count("liquor") == 1
    assert '<span class="mark tone-false">❌ 假</span><span class="name">喝高度白酒能杀死病毒吗？</span>' in health
    assert "过期的文章" not in health
    assert "暂时没有文章" in (await client.get("/topics/digital")).text
    assert (await client.get("/topics/")).headers["location"] == "/topics"


def _same(moment: datetime) -> datetime:
    return moment


async def test_articles_of_this_month_come_first(database: Database) -> None:
    async with database.transaction() as session:
        await saved_article(session, slug="winter", title="白雪", season=[12, 1])
        await saved_article(session, slug="always", title="阿姨")
        await saved_article(session, slug="summer", title="安全", season=[7])
    new_year = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)  # in Shanghai it is January already
    for moment, order in (
        (new_year, ["winter", "always", "summer"]),
        (datetime(2026, 7, 1, tzinfo=UTC), ["summer", "always", "winter"]),
        (datetime(2026, 5, 1, tzinfo=UTC), ["always", "summer", "winter"]),
    ):
        pages = Pages(database, site_name="求真", timezone="Asia/Shanghai", clock=partial(_same, moment))
        transport = httpx.ASGITransport(Starlette(routes=list(pages.routes())))
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            page = (await client.get("/topics/health")).text
        assert re.findall(r'href="/a/([^"]+)"', page) == order
        assert ("这个月常有人问" in page) is (order[0] != "always")


async def test_retired_and_overdue_articles_say_so(client: httpx.AsyncClient, quick_parts: Parts) -> None:
    overdue = await client.get("/a/old")
    async with quick_parts.database.transaction() as session:
        await articles.retire(session, "liquor")
    retired = await client.get("/a/liquor")
    assert (overdue.status_code, retired.status_code) == (404, 410)
    assert "正在重新核对" in overdue.text
    assert "已经撤下" in retired.text
    for page in (overdue, retired):
        assert 'href="/"' in page.text
        assert 'href="/topics"' in page.text
        assert "反而伤身体" not in page.text
        assert page.headers["cache-control"] == "no-cache"
    assert (await client.get("/a/liquor/sheet.pdf")).status_code == 410
    assert "/a/liquor" not in (await client.get("/sitemap.xml")).text


@pytest.mark.parametrize(
    "path",
    [
        "/a/nowhere",
        "/a/",
        "/a/%00",
        "/a/%ff%fe",
        "/a/白酒",
        "/a/Liquor",
        "/a/liquor%20",
        "/a/liquor'--",
        "/a/liquor/",
        "/a/liquor/x/sheet.pdf",
        "/a/%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/a/..%2f..%2fetc%2fpasswd",
        "/a/" + "x" * 5000,
        "/a/nowhere/sheet.pdf",
        "/topics/nowhere",
        "/topics/HEALTH",
        "/topics/health/x",
        "/topics/%00",
        "/nowhere",
        "/console/nowhere",
        f"{BASE}//evil.test/x",
    ],
)
async def test_what_is_not_there_is_a_helpful_404(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 404
    assert "没有这个网页" in response.text
    assert "<script" not in response.text
    assert 'href="/topics"' in response.text
    assert 'href="//' not in response.text


async def test_an_address_that_only_takes_forms_says_so_and_the_api_keeps_its_own_way(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/console/desk/1/original")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert "不能直接打开" in response.text
    nowhere = await client.get("/api/v1/nowhere")
    assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")


async def test_markup_in_an_article_stays_text(client: httpx.AsyncClient, rewrite: Rewrite) -> None:
    evil = "</script><script>alert(1)</script><!--"
    await rewrite(title=evil, claim=evil, short_answer=evil, what_to_do=[evil], when_to_call=evil, body=f"## {evil}")
    for address in ("/a/liquor", "/topics/health", "/a/liquor?lang=zh-Hant"):
        page = (await client.get(address)).text
        assert "<script>" not in page
        assert "<!--" not in page
        assert "&lt;script&gt;alert(1)" in page


async def test_a_source_that_is_no_web_address_is_no_link(client: httpx.AsyncClient, quick_parts: Parts) -> None:
    async with quick_parts.database.transaction() as session:
        article = await articles.get(session, "liquor")
        article.sources[0].url = "javascript:alert(1)"
    page = (await client.get("/a/liquor")).text
    body = page[page.index("<body>") :]
    assert "javascript:" not in body
    assert "饮酒能预防感染吗" in body


async def test_a_very_long_body_is_a_page(client: httpx.AsyncClient, rewrite: Rewrite) -> None:
    await rewrite(body="很长的一段话。" * 20_000, title="长" * 5000)
    response = await client.get("/a/liquor?lang=zh-Hant")
    assert response.status_code == 200
    assert len(response.text) > 140_000


@pytest.mark.parametrize(
    "path", ["/a/liquor", "/topics", "/topics/health", "/a/nowhere", "/nowhere", "/sitemap.xml", "/robots.txt"]
)
async def test_every_page_is_guarded_and_sets_no_cookie(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in response.headers
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! type=\"application/ld\+json\")", response.text)
    assert (await client.post(path)).status_code == (404 if path == "/nowhere" else 405)


async def test_style_sheets_of_the_pages_are_served(client: httpx.AsyncClient) -> None:
    page = (await client.get("/a/liquor")).text
    files = re.findall(r"\"(/static/[^\"]+)\"", page)
    assert {file.split(".")[0] for file in files} == {"/static/icon", "/static/chat", "/static/pages"}
    for file in files:
        assert (await client.get(file)).status_code == 200


async def test_site_map_and_robots_lead_to_every_page(client: httpx.AsyncClient) -> None:
    response = await client.get("/sitemap.xml")
    assert response.headers["content-type"] == "application/xml"
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    tree = ElementTree.fromstring(response.text)  # noqa: S314 - our own
    places = [place.text for place in tree.iter(f"{name}loc")]
    slugs = ("baijiu-virus", "flood-guide", "liquor", "overnight-dishes-cancer", "safe-account")
    assert {f"{BASE}/a/{slug}" for slug in slugs} == {place for place in places if place and "/a/" in place}
    assert {f"{BASE}/", f"{BASE}/topics", f"{BASE}/topics/digital"} <= set(places)
    assert len(list(tree.iter(f"{name}lastmod"))) == 5
    robots = (await client.get("/robots.txt")).text
    assert robots == f"User-agent: *\nDisallow: /chat\nSitemap: {BASE}/sitemap.xml\n"


async def test_public_address_is_used_wherever_one_is_written_down(
    client: httpx.AsyncClient, quick_parts: Parts
) -> None:
    quick_parts.settings.public_url = HttpUrl("https://qiuzhen.example.org/")
    async with browser(quick_parts) as client:
        page = (await client.get("/a/liquor")).text
        site_map = (await client.get("/sitemap.xml")).text
    assert '<link rel="canonical" href="https://qiuzhen.example.org/a/liquor">' in page
    assert "<loc>https://qiuzhen.example.org/topics</loc>" in site_map
    assert BASE not in page + site_map


@pytest.mark.parametrize(
    ("headers", "trust", "base"),
    [
        ({"host": "a.example:8080"}, False, "http://a.example:8080"),
        ({"host": "[::1]:80"}, False, "http://[::1]:80"),
        ({"host": 'x"><script>'}, False, "http://localhost"),
        ({"host": "a/b"}, False, "http://localhost"),
        ({"host": "["}, False, "http://localhost"),
        ({"host": "x" * 5000}, False, "http://localhost"),
        ({"x-forwarded-host": "b.example", "x-forwarded-proto": "https"}, False, "http://qiuzhen.test"),
        ({"x-forwarded-host": "b.example", "x-forwarded-proto": "http, https"}, True, "https://b.example"),
        ({"x-forwarded-host": "b.example", "x-forwarded-proto": "gopher"}, True, "http://b.example"),
    ],
)
async def test_without_a_public_address_each_requests_own_is_used_when_it_can_be_one(
    client: httpx.AsyncClient, quick_parts: Parts, headers: dict[str, str], trust: bool, base: str
) -> None:
    quick_parts.settings.behind_proxy = trust
    async with browser(quick_parts) as client:
        response = await client.get("/a/liquor", headers=headers)
    assert response.status_code == 200
    assert f'<link rel="canonical" href="{base}/a/liquor">' in response.text
