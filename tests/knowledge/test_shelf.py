"""The editors' lists: facets, what is due, sources, answers that disappoint."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import editing, shelf, turns
from knowledge.database import Database
from knowledge.models import Kind, Person, PersonRole, Role, Status, Topic, Turn, Verdict
from knowledge.people import Actor
from knowledge.shelf import Filters, Look
from tests.conftest import EVERY_DATABASE
from tests.factories import NOON, article_content, resident, saved_article, source, turn

TODAY = NOON.date()
on_every_database = pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)


async def slugs(session: AsyncSession, **filters: object) -> list[str]:
    return [entry.slug for entry in (await shelf.listed(session, Filters(**filters), TODAY)).entries]  # type: ignore[arg-type]


async def fill(database: Database) -> Actor:
    async with database.transaction() as session:
        person = Person(login="e", name="编辑", roles=[PersonRole(role=Role.EDITOR)])
        session.add(person)
        await session.flush()
        actor = Actor.of(person)
        await saved_article(session, slug="soon", review_by=(TODAY + timedelta(days=30)).isoformat())
        await saved_article(session, slug="late", review_by="2026-11-21", kind=Kind.GUIDE, topic=Topic.DISASTER)
        await saved_article(
            session, slug="fine", single_source=False, second_reading=None, title="100%安全的酒？", verdict="misleading"
        )
        await saved_article(session, slug="gone", status=Status.RETIRED)
        await editing.save_draft(session, actor, article_content(slug="fresh", claim="新的说法。"), base=0, at=NOON)
        await editing.save_draft(session, actor, article_content(slug="soon", short_answer="改了。"), base=1, at=NOON)
        await editing.submit(session, actor, "fresh", 1, at=NOON)
    return actor


@on_every_database
async def test_every_filter_keeps_what_it_names(database: Database) -> None:
    await fill(database)
    async with database.reading() as session:
        assert await slugs(session) == ["late", "soon", "fine", "fresh", "gone"]
        assert await slugs(session, topic=Topic.DISASTER) == ["late"]
        assert await slugs(session, kind=Kind.GUIDE) == ["late"]
        assert await slugs(session, status=Status.RETIRED) == ["gone"]
        assert await slugs(session, verdict=Verdict.MISLEADING) == ["fine"]
        assert await slugs(session, look=Look.DUE) == ["soon"]
        assert await slugs(session, look=Look.OVERDUE) == ["late"]
        assert await slugs(session, look=Look.DRAFT) == ["soon", "fresh"]
        assert await slugs(session, look=Look.WAITING) == ["fresh"]
        assert await slugs(session, look=Look.SINGLE_SOURCE) == ["late", "soon", "fresh"]
        assert await slugs(session, look=Look.UNREAD) == ["fine"]


@on_every_database
async def test_search_takes_signs_for_what_they_are_and_wants_every_word(database: Database) -> None:
    await fill(database)
    async with database.reading() as session:
        assert await slugs(session, text="100%") == ["fine"]
        assert await slugs(session, text="%") == ["fine"]
        assert await slugs(session, text="FRESH 说法") == ["fresh"]
        assert await slugs(session, text="fresh 没有这个词") == []


@on_every_database
async def test_facets_count_what_choosing_them_would_leave(database: Database) -> None:
    await fill(database)
    async with database.reading() as session:
        found = await shelf.facets(session, Filters(kind=Kind.GUIDE), TODAY)
        assert found["kind"] == {"debunk": 4, "guide": 1}
        assert found["topic"] == {"disaster": 1}
        assert found["verdict"] == {}
        assert found["look"]["overdue"] == 1
        assert found["look"]["due"] == 0


async def test_pages_hold_fifty(database: Database) -> None:
    async with database.transaction() as session:
        for number in range(51):
            await saved_article(session, slug=f"a-{number:02}")
    async with database.reading() as session:
        last = await shelf.listed(session, Filters(), TODAY, page=99)
        assert (last.count, last.page, last.pages, [e.slug for e in last.entries]) == (51, 2, 2, ["a-50"])


async def test_the_calendar_begins_with_what_is_longest_overdue(database: Database) -> None:
    await fill(database)
    async with database.reading() as session:
        assert [(entry.slug, entry.has_draft) for entry in await shelf.due(session, TODAY)] == [
            ("late", False),
            ("soon", True),
        ]


@on_every_database
async def test_a_source_is_listed_once_with_all_that_rest_on_it(database: Database) -> None:
    async with database.transaction() as session:
        shared = "https://www.who.int/shared"
        await saved_article(session, slug="a", title="甲", sources=[source(url=shared, accessed="2025-01-01")])
        old = source(url="https://www.nhs.uk/old", publisher="NHS", accessed="2025-11-21")
        await saved_article(session, slug="b", title="乙", sources=[source(url=shared, accessed="2026-01-01"), old])
        await saved_article(session, slug="c", status=Status.RETIRED, sources=[source(url="https://gone.example/")])
    async with database.reading() as session:
        found = await shelf.sources(session, TODAY)
        assert [(s.url, s.accessed, s.articles) for s in found] == [
            ("https://www.nhs.uk/old", date(2025, 11, 21), [("b", "乙")]),
            (shared, date(2026, 1, 1), [("a", "甲"), ("b", "乙")]),
        ]
        assert [s.url for s in await shelf.sources(session, TODAY, stale=True)] == ["https://www.nhs.uk/old"]
        assert [s.url for s in await shelf.sources(session, TODAY, text="nhs")] == ["https://www.nhs.uk/old"]


@on_every_database
async def test_the_answers_that_disappoint_most_come_first_with_reasons(database: Database) -> None:
    async with database.transaction() as session:
        who = await resident(session)
        good = (await saved_article(session, slug="good")).id
        poor = (await saved_article(session, slug="poor")).id
        bad = (await saved_article(session, slug="bad")).id
        rated = [(good, True, None), (poor, True, None), (poor, False, "unclear")]
        rated += [(bad, False, reason) for reason in ("unclear", "wrong", "wrong", None)]
        for article_id, helpful, reason in rated:
            number = await turn(session, who)
            await session.execute(update(Turn).where(Turn.id == number).values(article_id=article_id))
            await turns.rate(session, number, helpful=helpful, reason=reason)
    async with database.reading() as session:
        found = await shelf.disappointing(session, NOON - timedelta(days=3650))
        assert [(r.slug, r.helpful, r.unhelpful, dict(r.reasons)) for r in found] == [
            ("bad", 0, 4, {"wrong": 2, "unclear": 1}),
            ("poor", 1, 1, {"unclear": 1}),
        ]
        assert await shelf.disappointing(session, NOON + timedelta(days=3650)) == []
