"""The editors' room in a browser without scripts: writing, conflicts, sign-off, publication, lists."""

from __future__ import annotations

import asyncio
import html
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import delete, select

from bot.channels.web.wording import Language
from bot.console.articles import ArticlePages
from bot.console.articles.problems import field_of, reason_of
from bot.console.visit import Page
from bot.console.words import ConsoleWords
from index.refresh import Refresher
from index.search import Searcher
from index.vector_cache import CachedEncoder
from index.worker import SearchWorker
from knowledge import article_rules, articles, editing, exports, links, rumours
from knowledge.article_content import ArticleContent
from knowledge.article_files import problems_of
from knowledge.database import Database
from knowledge.desk import detail, queue
from knowledge.errors import FieldProblem
from knowledge.links import Checked, Problem
from knowledge.models import AuditRow, LinkState, Role, Rumour, RumourStatus, SourceLink, Status
from tests.bot.console.conftest import Browser, Clock, SignIn
from tests.factories import BODY, NOON, article_content, article_fields, resident, saved_article, seen, source
from tests.fakes import HashingEncoder

LIST = "/console/articles"
SLUG = "white-liquor"
ONE = f"{LIST}/{SLUG}"
DEAD, LOST, MOVED, NEW = (f"https://www.who.int/{name}" for name in ("dead", "lost", "moved", "unseen"))
SOURCES = {DEAD: "没了的网页", LOST: "丢了的网页", MOVED: "搬走的网页", NEW: "没看过的网页"}


class Woken:
    """How often the search was told to look."""

    times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def search() -> Iterator[SearchWorker]:
    worker = SearchWorker(Searcher(CachedEncoder(HashingEncoder(), None)))
    yield worker
    worker.close()


@pytest.fixture
def pages(database: Database, search: SearchWorker, woken: Woken) -> list[Page]:
    return list(ArticlePages(database, search, "Asia/Shanghai", woken).pages())


def typed(**overrides: Any) -> dict[str, Any]:
    """An article as the form sends it."""
    fields = article_fields(slug=SLUG, related=[]) | overrides
    lines = {name: "\n".join(fields.get(name) or []) for name in ("what_to_do", "asked_as", "regions", "related")}
    reading = fields.pop("second_reading") or {}
    sources = fields.pop("sources")
    given = {name: value for name, value in fields.items() if value is not None} | lines
    given |= {f"source_{part}": [each.get(part) or "" for each in sources] for part in source()}
    given |= {f"second_reading_{part}": reading.get(part, "") for part in ("on", "changed")}
    return given | {"single_source": "1"}


async def send(browser: Browser, path: str, **fields: Any) -> Any:
    return await browser.post(path, page=LIST, **fields)


async def newest(database: Database) -> tuple[int, str]:
    async with database.reading() as session:
        revision = await editing.newest(session, SLUG)
        return revision.number, revision.content["short_answer"]


async def served(database: Database) -> str | None:
    async with database.reading() as session:
        article = await articles.get(session, SLUG)
        found = await articles.servable(session, [article.id], NOON.date())
        return found[article.id].short_answer if found else None


