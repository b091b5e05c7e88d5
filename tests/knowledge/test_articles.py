"""What becomes of an article: kept, published, retired, counted, and never served when it must not be."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import articles
from knowledge.article_content import ArticleContent
from knowledge.database import Database
from knowledge.errors import ArticleNotFound
from knowledge.models import Article, ArticleRevision, ArticleSource, AuditRow, Kind, Person, Status, Verdict
from tests.factories import article_content, saved_article, source

TODAY = date(2026, 11, 22)


def changed(content: ArticleContent, **changes: object) -> ArticleContent:
    """The same article with other words."""
    return ArticleContent.model_validate(content.model_dump(mode="json") | changes)


async def history(session: AsyncSession, article_id: int) -> list[tuple[int, str, Status]]:
    """Number, short answer and status of each revision, oldest first."""
    rows = await session.scalars(
        select(ArticleRevision).where(ArticleRevision.article_id == article_id).order_by(ArticleRevision.number)
    )
    return [(row.number, row.content["short_answer"], row.status) for row in rows]


async def audit(session: AsyncSession) -> list[tuple[str, int, int | None]]:
    """Action, revision and person of each audited change, oldest first."""
    rows = await session.scalars(select(AuditRow).order_by(AuditRow.id))
    return [(row.action, row.details["revision"], row.by_id) for row in rows]


@pytest.mark.parametrize("kind", list(Kind))
async def test_an_article_comes_back_as_it_was_saved(database: Database, kind: Kind) -> None:
    content = article_content(
        kind=kind,
        regions=["浙江省", "江西省"],
        season=[7, 8],
        audience=["elderly", "family"],
        sources=[source(url=f"https://example.org/{n}", date=day) for n, day in enumerate(("2024", None, "2024-05"))],
        when_to_call=None,
    )
    async with database.transaction() as session:
        await articles.save(session, content)
    async with database.reading() as session:
        stored = await articles.get(session, content.slug)
        assert articles.content_of(stored) == content
        assert articles.content_of(stored).model_dump_json() == content.model_dump_json()
        assert (stored.status, stored.change) == (Status.DRAFT, 1)


async def test_saving_what_is_there_changes_nothing(database: Database) -> None:
    content = article_content()
    async with database.transaction() as session:
        first = await articles.save(session, content, status=Status.PUBLISHED)
    updated_at = first.updated_at
    async with database.transaction() as session:
        for status in (None, Status.PUBLISHED):
            again = await articles.save(session, content, status=status)
            assert (again.id, again.change, again.updated_at) == (first.id, 1, updated_at)
    async with database.reading() as session:
        assert await articles.last_change(session) == 1
        assert len(await history(session, first.id)) == 1
        assert await audit(session) == [("article.save", 1, None)]


async def test_every_change_leaves_a_revision_an_audit_row_and_a_number(database: Database) -> None:
    content = article_content(slug="well", short_answer="不能。")
    async with database.transaction() as session:
        editor = Person(login="wang", name="王编辑")
        session.add(editor)
        await session.flush()
        article = await articles.save(session, content, by=editor)
        await articles.save(session, changed(content, short_answer="不能，真的不能。"), by=editor)
        await articles.publish(session, "well", by=editor)
        await articles.publish(session, "well", by=editor)
        await articles.retire(session, "well")
    async with database.reading() as session:
        assert await history(session, article.id) == [
            (1, "不能。", Status.DRAFT),
            (2, "不能，真的不能。", Status.DRAFT),
            (3, "不能，真的不能。", Status.PUBLISHED),
            (4, "不能，真的不能。", Status.RETIRED),
        ]
        assert await audit(session) == [
            ("article.save", 1, editor.id),
            ("article.save", 2, editor.id),
            ("article.published", 3, editor.id),
            ("article.retired", 4, None),
        ]
        stored = await articles.get(session, "well")
        assert (stored.change, await articles.last_change(session)) == (4, 4)


async def test_changed_words_keep_the_status_and_a_given_status_is_taken(database: Database) -> None:
    content = article_content()
    async with database.transaction() as session:
        await articles.save(session, content, status=Status.PUBLISHED)
        kept = await articles.save(session, changed(content, title="换个问法？"))
        assert (kept.status, kept.title) == (Status.PUBLISHED, "换个问法？")
        drafted = await articles.save(session, changed(content, title="换个问法？"), status=Status.DRAFT)
        assert (drafted.status, drafted.change) == (Status.DRAFT, 3)


@pytest.mark.parametrize(("before", "after"), [(3, 1), (1, 3), (2, 2)])
async def test_sources_are_replaced_in_their_order(database: Database, before: int, after: int) -> None:
    content = article_content(sources=[source(title=f"旧{n}") for n in range(before)])
    new = changed(content, sources=[source(title=f"新{n}") for n in range(after)])
    async with database.transaction() as session:
        await articles.save(session, content)
    async with database.transaction() as session:
        await articles.save(session, new)
    async with database.reading() as session:
        rows = await session.scalars(select(ArticleSource).order_by(ArticleSource.position))
        assert [(row.position, row.title) for row in rows] == [(n, f"新{n}") for n in range(after)]


async def test_an_unknown_slug_is_named(database: Database) -> None:
    async with database.transaction() as session:
        for operation in (articles.publish, articles.retire, articles.get):
            with pytest.raises(ArticleNotFound, match="There is no article 'nowhere'"):
                await operation(session, "nowhere")
        assert await articles.last_change(session) == 0


@pytest.mark.parametrize("status", list(Status))
async def test_only_published_articles_are_servable(database: Database, status: Status) -> None:
    async with database.transaction() as session:
        article = await saved_article(session, status=status)
    async with database.reading() as session:
        expected = {article.id} if status is Status.PUBLISHED else set()
        assert set(await articles.servable(session, [article.id, 999], TODAY)) == expected


@pytest.mark.parametrize(
    ("review_by", "servable"),
    [("2026-11-21", False), ("2026-11-22", True), ("2026-11-23", True), ("2025-11-22", False)],
)
async def test_an_article_is_served_up_to_its_review_day(database: Database, review_by: str, servable: bool) -> None:
    async with database.transaction() as session:
        article = await saved_article(session, review_by=review_by)
    async with database.reading() as session:
        assert (article.id in await articles.servable(session, [article.id], TODAY)) is servable


async def test_servable_articles_bring_their_sources_in_order(database: Database) -> None:
    async with database.transaction() as session:
        one = await saved_article(session, sources=[source(title=name) for name in "甲乙丙"], verdict="unproven")
        two = await saved_article(session)
        retired = await saved_article(session)
        await articles.retire(session, retired.slug)
    async with database.reading() as session:
        assert await articles.servable(session, [], TODAY) == {}
        found = await articles.servable(session, [retired.id, two.id, one.id, one.id], TODAY)
    assert list(found) == [one.id, two.id]
    assert [given.title for given in found[one.id].sources] == list("甲乙丙")
    assert found[one.id].verdict is Verdict.UNPROVEN


async def test_changes_are_told_oldest_first_with_the_words_of_published_articles_only(database: Database) -> None:
    async with database.transaction() as session:
        one, two, three = [await saved_article(session, slug=slug) for slug in ("one", "two", "three")]
        await saved_article(session, slug="four", status=Status.DRAFT)
        await articles.retire(session, "one")
    async with database.reading() as session:
        everything = await articles.changes_since(session, 0)
        assert [(change.number, change.article_id) for change in everything] == [
            (2, two.id),
            (3, three.id),
            (4, three.id + 1),
            (5, one.id),
        ]
        assert [change.content and change.content.slug for change in everything] == ["two", "three", None, None]
        assert everything[0].content == articles.content_of(await articles.get(session, "two"))
        assert [change.number for change in await articles.changes_since(session, 4)] == [5]
        assert await articles.changes_since(session, 5) == []


async def test_all_contents_of_one_status_come_by_slug(database: Database) -> None:
    async with database.transaction() as session:
        for slug in ("b", "c", "a"):
            await saved_article(session, slug=slug)
        await saved_article(session, slug="d", status=Status.DRAFT)
    async with database.reading() as session:
        assert [content.slug for content in await articles.all_contents(session)] == ["a", "b", "c"]
        assert [content.slug for content in await articles.all_contents(session, Status.DRAFT)] == ["d"]


async def test_change_numbers_have_no_gaps_when_many_write(database: Database, database_url: str) -> None:
    """Whoever reads all changes while others write never misses one that is committed later."""
    other = Database(database_url)
    numbers: list[int] = []
    known: list[int] = []

    async def write(through: Database, writer: int) -> None:
        for n in range(4):
            async with through.transaction() as session:
                article = await saved_article(session, slug=f"by-{writer}-{n}")
                await asyncio.sleep(0)
            numbers.append(article.change)

    async def follow() -> None:
        while len(known) < 24:
            async with other.reading() as session:
                known.extend(change.number for change in await articles.changes_since(session, max(known, default=0)))
            await asyncio.sleep(0.002)

    async with asyncio.timeout(60):
        await asyncio.gather(follow(), *(write((database, other)[n % 2], n) for n in range(6)))
    await other.close()
    assert sorted(numbers) == list(range(1, 25))  # whoever commits first need not be the first to hear of it
    assert known == list(range(1, 25))


async def test_a_transaction_that_fails_gives_its_number_back(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as session:
            await saved_article(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.transaction() as session:
        assert (await saved_article(session)).change == 1
        assert await session.scalar(select(func.count()).select_from(Article)) == 1


async def test_two_who_save_one_new_article_make_one(database: Database) -> None:
    content = article_content(slug="same")

    async def save(answer: str) -> None:
        async with database.transaction() as session:
            await articles.save(session, changed(content, short_answer=answer))

    await asyncio.gather(save("不能。"), save("不能。"), save("不行。"))
    async with database.reading() as session:
        article = await articles.get(session, "same")
        revisions = await history(session, article.id)
    assert {answer for _, answer, _ in revisions} == {"不能。", "不行。"}
    assert [number for number, _, _ in revisions] == list(range(1, article.change + 1))
    assert article.short_answer == revisions[-1][1]


async def test_two_who_change_one_article_leave_one_of_the_two_whole(database: Database) -> None:
    content = article_content(slug="same", sources=[source(title=f"旧{n}") for n in range(4)])
    async with database.transaction() as session:
        await articles.save(session, content)

    async def save(name: str, count: int) -> None:
        async with database.transaction() as session:
            await articles.get(session, "same")  # what an editor had on the screen
            await asyncio.sleep(0.01)
            sources = [source(title=f"{name}{n}") for n in range(count)]
            await articles.save(session, changed(content, title=name, sources=sources))

    await asyncio.gather(save("一", 1), save("三", 3), save("二", 2))
    async with database.reading() as session:
        article = await articles.get(session, "same")
        revisions = await session.scalars(select(ArticleRevision).order_by(ArticleRevision.number.desc()).limit(1))
        last = revisions.one()
    assert [given.title for given in article.sources] == [f"{article.title}{n}" for n in range(len(article.sources))]
    assert len(article.sources) == "〇一二三".index(article.title)
    assert last.number == article.change == 4
    assert ArticleContent.model_validate(last.content) == articles.content_of(article)


async def test_publishing_while_somebody_saves_records_the_words_that_were_published(database: Database) -> None:
    content = article_content(slug="same", short_answer="旧。")
    async with database.transaction() as session:
        await articles.save(session, content)

    async def publish() -> None:
        async with database.transaction() as session:
            await articles.get(session, "same")
            await asyncio.sleep(0.05)
            await articles.publish(session, "same")

    async def save() -> None:
        async with database.transaction() as session:
            await asyncio.sleep(0.01)
            await articles.save(session, changed(content, short_answer="新。"))

    await asyncio.gather(publish(), save())
    async with database.reading() as session:
        article = await articles.get(session, "same")
        last = (await history(session, article.id))[-1]
    assert (article.status, article.short_answer) == (Status.PUBLISHED, "新。")
    assert last == (3, "新。", Status.PUBLISHED)
