"""Drafts, the second person's word, and publication: who may do what, and what nobody overwrites."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import articles, editing
from knowledge.article_content import ArticleContent
from knowledge.database import Database
from knowledge.errors import (
    BadReviewDate,
    DraftPending,
    EditConflict,
    NoDraft,
    NotAllowed,
    OwnWork,
    SignOffMissing,
)
from knowledge.models import AuditRow, Kind, Person, PersonRole, Role, Status
from knowledge.people import Actor
from tests.conftest import EVERY_DATABASE
from tests.factories import NOON, article_content

SLUG = "white-liquor"
on_every_database = pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)


def says(short_answer: str = "不能。", **overrides: Any) -> ArticleContent:
    return article_content(slug=SLUG, short_answer=short_answer, **overrides)


async def person(database: Database, login: str, *roles: Role) -> Actor:
    async with database.transaction() as session:
        made = Person(login=login, name=f"{login}·某", roles=[PersonRole(role=role) for role in roles])
        session.add(made)
        await session.flush()
        return Actor.of(made)


@pytest.fixture
async def writer(database: Database) -> Actor:
    return await person(database, "writer", Role.EDITOR)


@pytest.fixture
async def reader(database: Database) -> Actor:
    return await person(database, "reader", Role.EDITOR)


async def served(session: AsyncSession) -> str | None:
    article = await articles.get(session, SLUG)
    found = await articles.servable(session, [article.id], NOON.date())
    return found[article.id].short_answer if found else None


async def published(database: Database, writer: Actor, reader: Actor, short_answer: str = "不能。") -> int:
    """The article as these two publish it; the number of the revision residents see."""
    async with database.transaction() as session:
        base = (await editing.newest(session, SLUG)).number if await _exists(session) else 0
        draft = await editing.save_draft(session, writer, says(short_answer), base=base, at=NOON)
        await editing.sign_off(session, reader, SLUG, draft.number, at=NOON)
        await editing.publish(session, writer, SLUG, draft.number, at=NOON)
        return (await editing.newest(session, SLUG)).number


async def _exists(session: AsyncSession) -> bool:
    return bool(await articles.all_contents(session) or await articles.all_contents(session, Status.DRAFT))


@on_every_database
async def test_residents_keep_the_old_words_until_a_draft_is_published(
    database: Database, writer: Actor, reader: Actor
) -> None:
    number = await published(database, writer, reader)
    async with database.transaction() as session:
        before = await articles.last_change(session)
        draft = await editing.save_draft(session, writer, says("新的。"), base=number, at=NOON)
        assert await served(session) == "不能。"
        assert await articles.changes_since(session, before) == []
        await editing.sign_off(session, reader, SLUG, draft.number, at=NOON)
        assert await served(session) == "不能。"
        await editing.publish(session, writer, SLUG, draft.number, at=NOON)
        assert await served(session) == "新的。"
        [change] = await articles.changes_since(session, before)
        assert change.content is not None
        assert change.content.short_answer == "新的。"


@on_every_database
async def test_the_second_of_two_who_edit_one_draft_overwrites_nothing(
    database: Database, writer: Actor, reader: Actor
) -> None:
    async with database.transaction() as session:
        base = (await editing.save_draft(session, writer, says("一。"), base=0, at=NOON)).number
        await editing.save_draft(session, reader, says("二。"), base=base, at=NOON + timedelta(minutes=1))
    with pytest.raises(EditConflict) as caught:
        async with database.transaction() as session:
            await editing.save_draft(session, writer, says("三。"), base=base, at=NOON)
    conflict = caught.value
    assert (conflict.newest, conflict.by, conflict.at) == (base + 1, "reader·某", NOON + timedelta(minutes=1))
    async with database.transaction() as session:
        assert (await editing.newest(session, SLUG)).content["short_answer"] == "二。"
        mine = await editing.save_draft(session, writer, says("三。"), base=conflict.newest, at=NOON)
        assert (mine.number, mine.content["short_answer"]) == (base + 2, "三。")


async def test_a_new_article_takes_no_name_that_is_taken(database: Database, writer: Actor) -> None:
    async with database.transaction() as session:
        await editing.save_draft(session, writer, says(), base=0, at=NOON)
    with pytest.raises(EditConflict):
        async with database.transaction() as session:
            await editing.save_draft(session, writer, says("别的。"), base=0, at=NOON)


async def test_saving_the_same_keeps_nothing_new(database: Database, writer: Actor) -> None:
    async with database.transaction() as session:
        first = await editing.save_draft(session, writer, says(), base=0, at=NOON)
        again = await editing.save_draft(session, writer, says(), base=first.number, at=NOON)
        assert again.number == first.number


class TestSecondPerson:
    async def test_nobody_signs_their_own_work(self, database: Database, writer: Actor, reader: Actor) -> None:
        async with database.transaction() as session:
            await editing.save_draft(session, writer, says("一。"), base=0, at=NOON)
            second = await editing.save_draft(session, reader, says("二。"), base=1, at=NOON)
            for author in (writer, reader):
                with pytest.raises(OwnWork):
                    await editing.sign_off(session, author, SLUG, second.number, at=NOON)

    async def test_a_writers_own_word_asks_for_a_reader_and_never_counts(
        self, database: Database, writer: Actor, reader: Actor
    ) -> None:
        async with database.transaction() as session:
            draft = await editing.save_draft(session, writer, says(), base=0, at=NOON)
            await editing.submit(session, writer, SLUG, draft.number, at=NOON)
            assert await editing.signers(session, draft.article_id, draft.number) == []
            with pytest.raises(SignOffMissing):
                await editing.publish(session, reader, SLUG, draft.number, at=NOON)
            with pytest.raises(NotAllowed):
                await editing.submit(session, reader, SLUG, draft.number, at=NOON)

    async def test_a_signature_is_for_the_revision_that_was_read(
        self, database: Database, writer: Actor, reader: Actor
    ) -> None:
        async with database.transaction() as session:
            await editing.save_draft(session, writer, says("一。"), base=0, at=NOON)
            await editing.sign_off(session, reader, SLUG, 1, at=NOON)
            await editing.save_draft(session, writer, says("二。"), base=1, at=NOON)
            with pytest.raises(EditConflict):
                await editing.publish(session, writer, SLUG, 1, at=NOON)
            with pytest.raises(SignOffMissing):
                await editing.publish(session, writer, SLUG, 2, at=NOON)

    async def test_an_expert_may_be_needed(self, database: Database, writer: Actor, reader: Actor) -> None:
        expert = await person(database, "expert", Role.EXPERT)
        async with database.transaction() as session:
            await editing.save_draft(session, writer, says(), base=0, at=NOON)
            await editing.sign_off(session, reader, SLUG, 1, at=NOON)
            with pytest.raises(SignOffMissing) as caught:
                await editing.publish(session, writer, SLUG, 1, needs=frozenset({Role.EXPERT}), at=NOON)
            assert caught.value.needs == "expert"
            await editing.sign_off(session, expert, SLUG, 1, at=NOON)
            await editing.publish(session, writer, SLUG, 1, needs=frozenset({Role.EXPERT}), at=NOON)
            assert await served(session) == "不能。"

    async def test_what_is_published_cannot_be_signed_or_published_again(
        self, database: Database, writer: Actor, reader: Actor
    ) -> None:
        number = await published(database, writer, reader)
        async with database.transaction() as session:
            with pytest.raises(NoDraft):
                await editing.sign_off(session, reader, SLUG, number, at=NOON)
            with pytest.raises(NoDraft):
                await editing.publish(session, writer, SLUG, number, at=NOON)

    async def test_a_writer_is_a_second_person_again_after_publication(
        self, database: Database, writer: Actor, reader: Actor
    ) -> None:
        number = await published(database, writer, reader)
        async with database.transaction() as session:
            draft = await editing.save_draft(session, reader, says("新的。"), base=number, at=NOON)
            await editing.sign_off(session, writer, SLUG, draft.number, at=NOON)
            await editing.publish(session, reader, SLUG, draft.number, at=NOON)
            assert await served(session) == "新的。"


class TestRoles:
    async def test_a_debunker_writes_what_judges_a_claim_and_nothing_else(self, database: Database) -> None:
        debunker = await person(database, "debunker", Role.DEBUNKER)
        async with database.transaction() as session:
            with pytest.raises(NotAllowed):
                await editing.save_draft(session, debunker, says(kind=Kind.GUIDE), base=0, at=NOON)
            await editing.save_draft(session, debunker, says(), base=0, at=NOON)

    async def test_nor_does_a_debunker_turn_a_guide_into_a_debunk(self, database: Database, writer: Actor) -> None:
        debunker = await person(database, "debunker", Role.DEBUNKER)
        async with database.transaction() as session:
            await editing.save_draft(session, writer, says(kind=Kind.GUIDE), base=0, at=NOON)
            with pytest.raises(NotAllowed):
                await editing.save_draft(session, debunker, says(), base=1, at=NOON)

    async def test_an_expert_signs_and_does_not_write(self, database: Database) -> None:
        expert = await person(database, "expert", Role.EXPERT)
        async with database.transaction() as session:
            with pytest.raises(NotAllowed):
                await editing.save_draft(session, expert, says(), base=0, at=NOON)


class TestBackAgain:
    async def test_an_old_revision_becomes_the_newest_draft(
        self, database: Database, writer: Actor, reader: Actor
    ) -> None:
        await published(database, writer, reader, "旧的。")
        number = await published(database, writer, reader, "新的。")
        async with database.transaction() as session:
            await editing.restore(session, writer, SLUG, 1, base=number, at=NOON)
            newest = await editing.newest(session, SLUG)
            assert (newest.content["short_answer"], newest.status) == ("旧的。", Status.DRAFT)
            assert await served(session) == "新的。"

    async def test_a_draft_is_given_up_and_stays_in_the_history(
        self, database: Database, writer: Actor, reader: Actor
    ) -> None:
        number = await published(database, writer, reader)
        async with database.transaction() as session:
            before = (await articles.get(session, SLUG)).updated_at
            await editing.save_draft(session, writer, says("坏的。"), base=number, at=NOON + timedelta(days=3))
            await editing.discard(session, writer, SLUG, number + 1, at=NOON + timedelta(days=3))
            newest = await editing.newest(session, SLUG)
            assert (newest.content["short_answer"], newest.status) == ("不能。", Status.PUBLISHED)
            assert (await articles.get(session, SLUG)).updated_at == before
            told = [(r.content["short_answer"], name) for r, name in await editing.history(session, SLUG)]
            assert ("坏的。", "writer·某") in told

    async def test_a_first_draft_has_nothing_to_go_back_to(self, database: Database, writer: Actor) -> None:
        async with database.transaction() as session:
            await editing.save_draft(session, writer, says(), base=0, at=NOON)
            with pytest.raises(NoDraft):
                await editing.discard(session, writer, SLUG, 1, at=NOON)

    async def test_a_draft_that_says_what_is_published_is_done_with_when_published(
        self, database: Database, writer: Actor, reader: Actor
    ) -> None:
        number = await published(database, writer, reader)
        async with database.transaction() as session:
            await editing.save_draft(session, writer, says("别的。"), base=number, at=NOON)
            await editing.save_draft(session, writer, says(), base=number + 1, at=NOON)
            await editing.sign_off(session, reader, SLUG, number + 2, at=NOON)
            await editing.publish(session, writer, SLUG, number + 2, at=NOON)
            assert (await editing.newest(session, SLUG)).status is Status.PUBLISHED


class TestReview:
    async def test_nothing_changed_but_the_next_date(self, database: Database, writer: Actor, reader: Actor) -> None:
        await published(database, writer, reader)
        async with database.transaction() as session:
            await editing.reviewed(session, writer, SLUG, date(2027, 10, 1), today=NOON.date(), at=NOON)
            assert (await articles.get(session, SLUG)).review_by == date(2027, 10, 1)
            assert await served(session) == "不能。"

    @pytest.mark.parametrize("day", [NOON.date(), date(2030, 1, 1)])
    async def test_the_next_date_is_neither_past_nor_far(
        self, database: Database, writer: Actor, reader: Actor, day: date
    ) -> None:
        await published(database, writer, reader)
        async with database.transaction() as session:
            with pytest.raises(BadReviewDate):
                await editing.reviewed(session, writer, SLUG, day, today=NOON.date(), at=NOON)

    async def test_not_while_a_draft_waits(self, database: Database, writer: Actor, reader: Actor) -> None:
        number = await published(database, writer, reader)
        async with database.transaction() as session:
            await editing.save_draft(session, writer, says("新的。"), base=number, at=NOON)
            with pytest.raises(DraftPending):
                await editing.reviewed(session, writer, SLUG, date(2027, 10, 1), today=NOON.date(), at=NOON)


async def test_every_step_leaves_a_row(database: Database, writer: Actor, reader: Actor) -> None:
    await published(database, writer, reader)
    async with database.reading() as session:
        rows = await session.execute(select(AuditRow.action, AuditRow.by_id).order_by(AuditRow.id))
        assert [tuple(row) for row in rows] == [
            ("article.save", writer.id),
            ("article.sign_off", reader.id),
            ("article.save", writer.id),
        ]