class TestWriting:
    async def test_what_is_typed_becomes_a_draft(self, sign_in: SignIn, database: Database) -> None:
        editor = await sign_in(Role.EDITOR)
        answer = await send(editor, LIST, **typed(season=["1", "12"], audience=["elderly", "family"]))
        assert (answer.status_code, answer.headers["location"]) == (303, f"{ONE}?done=saved")
        async with database.reading() as session:
            article = await articles.get(session, SLUG)
            assert article.status is Status.DRAFT
            expected = article_content(slug=SLUG, related=[], season=[1, 12], audience=["elderly", "family"])
            assert articles.content_of(article) == expected

    async def test_the_form_holds_what_was_saved(self, sign_in: SignIn, database: Database) -> None:
        editor = await sign_in(Role.EDITOR)
        await send(editor, LIST, **typed())
        page = (await editor.get(ONE)).text
        sent = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
        assert html.unescape(sent["title"]) == "喝高度白酒能杀死病毒吗？"
        assert sent["base"] == "1"
        again = await send(editor, ONE, base="1", **typed())
        assert again.status_code == 303
        assert (await newest(database))[0] == 1

    async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
        self, sign_in: SignIn, database: Database
    ) -> None:
        editor = await sign_in(Role.EDITOR)
        fields = typed(
            title="长" * 31,
            body="太短",
            asked_as=["一", "二", "三", "<b>四"],
            sources=[source(), source(url="ftp://x", title="第二个")],
        )
        answer = await send(editor, LIST, **fields)
        assert answer.status_code == 422
        page = html.unescape(answer.text)
        assert "有 31 字，最多 30 字" in page
        assert 'aria-invalid="true" aria-describedby="hint-title wrong-title"' in page
        assert set(re.findall(r'id="(hint-\w+)"', page)) <= set(re.findall(r'describedby="(hint-\w+)', page))
        assert 'id="wrong-sources-1-url"' in page
        assert "第 4 条 不能有 HTML 或链接" in page
        for kept in ("长" * 31, "太短", "<b>四", "ftp://x", "第二个"):
            assert kept in page
        assert "<b>四" not in answer.text
        async with database.reading() as session:
            assert await articles.all_contents(session, Status.DRAFT) == []

    async def test_what_a_word_processor_puts_in_unseen_is_taken_out_or_shown_where_it_is(
        self, sign_in: SignIn, database: Database
    ) -> None:
        editor = await sign_in(Role.EDITOR)
        head, tail = BODY[:20], BODY[20:]
        first = typed(
            title="喝酒\x0b能杀\u202e病毒吗？", body=f"{head}\x0b\u202a{tail}", sources=[source(title="问\x0c答")]
        )
        assert (await send(editor, LIST, **first)).status_code == 303
        async with database.reading() as session:
            content = (await editing.newest(session, SLUG)).content
        assert (content["title"], content["body"]) == ("喝酒 能杀病毒吗？", f"{head}\n{tail}")
        assert content["sources"][0]["title"] == "问 答"
        refused = await send(editor, ONE, base="1", **typed(body=f"{BODY}喝高度白酒\x08不能杀死病毒。"))
        assert "控制符 U+0008，就在“" in refused.text
        assert "喝高度白酒□不能杀死病毒。”的 □ 处" in refused.text

    async def test_a_name_that_is_taken_is_said(self, sign_in: SignIn) -> None:
        editor = await sign_in(Role.EDITOR)
        await send(editor, LIST, **typed())
        answer = await send(editor, LIST, **typed(short_answer="另一篇。"))
        assert answer.status_code == 409
        assert "已经有文章用这个代号" in answer.text
        assert "另一篇。" in answer.text

    async def test_two_who_edit_one_draft_see_both_versions(self, sign_in: SignIn, database: Database) -> None:
        first, second = await sign_in(Role.EDITOR), await sign_in(Role.EDITOR)
        await send(first, LIST, **typed())
        await send(first, ONE, base="1", **typed(short_answer="甲写的。"))
        answer = await send(second, ONE, base="1", **typed(short_answer="乙写的。"))
        assert answer.status_code == 409
        assert await newest(database) == (2, "甲写的。")
        assert first.actor is not None
        assert first.actor.name in answer.text
        assert "甲写的。" in answer.text
        assert 'value="乙写的。"' in answer.text
        [base] = re.findall(r'name="base" value="(\d+)"', answer.text)
        assert (await send(second, ONE, base=base, **typed(short_answer="乙写的。"))).status_code == 303
        assert await newest(database) == (3, "乙写的。")

    async def test_pasted_markup_is_shown_as_text(self, sign_in: SignIn) -> None:
        editor = await sign_in(Role.EDITOR)
        nasty = "</textarea><script>alert(1)</script>"
        answer = await send(editor, LIST, **typed(body=nasty, claim='"><img src=x onerror=alert(1)>'))
        assert answer.status_code == 422
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        frames = [html.unescape(frame) for frame in re.findall(r'srcdoc="([^"]*)"', answer.text)]
        assert len(frames) == 2
        assert all("<script>alert" not in frame and "<img src=x" not in frame for frame in frames)


class TestPreview:
    async def test_it_shows_the_message_and_the_page_of_residents(self, sign_in: SignIn) -> None:
        editor = await sign_in(Role.EDITOR)
        fields = typed(claim="井水能喝。", short_answer="不能，拨打120。")
        whole = (await send(editor, f"{LIST}/preview", **fields)).text
        assert "❌ 假｜“井水能喝”\n不能，拨打120。" in whole
        normal, large = (html.unescape(frame) for frame in re.findall(r'srcdoc="([^"]*)"', whole))
        assert '<a class="tel" href="tel:120">120</a>' in normal
        assert 'data-size="large"' in large
        assert 'data-size="large"' not in normal
        assert whole.count("<h1>") == 1

    async def test_only_the_part_htmx_asks_for(self, sign_in: SignIn) -> None:
        editor = await sign_in(Role.EDITOR)
        token = re.findall(r'name="csrf" value="([0-9a-f]+)"', (await editor.get(LIST)).text)[0]
        answer = await editor.client.post(
            f"{LIST}/preview",
            data={"csrf": token} | typed(),
            headers={"origin": "https://desk.test", "hx-request": "true"},
        )
        assert answer.status_code == 200
        assert "<html" not in answer.text.partition("<iframe")[0]

    @pytest.mark.parametrize(
        "fields",
        [{}, {"kind": "debunk"}, {"kind": "scam_alert"}, {"kind": "x", "topic": "x", "verdict": "x", "review_by": "x"}],
    )
    async def test_whatever_is_there_so_far_can_be_looked_at(self, sign_in: SignIn, fields: dict[str, str]) -> None:
        assert (await send(await sign_in(Role.EDITOR), f"{LIST}/preview", **fields)).status_code == 200


