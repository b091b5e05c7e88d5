"""The desk's pages: what a debunker sees and does, and that nothing anybody sent is run."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.console.desk import DeskPages
from bot.console.visit import Page
from index.clusters import ClusterIndex
from index.search import Searcher
from index.vector_cache import CachedEncoder
from index.worker import SearchWorker
from knowledge import articles, originals, rumours, staff
from knowledge.database import Database
from knowledge.desk import detail, verdicts
from knowledge.desk.steps import Step
from knowledge.models import AuditRow, Role, Rumour, RumourStatus, Status
from tests import factories
from tests.bot.console.conftest import Browser, SignIn
from tests.fakes import HashingEncoder
from tests.knowledge.desk.conftest import asked, told

HOSTILE = "<script>alert(1)</script> 井水有毒 {{ 7*7 }}"


@pytest.fixture
async def clusters() -> AsyncIterator[ClusterIndex]:
    encoder = CachedEncoder(HashingEncoder(), None)
    yield ClusterIndex(encoder)
    encoder.close()


@pytest.fixture
async def woken() -> list[str]:
    """Gets a word each time something was published."""
    return []


@pytest.fixture
async def pages(clusters: ClusterIndex, woken: list[str]) -> AsyncIterator[list[Page]]:
    encoder = CachedEncoder(HashingEncoder(), None)
    worker = SearchWorker(Searcher(encoder))
    yield list(DeskPages(factories.VAULT, worker, clusters, "Asia/Shanghai", lambda: woken.append("now")).pages())
    worker.close()
    encoder.close()


async def opened(database: Database, *texts: str) -> int:
    async with database.transaction() as session:
        return (await asked(session, *texts)).id


async def status(database: Database, number: int) -> RumourStatus:
    async with database.reading() as session:
        return (await session.get_one(Rumour, number)).status


async def test_the_queue_shows_what_was_said_as_text(sign_in: SignIn, database: Database) -> None:
    number = await opened(database, HOSTILE)
    browser = await sign_in(Role.DEBUNKER)
    for path in ("/console/desk", f"/console/desk/{number}"):
        page = (await browser.get(path)).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; 井水有毒 {{ 7*7 }}" in page
        assert "<script>alert" not in page


@pytest.mark.parametrize(
    "query", ["?status=nonsense&order=x&harm=99&page=-1", "?text=%00'%25&person=x", "?page=999999999999"]
)
async def test_an_address_typed_wrongly_shows_the_queue(sign_in: SignIn, database: Database, query: str) -> None:
    await opened(database, "井水有毒")
    assert (await (await sign_in(Role.DEBUNKER)).get(f"/console/desk{query}")).status_code == 200


async def test_the_number_of_a_rumour_leads_to_it_wherever_it_lies(sign_in: SignIn, database: Database) -> None:
    one, other = await opened(database, "井水有毒"), await opened(database, "井水真的有毒")
    browser = await sign_in(Role.DEBUNKER)
    page = f"/console/desk/{one}"
    await browser.post(f"{page}/merge", page=page, version=0, into=f"R{other}")
    found = await browser.get(f"/console/desk?status=unsettled&text=r{one}")
    assert found.headers["location"] == page
    assert f">R{other}</a>" in (await browser.get(page)).text


async def test_whoever_may_not_see_the_queue_is_led_back_to_the_articles(sign_in: SignIn, database: Database) -> None:
    page = f"/console/desk/{await opened(database, '井水有毒')}"
    for role, leads_to, closed in (
        (Role.EDITOR, "/console/articles?look=waiting", "/console/desk"),
        (Role.EXPERT, "/console/desk", "/console/articles?look=waiting"),
    ):
        text = (await (await sign_in(role)).get(page)).text
        assert f'<a href="{leads_to}">←' in text
        assert f'<a href="{closed}">←' not in text


async def test_what_is_done_with_a_rumour_is_done_once(sign_in: SignIn, database: Database) -> None:
    number = await opened(database, "井水有毒")
    one, other = await sign_in(Role.DEBUNKER), await sign_in(Role.DEBUNKER)
    page = f"/console/desk/{number}"
    assert (await one.post(f"{page}/claim", page=page, version=0)).status_code == 303
    assert await status(database, number) is RumourStatus.CLAIMED
    late = await other.post(f"{page}/claim", page=page, version=0)
    assert late.status_code == 409
    assert f"R{number} 刚被改过（debunker-1·某）" in late.text


async def test_a_linked_debunk_answers_everybody_at_once(sign_in: SignIn, database: Database) -> None:
    number = await opened(database, "井水有毒", "井水真的有毒吗")
    async with database.transaction() as session:
        article = await factories.saved_article(session)
    browser = await sign_in(Role.DEBUNKER)
    page = f"/console/desk/{number}"
    answer = await browser.post(f"{page}/link", page=page, version=0, slug=f"/a/{article.slug}")
    assert answer.headers["location"] == f"{page}?done=told"
    assert "等待 2" in (await browser.get(page)).text
    browser.client.headers["accept-language"] = "zh-TW"
    assert "喝高度白酒能殺死病毒嗎？</a>" in (await browser.get(page)).text
    async with database.reading() as session:
        assert len(await told(session)) == 2


async def test_an_expert_may_make_light_of_high_harm(sign_in: SignIn, database: Database) -> None:
    number = await opened(database, "井水有毒")
    page = f"/console/desk/{number}"
    debunker, expert = await sign_in(Role.DEBUNKER), await sign_in(Role.EXPERT)
    assert (await debunker.post(f"{page}/rate", page=page, version=0, harm=3, region="")).status_code == 303
    assert (await debunker.post(f"{page}/rate", page=page, version=1, harm=1, region="")).status_code == 403
    assert (await expert.post(f"{page}/rate", page=page, version=1, harm=1, region="")).status_code == 303
    shown = (await expert.get(page)).text
    assert f'action="{page}/rate"' in shown
    assert f'action="{page}/claim"' not in shown


async def test_what_cannot_be_done_is_said(sign_in: SignIn, database: Database) -> None:
    number = await opened(database, "井水有毒")
    async with database.transaction() as session:
        draft = await factories.saved_article(session, status=Status.DRAFT)
    browser = await sign_in(Role.DEBUNKER)
    page = f"/console/desk/{number}"
    for step, fields, code in (
        ("merge", {"into": "nonsense"}, 404),
        ("merge", {"into": "R99"}, 404),
        ("link", {"slug": "no-such-article"}, 404),
        ("rate", {"harm": "9"}, 404),
        ("publish", {"revision": "1"}, 404),
        ("split", {"sighting": "999"}, 404),
        ("claim", {"version": "x"}, 409),
        ("original", {"sighting": "1", "reason": "想看"}, 422),
        ("link", {"slug": draft.slug}, 404),
        ("split", {}, 404),
        ("note", {"text": " "}, 404),
        ("assign", {"person": "99"}, 404),
    ):
        sent: dict[str, Any] = {"version": 0} | fields
        answer = await browser.post(f"{page}/{step}", page=page, **sent)
        assert answer.status_code == code, (step, answer.status_code)
        (said,) = re.findall(r'role="alert">([^<]*)<', answer.text)
        assert not re.search("[a-z]{3} [a-z]{2}", said), said
    assert (await browser.get("/console/desk/99")).status_code == 404
    assert (await browser.get("/console/desk/99999999999999999999")).status_code == 404
    assert await status(database, number) is RumourStatus.OPEN


async def test_whoever_is_bound_to_a_region_is_told_so_in_their_language(sign_in: SignIn, database: Database) -> None:
    number = await opened(database, "井水有毒")
    local = await sign_in(Role.DEBUNKER, region="柯城区")
    page = f"/console/desk/{number}"
    async with database.transaction() as session:
        (await session.get_one(Rumour, number)).region = "衢江区"
    assert "不归您的地区管" in (await local.post(f"{page}/claim", page="/console/desk", version=0)).text
    async with database.transaction() as session:
        (await session.get_one(Rumour, number)).region = "柯城区"
    away = await local.post(f"{page}/rate", page="/console/desk", version=0, harm=1, region="衢江区")
    assert (away.status_code, "不能改成它" in away.text) == (403, True)


async def test_another_region_is_not_there(sign_in: SignIn, database: Database) -> None:
    number = await opened(database, "井水有毒")
    boss = await sign_in(Role.ADMINISTRATOR)
    page = f"/console/desk/{number}"
    await boss.post(f"{page}/rate", page=page, version=0, harm=1, region="衢江区")
    local = await sign_in(Role.DEBUNKER, region="柯城区")
    assert (await local.get(page)).status_code == 404
    assert "井水有毒" not in (await local.get("/console/desk")).text


async def test_what_was_received_is_offered_to_whoever_may_look_at_it(sign_in: SignIn, database: Database) -> None:
    async with database.transaction() as session:
        message = await factories.seen(session, await factories.resident(session), "加我微信 [账号]")
        number = await rumours.open_rumour(session, message)
        until = factories.NOON + timedelta(days=30)
        await originals.keep(session, factories.VAULT, message.turn_id, "加我微信 abc12345", until)
    everywhere, local = await sign_in(Role.DEBUNKER), await sign_in(Role.DEBUNKER, region="柯城区")
    expert, page = await sign_in(Role.EXPERT), f"/console/desk/{number}"

    async def offered_and_shown(browser: Browser) -> tuple[bool, bool]:
        offered = f"{page}/original" in (await browser.get(page)).text
        answer = await browser.post(f"{page}/original", page=page, sighting="1", reason="核对骗子的号码")
        return offered, "abc12345" in answer.text

    assert await offered_and_shown(everywhere) == (True, True)
    assert await offered_and_shown(local) == (False, False)  # it belongs to no region yet
    assert await offered_and_shown(expert) == (False, False)
    async with database.transaction() as session:
        (await session.get_one(Rumour, number)).region = "柯城区"
    assert await offered_and_shown(local) == (True, True)


async def test_similar_rumours_are_shown_and_merged(
    sign_in: SignIn, database: Database, clusters: ClusterIndex
) -> None:
    one, other = await opened(database, "村口的井水有毒不能喝"), await opened(database, "村口的井水有毒，不能喝！")
    async with database.reading() as session:
        clusters.add(await rumours.opened_after(session, 0))
    browser = await sign_in(Role.DEBUNKER)
    page = f"/console/desk/{one}"
    assert f'href="/console/desk/{other}"' in (await browser.get(page)).text
    await browser.post(f"{page}/merge", page=page, version=0, into=f"R{other}")
    assert await status(database, one) is RumourStatus.MERGED


async def test_of_two_that_have_a_draft_each_none_is_merged_away(sign_in: SignIn, database: Database) -> None:
    one, other = await opened(database, "井水有毒"), await opened(database, "井水真的有毒")
    browser = await sign_in(Role.DEBUNKER)
    assert browser.actor
    async with database.transaction() as session:
        for number in (one, other):
            content = factories.article_content(slug=f"well-{number}")
            await verdicts.draft(session, number, content, Step(browser.actor, 0, factories.NOON))
    page = f"/console/desk/{one}"
    refused = await browser.post(f"{page}/merge", page=page, version=1, into=f"R{other}")
    assert (refused.status_code, f"R{one} 有一篇还没发布的文章（well-{one}）" in refused.text) == (409, True)


async def test_another_article_is_offered_once_the_first_is_none(sign_in: SignIn, database: Database) -> None:
    number = await opened(database, "井水有毒")
    browser = await sign_in(Role.DEBUNKER)
    page, begin = f"/console/desk/{number}", f'href="/console/articles/new?rumour={number}"'
    async with database.transaction() as session:
        article = await factories.saved_article(session, status=Status.DRAFT)
        (await session.get_one(Rumour, number)).article_id = article.id
    assert begin not in (await browser.get(page)).text
    async with database.transaction() as session:
        await articles.retire(session, article.slug)
    text = (await browser.get(page)).text
    assert begin in text
    assert ">已下架</span>" in text
    assert ">另写一篇</a>" in text


async def test_the_history_names_the_rumours_and_people_it_is_about(sign_in: SignIn, database: Database) -> None:
    one, other = await opened(database, "井水有毒"), await opened(database, "井水真的有毒")
    boss, gone = await sign_in(Role.ADMINISTRATOR), await sign_in(Role.DEBUNKER, login="gone")
    assert boss.actor
    assert gone.actor
    page = f"/console/desk/{other}"
    await gone.post(f"{page}/merge", page=page, version=0, into=f"R{one}")
    page = f"/console/desk/{one}"
    await boss.post(f"{page}/assign", page=page, version=1, person=gone.actor.id)
    async with database.transaction() as session:
        await staff.deactivate(session, boss.actor, gone.actor.id, factories.NOON)
        before = {"from": gone.actor.id}  # as it was written once
        session.add(AuditRow(action="rumour.release", subject="rumour", subject_id=one, details=before))
    history = (await boss.get(page)).text.partition('id="history"')[2].partition("</section>")[0]
    told = [" ".join(re.sub("<[^>]*>", "", line).split()) for line in history.split("<li>")[1:]]
    assert [line.partition("：")[2] for line in told] == [
        "放回",
        "放回 gone·某",
        "交办 → gone·某",
        f"另一条并了进来 ← R{other}",
    ]


async def test_every_sighting_can_be_reached_and_split_off(sign_in: SignIn, database: Database) -> None:
    number = await opened(database, "第一句", *["井水有毒"] * detail.PAGE)
    browser, page = await sign_in(Role.DEBUNKER), f"/console/desk/{number}"
    first, second = (await browser.get(page)).text, (await browser.get(f"{page}?page=2")).text
    assert f'href="{page}?&amp;page=2#sightings"' in first
    tick = '<input form="splitting" type="checkbox" name="sighting"'
    assert (first.count(tick), second.count(tick)) == (detail.PAGE, 1)
    (newest, *_) = re.findall(rf'{tick} value="(\d+)"', first)
    await browser.post(f"{page}/split", page=page, version=0, sighting=newest, alike="1")
    async with database.reading() as session:
        assert (await session.get_one(Rumour, number)).sightings == 1


async def test_a_view_is_kept_and_forgotten(sign_in: SignIn) -> None:
    browser = await sign_in(Role.DEBUNKER)
    kept = await browser.post("/console/desk/views", page="/console/desk?harm=3", name="急的", query="harm=3")
    assert kept.headers["location"] == "/console/desk?harm=3"
    assert ">急的</a>" in (await browser.get("/console/desk")).text
    await browser.post("/console/desk/views", page="/console/desk", name="急的", query="harm=3", forget="1")
    assert ">急的</a>" not in (await browser.get("/console/desk")).text
    assert (await browser.post("/console/desk/views", page="/console/desk", name="", query="x")).status_code == 404
    long = urlencode({"text": "村口的井水" * 10})
    refused = await browser.post("/console/desk/views", page="/console/desk", name="长的", query=long)
    assert (refused.status_code, "请把要找的字写短一些" in refused.text) == (404, True)
    assert ">长的</a>" not in (await browser.get("/console/desk")).text
