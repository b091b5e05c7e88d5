"""What becomes of the articles of a file: drafts, of those whom their roles allow, over nobody's unpublished work."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import articles, editing, exports, imports, uploads
from knowledge.database import Database
from knowledge.imports import Outcome
from knowledge.models import Person, PersonRole, Role, Status
from knowledge.people import Actor
from knowledge.uploads import Upload
from tests.conftest import EVERY_DATABASE
from tests.factories import BODY, NOON, article_content, saved_article

FULL = article_content(slug="full")
PLAIN = article_content(slug="plain", kind="guide")


async def person(session: AsyncSession, role: Role = Role.EDITOR) -> Actor:
    made = Person(login=role.value, name="某", roles=[PersonRole(role=role)])
    session.add(made)
    await session.flush()
    return Actor.of(made)


@pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
async def test_everything_becomes_a_draft_and_nothing_is_published(database: Database) -> None:
    changed = FULL.model_copy(update={"short_answer": "改了。"})
    new = article_content(slug="new")
    async with database.transaction() as session:
        await articles.save(session, FULL, status=Status.PUBLISHED)
        await articles.save(session, PLAIN, status=Status.PUBLISHED)
        actor = await person(session)
    data = exports.as_csv([(changed, Status.DRAFT), (PLAIN, Status.DRAFT), (new, Status.DRAFT)])
    upload = uploads.read("x.csv", data)
    expected = [("2", "full", Outcome.CHANGED), ("3", "plain", Outcome.SAME), ("4", "new", Outcome.NEW)]
    async with database.transaction() as session:
        tried = await imports.load(session, actor, upload, at=NOON, dry_run=True)
        assert tried.outcomes == expected
        assert (await editing.newest(session, "full")).number == 1
    async with database.transaction() as session:
        done = await imports.load(session, actor, upload, at=NOON, dry_run=False)
        assert done.outcomes == expected
    async with database.reading() as session:
        assert {c.slug for c in await articles.all_contents(session, Status.PUBLISHED)} == {"full", "plain"}
        assert (await articles.get(session, "full")).short_answer == FULL.short_answer
        assert (await editing.newest(session, "full")).content["short_answer"] == "改了。"
        assert [content for content, _ in await exports.everything(session)] == [changed, new, PLAIN]


async def test_a_draft_of_somebody_is_not_covered(database: Database) -> None:
    async with database.transaction() as session:
        actor = await person(session)
        await editing.save_draft(session, actor, PLAIN, base=0, at=NOON)
        upload = Upload({"2": PLAIN.model_copy(update={"short_answer": "文件里的。"}), "3": FULL})
        report = await imports.load(session, actor, upload, at=NOON, dry_run=False)
        assert list(report.problems) == ["2"]
        assert [slug for _, slug, _ in report.outcomes] == ["full"]
        assert (await editing.newest(session, "plain")).content["short_answer"] == PLAIN.short_answer


async def test_a_debunker_imports_debunks_only(database: Database) -> None:
    async with database.transaction() as session:
        actor = await person(session, Role.DEBUNKER)
        for dry_run in (True, False):
            report = await imports.load(session, actor, Upload({"2": PLAIN, "3": FULL}), at=NOON, dry_run=dry_run)
            assert list(report.problems) == ["2"]
            assert [slug for _, slug, _ in report.outcomes] == ["full"]


async def test_retired_articles_are_not_exported(database: Database) -> None:
    async with database.transaction() as session:
        await saved_article(session, slug="gone", status=Status.RETIRED, body=BODY)
        assert await exports.everything(session) == []