class TestSteps:
    async def test_from_draft_to_publication(self, sign_in: SignIn, database: Database, woken: Woken) -> None:
        writer, reader = await sign_in(Role.EDITOR), await sign_in(Role.EXPERT)
        await send(writer, LIST, **typed())
        assert (await send(writer, f"{ONE}/submit", revision="1")).status_code == 303
        own = await send(writer, f"{ONE}/sign-off", revision="1")
        assert own.status_code == 403
        assert "自己写的不能自己会签" in own.text
        early = await send(writer, f"{ONE}/publish", revision="1")
        assert early.status_code == 403
        assert "先会签" in early.text
        assert await served(database) is None
        assert "会签：可以发布" in (await reader.get(ONE)).text
        assert (await send(reader, f"{ONE}/sign-off", revision="1")).status_code == 303
        assert woken.times == 0
        assert (await send(writer, f"{ONE}/publish", revision="1")).status_code == 303
        assert woken.times == 1
        assert await served(database) == article_fields()["short_answer"]

    async def test_signing_what_is_not_the_newest_is_refused(self, sign_in: SignIn) -> None:
        writer, reader = await sign_in(Role.EDITOR), await sign_in(Role.EDITOR)
        await send(writer, LIST, **typed())
        await send(writer, ONE, base="1", **typed(short_answer="改了。"))
        answer = await send(reader, f"{ONE}/sign-off", revision="1")
        assert answer.status_code == 409
        assert "第 2 版" in answer.text

    async def test_restoring_discarding_and_retiring(self, sign_in: SignIn, database: Database, woken: Woken) -> None:
        editor = await sign_in(Role.EDITOR)
        async with database.transaction() as session:
            await saved_article(session, slug=SLUG, short_answer="一。")
            await saved_article(session, slug=SLUG, short_answer="二。")
        assert (await send(editor, f"{ONE}/restore", revision="1", base="2")).status_code == 303
        assert await newest(database) == (3, "一。")
        assert await served(database) == "二。"
        assert (await send(editor, f"{ONE}/discard", revision="3")).status_code == 303
        assert (await newest(database))[1] == "二。"
        assert (await send(editor, f"{ONE}/retire")).status_code == 303
        assert await served(database) is None
        assert woken.times == 1

    async def test_a_debunker_retires_no_guide(self, sign_in: SignIn, database: Database) -> None:
        async with database.transaction() as session:
            await saved_article(session, slug=SLUG, kind="guide")
        debunker = await sign_in(Role.DEBUNKER)
        assert (await send(debunker, f"{ONE}/retire")).status_code == 403
        page = (await debunker.get(ONE)).text
        assert 'id="writing"' not in page
        assert "下架" not in page

    async def test_the_draft_of_a_rumour_is_published_on_the_desk(self, sign_in: SignIn, database: Database) -> None:
        writer, reader = await sign_in(Role.EDITOR), await sign_in(Role.EDITOR)
        await send(writer, LIST, **typed())
        await send(reader, f"{ONE}/sign-off", revision="1")
        async with database.transaction() as session:
            number = await rumours.open_rumour(session, await seen(session, await resident(session)))
            (await session.get_one(Rumour, number)).article_id = (await articles.get(session, SLUG)).id
        assert f"/console/desk/{number}" in (await writer.get(ONE)).text
        answer = await send(writer, f"{ONE}/publish", revision="1")
        assert answer.headers["location"] == f"/console/desk/{number}"
        assert await served(database) is None

    async def test_the_desk_hears_what_is_asked_signed_and_changed(self, sign_in: SignIn, database: Database) -> None:
        async with database.transaction() as session:
            number = await rumours.open_rumour(session, await seen(session, await resident(session)))
        writer, reader = await sign_in(Role.DEBUNKER), await sign_in(Role.DEBUNKER)
        await send(writer, LIST, rumour=number, version=0, **typed())

        async def standing() -> tuple[RumourStatus, str]:
            async with database.reading() as session:
                history = (await detail.of(session, number, UTC)).history
                return (await session.get_one(Rumour, number)).status, history[0].action

        await send(writer, f"{ONE}/submit", revision="1")
        assert await standing() == (RumourStatus.REVIEW, "rumour.submit")
        await send(reader, f"{ONE}/sign-off", revision="1")
        assert await standing() == (RumourStatus.REVIEW, "rumour.sign_off")
        await send(writer, ONE, base="1", **typed())
        assert await standing() == (RumourStatus.REVIEW, "rumour.sign_off")  # nothing was changed
        await send(writer, ONE, base="1", **typed(short_answer="改了。"))
        assert await standing() == (RumourStatus.CLAIMED, "rumour.rewrite")

    async def test_an_article_is_begun_for_a_rumour(self, sign_in: SignIn, database: Database) -> None:
        async with database.transaction() as session:
            who = await resident(session)
            number = await rumours.open_rumour(session, await seen(session, who, "村口的\n井水有毒"))
        editor = await sign_in(Role.EDITOR)
        page = (await editor.get(f"{LIST}/new?rumour={number}")).text
        assert 'value="村口的 井水有毒"' in page
        late = await send(editor, LIST, rumour=number, version=5, **typed())
        assert late.status_code == 409
        assert f"R{number} 刚被" in late.text
        done = await send(editor, LIST, rumour=number, version=0, **typed())
        assert done.headers["location"] == f"/console/desk/{number}?done=saved"
        async with database.reading() as session:
            rumour = await session.get_one(Rumour, number)
            assert rumour.article_id == (await articles.get(session, SLUG)).id
        again = await editor.get(f"{LIST}/new?rumour={number}")
        assert again.headers["location"] == ONE
        assert (await editor.get(f"{LIST}/new?rumour=999")).status_code == 404

    async def test_the_second_of_two_who_begin_one_is_led_to_the_first(
        self, sign_in: SignIn, database: Database
    ) -> None:
        async with database.transaction() as session:
            number = await rumours.open_rumour(session, await seen(session, await resident(session)))
        first, second = await sign_in(Role.DEBUNKER), await sign_in(Role.DEBUNKER)
        await send(first, LIST, rumour=number, version=0, **typed())
        mine = typed() | {"slug": "another", "short_answer": "乙写的。"}
        version = "0"
        for _ in range(2):
            late = await send(second, LIST, rumour=number, version=version, **mine)
            assert late.status_code == 409
            assert f"R{number} 已经有一篇文章" in late.text
            assert f'<a href="{ONE}">' in late.text
            assert 'value="乙写的。"' in late.text
            (version,) = re.findall(r'name="version" value="(\d+)"', late.text)
        async with database.reading() as session:
            assert (await session.get_one(Rumour, number)).article_id == (await articles.get(session, SLUG)).id
        assert (await second.get(f"{LIST}/another")).status_code == 404

    async def test_what_is_due_for_review_is_not_said_to_be_live(self, sign_in: SignIn, database: Database) -> None:
        writer, reader = await sign_in(Role.EDITOR), await sign_in(Role.EDITOR)
        await send(writer, LIST, **typed(review_by="2026-11-22"))
        await send(reader, f"{ONE}/sign-off", revision="1")
        refused = await send(writer, f"{ONE}/publish", revision="1")
        assert refused.status_code == 422
        assert "把复核期限改到今天以后" in refused.text
        assert await served(database) is None

    async def test_what_was_saved_says_who_sees_it(self, sign_in: SignIn, database: Database) -> None:
        editor = await sign_in(Role.EDITOR)
        saved = await send(editor, LIST, **typed())
        assert "居民还看不到" in (await editor.get(saved.headers["location"])).text
        async with database.transaction() as session:
            await articles.save(session, article_content(slug=SLUG), status=Status.PUBLISHED)
        saved = await send(editor, ONE, base="2", **typed(short_answer="新的。"))
        assert "居民看到的还是已发布的版本" in (await editor.get(saved.headers["location"])).text

    async def test_differences_are_drawn(self, sign_in: SignIn, database: Database) -> None:
        async with database.transaction() as session:
            await saved_article(session, slug=SLUG, short_answer="喝酒不行。")
            await saved_article(session, slug=SLUG, short_answer="喝白酒不行。")
        page = (await (await sign_in(Role.EXPERT)).get(f"{ONE}/history")).text
        assert "喝<ins>白</ins>酒不行。" in page

    @pytest.mark.parametrize("path", ["nothing-here", "Bad_Slug", "a" * 81])
    async def test_what_is_not_there_is_said(self, sign_in: SignIn, path: str) -> None:
        editor = await sign_in(Role.EDITOR)
        for each in (f"{LIST}/{path}", f"{LIST}/{path}/history"):
            assert (await editor.get(each)).status_code == 404

    @pytest.mark.parametrize("revision", ["", "x", "-1", "99999999999999999999", "²"])
    async def test_a_strange_revision_breaks_nothing(self, sign_in: SignIn, revision: str) -> None:
        editor = await sign_in(Role.EDITOR)
        await send(editor, LIST, **typed())
        for step in ("submit", "sign-off", "publish", "discard", "restore"):
            answer = await send(editor, f"{ONE}/{step}", revision=revision, base=revision)
            assert answer.status_code in (404, 409)


