"""What is known of the addresses of sources: what is due, what a look changes, what a person's word is worth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import links
from knowledge.database import Database
from knowledge.errors import NotAllowed, NotFound
from knowledge.links import HAND_HOLDS, RECHECK_AFTER, Checked, Problem, Show
from knowledge.models import AuditRow, LinkState, Person, PersonRole, Role, SourceLink, Status
from knowledge.people import Actor
from tests.conftest import EVERY_DATABASE
from tests.factories import NOON, saved_article, source

on_every_database = pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
A, B, C = (f"https://www.who.int/{name}" for name in "abc")
GONE = "https://www.who.int/retired"
DAY = timedelta(days=1)


async def somebody(session: AsyncSession, role: Role) -> Actor:
    person = Person(login=role.value, name=f"{role}·某", roles=[PersonRole(role=role)])
    session.add(person)
    await session.flush()
    return Actor.of(person)


@pytest.fixture
async def shelf(database: Database) -> Database:
    """Two articles in use that share a source, and a retired one."""
    async with database.transaction() as session:
        await saved_article(session, slug="later", review_by="2028-01-01", sources=[source(url=A), source(url=B)])
        await saved_article(
            session, slug="sooner", review_by="2027-01-01", sources=[source(url=C), source(url=A, publisher="卫健委")]
        )
        await saved_article(session, slug="gone", status=Status.RETIRED, sources=[source(url=GONE)])
    return database


def found(url: str, state: LinkState, **more: object) -> Checked:
    return Checked(url=url, state=state, **more)  # type: ignore[arg-type]


async def state_of(session: AsyncSession, url: str) -> SourceLink:
    return (await session.scalars(select(SourceLink).where(SourceLink.url == url))).one()


@on_every_database
async def test_what_was_looked_at_lately_is_not_due(shelf: Database) -> None:
    async with shelf.transaction() as session:
        assert await links.to_check(session, NOON) == [A, B, C]
        await links.record(session, [found(A, LinkState.WORKS), found(B, LinkState.DEAD, status_code=404)], NOON)
        assert await links.to_check(session, NOON) == [C]
        assert await links.to_check(session, NOON + RECHECK_AFTER - DAY) == [C]
        assert await links.to_check(session, NOON + RECHECK_AFTER) == [A, B, C]
        assert await links.to_check(session, NOON + DAY, older_than=DAY) == [A, B, C]
        assert await links.to_check(session, NOON, older_than=timedelta(0), broken_only=True) == [B]


@on_every_database
async def test_since_is_when_it_was_first_found_so(shelf: Database) -> None:
    async with shelf.transaction() as session:
        for day, state in enumerate((LinkState.WORKS, LinkState.UNREACHABLE, LinkState.UNREACHABLE)):
            await links.record(session, [found(A, state, problem=Problem.DNS)], NOON + day * DAY)
        row = await state_of(session, A)
        assert (row.state, row.since, row.checked_at) == (LinkState.UNREACHABLE, NOON + DAY, NOON + 2 * DAY)
        assert (row.problem, row.by_hand) == (Problem.DNS, False)


@pytest.mark.parametrize(
    ("before", "then", "after"),
    [
        (LinkState.DEAD, LinkState.UNCLEAR, LinkState.DEAD),
        (LinkState.DEAD, LinkState.WORKS, LinkState.WORKS),
        (LinkState.UNREACHABLE, LinkState.UNCLEAR, LinkState.UNCLEAR),
        (LinkState.WORKS, LinkState.UNCLEAR, LinkState.UNCLEAR),
    ],
)
async def test_an_answer_that_says_nothing_revives_no_dead_page(
    shelf: Database, before: LinkState, then: LinkState, after: LinkState
) -> None:
    async with shelf.transaction() as session:
        await links.record(session, [found(A, before)], NOON)
        await links.record(session, [found(A, then, status_code=503)], NOON + DAY)
        assert (await state_of(session, A)).state is after


@on_every_database
async def test_an_editors_word_stands_for_a_while_and_is_written_down(shelf: Database) -> None:
    async with shelf.transaction() as session:
        editor = await somebody(session, Role.EDITOR)
        await links.record(session, [found(A, LinkState.DEAD, status_code=404)], NOON)
        await links.mark(session, editor, A, LinkState.WORKS, NOON + DAY)
        await links.mark(session, editor, B, LinkState.DEAD, NOON + DAY)
        row = await state_of(session, A)
        assert (row.state, row.since, row.status_code) == (LinkState.WORKS, NOON + DAY, None)
        assert (row.by_hand, row.by_id) == (True, editor.id)
        rows = list(await session.scalars(select(AuditRow).where(AuditRow.subject == "source").order_by(AuditRow.id)))
        assert [(r.action, r.by_id, r.details) for r in rows] == [
            ("source.works", editor.id, {"url": A, "was": "dead"}),
            ("source.dead", editor.id, {"url": B, "was": None}),
        ]
        assert rows[0].subject_id == row.id
        soon = NOON + 2 * DAY
        assert await links.to_check(session, soon, older_than=timedelta(0)) == [C]
        await links.record(session, [found(A, LinkState.DEAD)], soon)  # the look had begun before the word was given
        assert (await state_of(session, A)).state is LinkState.WORKS
        late = NOON + DAY + HAND_HOLDS
        assert await links.to_check(session, late) == [A, B, C]
        await links.record(session, [found(A, LinkState.DEAD)], late)
        row = await state_of(session, A)
        assert (row.state, row.since, row.by_hand, row.by_id) == (LinkState.DEAD, late, False, None)


async def test_only_editors_mark_and_only_what_an_article_in_use_names(shelf: Database) -> None:
    async with shelf.transaction() as session:
        editor, debunker = await somebody(session, Role.EDITOR), await somebody(session, Role.DEBUNKER)
        with pytest.raises(NotAllowed):
            await links.mark(session, debunker, A, LinkState.DEAD, NOON)
        for url, state in ((GONE, LinkState.DEAD), ("https://x.test/", LinkState.WORKS), (A, LinkState.UNCLEAR)):
            with pytest.raises(NotFound):
                await links.mark(session, editor, url, state, NOON)
        assert not list(await session.scalars(select(AuditRow).where(AuditRow.subject == "source")))


@on_every_database
async def test_what_is_to_be_reviewed_first_is_listed_first_with_every_article_that_names_it(shelf: Database) -> None:
    async with shelf.transaction() as session:
        editor = await somebody(session, Role.EDITOR)
        await links.record(
            session,
            [
                found(A, LinkState.UNREACHABLE, problem=Problem.TIMEOUT),
                found(B, LinkState.DEAD, status_code=410),
                found(C, LinkState.WORKS, status_code=200, moved_to="https://www.who.int/new"),
                found(GONE, LinkState.DEAD),
            ],
            NOON,
        )

        async def urls(show: Show, text: str = "") -> list[str]:
            return [link.url for link in await links.listed(session, show, text)]

        broken = await links.listed(session, Show.BROKEN)
        assert [(link.url, [one.slug for one in link.articles]) for link in broken] == [
            (A, ["sooner", "later"]),
            (B, ["later"]),
        ]
        assert await urls(Show.MOVED) == [C]
        assert await urls(Show.UNCLEAR) == []
        assert await urls(Show.ALL) == [C, A, B]
        [searched] = await links.listed(session, Show.ALL, "卫健委 /A")
        assert (searched.url, [one.slug for one in searched.articles]) == (A, ["sooner", "later"])
        await links.mark(session, editor, B, LinkState.WORKS, NOON)
        [hand] = await links.listed(session, Show.BY_HAND)
        assert (hand.url, hand.by) == (B, "editor·某")
        assert await urls(Show.BROKEN) == [A]
        assert await links.citing(session, [A, GONE]) == {A: ["later", "sooner"]}