class TestLists:
    async def test_filters_and_search(self, sign_in: SignIn, database: Database) -> None:
        async with database.transaction() as session:
            await saved_article(session, slug="a", title="白酒杀毒吗")
            await saved_article(session, slug="b", title="地震来了怎么办", kind="guide", topic="disaster")
        editor = await sign_in(Role.EDITOR)
        found = (await editor.get(f"{LIST}?topic=disaster&text=地震")).text
        assert "地震来了怎么办" in found
        assert "白酒杀毒吗" not in found
        for strange in ("topic=x", "page=-1", "page=99999999999", "text=%00%27%25", "look=draft&status=x"):
            assert (await editor.get(f"{LIST}?{strange}")).status_code == 200

    async def test_a_review_without_changes(self, sign_in: SignIn, database: Database) -> None:
        async with database.transaction() as session:
            await saved_article(session, slug=SLUG, review_by="2026-11-01")
        editor = await sign_in(Role.EDITOR)
        assert "已过期" in (await editor.get("/console/calendar")).text
        late = await send(editor, "/console/calendar", slug=SLUG, review_by="2026-11-01")
        assert late.status_code == 422
        assert "2028-11" in late.text
        done = await send(editor, "/console/calendar", slug=SLUG, review_by="2027-11-01")
        assert done.headers["location"] == "/console/calendar?done=reviewed"
        assert "没有要复核" in (await editor.get("/console/calendar")).text

    async def test_the_days_of_a_review_are_those_of_the_office(
        self, sign_in: SignIn, database: Database, clock: Clock
    ) -> None:
        async with database.transaction() as session:
            await saved_article(session, slug=SLUG, review_by="2026-11-01")
        clock.now = NOON.replace(hour=17)  # in Beijing the next day has begun
        editor = await sign_in(Role.EDITOR)
        today, last = "2026-11-23", "2028-11-24"
        assert f'max="{last}"' in (await editor.get("/console/calendar")).text
        assert (await send(editor, "/console/calendar", slug=SLUG, review_by=today)).status_code == 422
        assert (await send(editor, "/console/calendar", slug=SLUG, review_by=last)).status_code == 303

    async def test_sources_and_gaps(self, sign_in: SignIn, database: Database, clock: Clock) -> None:
        async with database.transaction() as session:
            await saved_article(session, slug=SLUG, sources=[source()])
            await rumours.open_rumour(session, await seen(session, await resident(session), "井水有毒吗"))
        editor = await sign_in(Role.EDITOR)
        assert "世界卫生组织" in (await editor.get("/console/sources?text=who.int")).text
        clock.now = NOON + timedelta(hours=1)
        gaps = (await editor.get("/console/gaps")).text
        assert "井水有毒吗" in gaps
        assert "/console/desk/1" in gaps

    async def test_gaps_go_on_over_the_page(self, sign_in: SignIn, database: Database) -> None:
        async with database.transaction() as session:
            asker = await resident(session)
            for number in range(queue.PAGE + 1):
                await rumours.open_rumour(session, await seen(session, asker, f"第{number}口井的水有毒吗"))
        editor = await sign_in(Role.EDITOR)
        first = (await editor.get("/console/gaps?kind=claim")).text
        assert (first.count("口井的水"), '/console/desk/1"' in first) == (queue.PAGE, False)
        (following,) = re.findall(r'href="(\?[^"]*page=2)"', first)
        second = (await editor.get(f"/console/gaps{html.unescape(following)}")).text
        assert (second.count("口井的水"), '/console/desk/1"' in second) == (1, True)
        assert "page=1" in second


class TestLinks:
    @pytest.fixture(autouse=True)
    async def _looked(self, database: Database) -> None:
        """A dead source of two articles, an unreachable one, one that moved, and one nobody has looked at."""
        async with database.transaction() as session:
            fields = [source(url=url, title=title) for url, title in SOURCES.items()]
            await saved_article(session, slug="later", title="后复核的", review_by="2028-01-01", sources=fields)
            await saved_article(session, slug="sooner", title="先复核的", review_by="2027-01-01", sources=fields[:1])
            found = [
                Checked(url=DEAD, state=LinkState.DEAD, status_code=404),
                Checked(url=LOST, state=LinkState.UNREACHABLE, problem=Problem.CERTIFICATE),
                Checked(url=MOVED, state=LinkState.WORKS, status_code=200, moved_to="https://www.who.int/new"),
            ]
            await links.record(session, found, NOON - timedelta(days=3))

    async def test_what_is_gone_is_listed_with_what_rests_on_it(self, sign_in: SignIn) -> None:
        page = (await (await sign_in(Role.EXPERT)).get("/console/links")).text
        for said in ("没了的网页", "服务器回答 404", "2026-11-19 起", "打不开", "证书不对", "先复核的", "后复核的"):
            assert said in page
        assert page.index("先复核的") < page.index("后复核的")
        assert "搬走的网页" not in page
        assert "没看过的网页" not in page
        assert "我看过了" not in page  # an expert only reads

    async def test_other_lists(self, sign_in: SignIn) -> None:
        editor = await sign_in(Role.EDITOR)
        assert "https://www.who.int/new" in (await editor.get("/console/links?show=moved")).text
        assert "还没查过" in (await editor.get("/console/links?show=all")).text
        assert "没有符合条件的来源" in (await editor.get("/console/links?show=unclear")).text
        searched = (await editor.get("/console/links?text=lost")).text
        assert "没了的网页" not in searched
        for strange in ("show=x", "page=99999", "text=%00%27%25", "done=x"):
            assert (await editor.get(f"/console/links?{strange}")).status_code == 200

    async def test_an_editor_who_has_looked_has_the_last_word(self, sign_in: SignIn, database: Database) -> None:
        editor = await sign_in(Role.EDITOR)
        answer = await send(editor, "/console/links", url=DEAD, state="works", show="broken", text="who.int")
        assert answer.headers["location"] == "/console/links?show=broken&text=who.int&done=works"
        page = (await editor.get(answer.headers["location"])).text
        assert "90 天内以您看到的为准" in page
        assert "没了的网页" not in page
        assert editor.actor
        assert f"{editor.actor.name} 看过" in (await editor.get("/console/links?show=by_hand")).text
        async with database.reading() as session:
            row = (await session.scalars(select(AuditRow).where(AuditRow.subject == "source"))).one()
        assert (row.action, row.by_id) == ("source.works", editor.actor.id)
        assert row.details == {"url": DEAD, "was": "dead"}

    async def test_what_cannot_be_noted_is_refused(self, sign_in: SignIn, database: Database) -> None:
        editor = await sign_in(Role.EDITOR)
        for url, state in ((DEAD, "unclear"), (DEAD, ""), ("https://elsewhere.test/", "dead"), ("", "dead")):
            assert (await send(editor, "/console/links", url=url, state=state)).status_code == 404
        debunker = await sign_in(Role.DEBUNKER)
        assert (await send(debunker, "/console/links", url=DEAD, state="works")).status_code == 403
        async with database.reading() as session:
            assert not list(await session.scalars(select(AuditRow).where(AuditRow.subject == "source")))

    async def test_nothing_gone_and_nobody_looked_are_told_apart(self, sign_in: SignIn, database: Database) -> None:
        editor = await sign_in(Role.EDITOR)
        for url in (DEAD, LOST):
            await send(editor, "/console/links", url=url, state="works")
        assert "没有失效或打不开的来源" in (await editor.get("/console/links")).text
        async with database.transaction() as session:
            await session.execute(delete(SourceLink))
        page = (await editor.get("/console/links")).text
        assert "还没有检查过" in page
        assert "没有失效或打不开的来源" not in page


class TestTrying:
    async def test_a_question_before_and_after_a_draft(
        self, sign_in: SignIn, database: Database, search: SearchWorker
    ) -> None:
        async with database.transaction() as session:
            await saved_article(session, slug="other", title="地震来了怎么办？", kind="guide", topic="disaster")
            await saved_article(session, slug=SLUG)
        await Refresher(database, search.searcher).refresh()
        editor = await sign_in(Role.EDITOR)
        phrases = ["隔夜西瓜能不能吃", "西瓜放一夜坏了吗", "冰箱里的西瓜", "西瓜过夜有毒吗"]
        await send(editor, ONE, base="1", **typed(title="隔夜西瓜能吃吗？", asked_as=phrases))
        alone = (await send(editor, "/console/try", text="西瓜过夜有毒吗")).text
        assert "现在" in alone
        assert "草稿发布以后" not in alone
        both = (await send(editor, "/console/try", text="西瓜过夜有毒吗", slug=SLUG)).text
        before, _, after = both.partition("草稿发布以后")
        assert "隔夜西瓜能吃吗" not in before
        first = after.index("隔夜西瓜能吃吗")
        assert "地震来了怎么办" not in after[:first]
        assert "西瓜过夜有毒吗" in after
        found = await search.search("西瓜过夜有毒吗")
        assert found.probability < 0.8
        again = (await send(editor, "/console/try", text="西瓜过夜有毒吗", slug=SLUG)).text
        assert again.partition("草稿发布以后")[2] == after

    async def test_vetoes_and_routes_are_said(self, sign_in: SignIn, database: Database, search: SearchWorker) -> None:
        async with database.transaction() as session:
            await saved_article(session, slug=SLUG)
        await Refresher(database, search.searcher).refresh()
        editor = await sign_in(Role.EDITOR)
        assert "价格" in (await send(editor, "/console/try", text="喝白酒能杀毒吗多少钱")).text
        assert "不搜索" in (await send(editor, "/console/try", text="你好")).text
        assert "急救" in (await send(editor, "/console/try", text="煤气中毒了怎么办，人晕倒了")).text

    async def test_nothing_and_too_little_is_said(self, sign_in: SignIn) -> None:
        editor = await sign_in(Role.EDITOR)
        assert (await send(editor, "/console/try", text=" ")).status_code == 422
        assert "什么也没找到" in (await send(editor, "/console/try", text="白酒")).text
        assert (await send(editor, "/console/try", text="白酒", slug="no-such")).status_code == 404
        assert (await send(editor, "/console/try", text="白酒", slug="坏\0的")).status_code == 404


async def upload(browser: Browser, path: str, name: str, data: bytes) -> Any:
    token = re.findall(r'name="csrf" value="([0-9a-f]+)"', (await browser.get("/console/import")).text)[0]
    return await browser.client.post(
        path, data={"csrf": token}, files={"file": (name, data)}, headers={"origin": "https://desk.test"}
    )


class TestFiles:
    async def test_checked_first_then_kept(self, sign_in: SignIn, database: Database) -> None:
        editor = await sign_in(Role.EDITOR)
        good, bad = article_content(slug=SLUG), article_content(slug="bad").model_copy(update={"title": "长" * 31})
        data = exports.as_csv([(bad, Status.DRAFT), (good, Status.DRAFT)])
        checked = await upload(editor, "/console/import/check", "a.csv", data)
        assert checked.status_code == 200
        assert "第 2 行" in checked.text
        assert "标题：有 31 字，最多 30 字" in checked.text
        assert "什么都没有保存" in checked.text
        assert (await editor.get(ONE)).status_code == 404
        assert "导入完毕" in (await upload(editor, "/console/import", "a.csv", data)).text
        assert await newest(database) == (1, good.short_answer)
        assert (await editor.get(f"{LIST}/bad")).status_code == 404

    async def test_nobody_waits_while_a_file_is_read(self, sign_in: SignIn, database: Database) -> None:
        editor = await sign_in(Role.EDITOR)
        async with database.transaction():  # as any writer at work: what waited for its turn would wait here for ever
            answer = await asyncio.wait_for(upload(editor, "/console/import", "a.csv", b"slug\nx"), 10)
        assert answer.status_code == 422

    async def test_what_cannot_be_read_is_said(self, sign_in: SignIn) -> None:
        editor = await sign_in(Role.EDITOR)
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.md", b"0" * 70_000_000)
        for name, data, status, words in (
            ("a.zip", bomb.getvalue(), 422, "展开后太大"),
            ("a.txt", b"x", 422, "只认"),
            ("a.csv", b"", 422, "请先选一个文件"),
            ("a.csv", b"slug\nx", 422, "short_answer"),
            ("a.csv", b"x" * 11_000_000, 413, "最多 10 MB"),
        ):
            for path in ("/console/import", "/console/import/check"):
                answer = await upload(editor, path, name, data)
                assert answer.status_code == status
                assert words in answer.text

    @pytest.mark.parametrize("form", ["zip", "csv", "xlsx"])
    async def test_an_export_is_a_file_that_can_be_imported(
        self, sign_in: SignIn, database: Database, form: str
    ) -> None:
        async with database.transaction() as session:
            await saved_article(session, slug=SLUG)
        editor = await sign_in(Role.EDITOR)
        answer = await editor.get(f"/console/export/{form}")
        assert f'filename="articles-2026-11-22.{form}"' in answer.headers["content-disposition"]
        assert (
            "没有变化 1 篇，有错 0 处"
            in (await upload(editor, "/console/import/check", f"a.{form}", answer.content)).text
        )
        assert (await editor.get("/console/export/exe")).status_code == 404

    async def test_an_expert_imports_nothing(self, sign_in: SignIn) -> None:
        expert = await sign_in(Role.EXPERT)
        page = await expert.get("/console/import")
        assert (page.status_code, 'type="file"' in page.text) == (200, False)
        assert (await upload(expert, "/console/import", "a.csv", b"x")).status_code == 403


BAD: list[dict[str, Any]] = [
    {"kind": "x"},
    {"title": "长" * 31},
    {"title": ""},
    {"title": "a\nb"},
    {"title": 3},
    {"slug": "A b"},
    {"slug": "a" * 81},
    {"what_to_do": []},
    {"what_to_do": ["一"] * 4},
    {"season": [13]},
    {"season": ["x"]},
    {"season": "x"},
    {"review_by": "2027-13-45"},
    {"review_by": ""},
    {"body": "短"},
    {"body": "<b>"},
    {"body": "a\x07"},
    {"audience": ["x"]},
    {"verdict": None},
    {"verdict": "x"},
    {"single_source": "maybe"},
    {"kind": "guide", "claim": "一", "verdict": "true"},
    {"kind": "scam_alert", "verdict": "true"},
    {"unknown": 1},
    {"sources": ["x"]},
    {"sources": [{"title": ""}]},
    {"sources": [source(url="ftp://x", date="20", accessed="")]},
    {"sources": [source(url="http://[")]},
    {"second_reading": {"on": "", "changed": ""}},
]


@pytest.mark.parametrize("overrides", BAD, ids=str)
def test_everything_that_can_be_wrong_is_said_in_chinese(overrides: dict[str, Any]) -> None:
    words = ConsoleWords(Language.SIMPLIFIED, "Asia/Shanghai")
    with pytest.raises(ValidationError) as caught:
        ArticleContent.model_validate(article_fields() | overrides)
    for problem in problems_of(caught.value):
        assert re.search("[一-鿿]", reason_of(problem.reason, words)), problem
        if problem.field != "unknown":
            assert re.search("[一-鿿]", field_of(problem.field, words)), problem


def test_so_is_what_could_be_better() -> None:
    words = ConsoleWords(Language.SIMPLIFIED, "Asia/Shanghai")
    poor = article_content(
        review_by="2026-01-01",
        single_source=False,
        short_answer="要99元，一定治好，拨打12399。",
        body="我县的药一定治好，停药就行。网址是www.example.com。" + "长" * 150,
        asked_as=["一样", "一样", "二", "三"],
        sources=[source(url="https://unknown.example/"), source(url="https://unknown.example/")],
    )
    problems = article_rules.problems_of(poor, NOON.date())
    problems += article_rules.problems_between({1: article_content(related=["no-such"])})[1]
    assert len({problem.reason for problem in problems}) > 10
    for problem in problems:
        said = reason_of(problem.reason, words)
        assert said != problem.reason, problem
        assert re.search("[一-鿿]", said)


def test_what_no_sentence_is_tied_to_is_shown_as_it_is() -> None:
    words = ConsoleWords(Language.SIMPLIFIED, "Asia/Shanghai")
    problem = FieldProblem("nowhere.1", "is strange")
    assert (field_of(problem.field, words), reason_of(problem.reason, words)) == ("nowhere.1", "is strange")


async def test_every_page_speaks_every_language(sign_in: SignIn, database: Database) -> None:
    async with database.transaction() as session:
        await saved_article(session, slug=SLUG)
    editor = await sign_in(Role.EDITOR)
    for language in ("zh-CN", "zh-TW", "en"):
        for path in (
            LIST,
            f"{LIST}/new",
            ONE,
            f"{ONE}/history",
            "/console/calendar",
            "/console/sources",
            "/console/links?show=all",
            "/console/gaps",
            "/console/try",
            "/console/import",
        ):
            answer = await editor.client.get(path, headers={"accept-language": language})
            assert answer.status_code == 200, (path, language)
            assert answer.text.count("<h1>") == 1


async def test_every_step_in_the_room_leaves_a_row(sign_in: SignIn, database: Database) -> None:
    writer, reader = await sign_in(Role.EDITOR), await sign_in(Role.DEBUNKER)
    await send(writer, LIST, **typed())
    await send(writer, f"{ONE}/submit", revision="1")
    await send(reader, f"{ONE}/sign-off", revision="1")
    await send(writer, f"{ONE}/publish", revision="1")
    await send(writer, f"{ONE}/retire")
    async with database.reading() as session:
        rows = list(
            await session.scalars(select(AuditRow.action).where(AuditRow.subject == "article").order_by(AuditRow.id))
        )
    assert rows == ["article.save", "article.submit", "article.sign_off", "article.save", "article.retired"]
