"""What residents may read at length, and what they may not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from knowledge import articles, reading
from knowledge.database import Database
from knowledge.errors import ArticleNotFound, ArticleOverdue, ArticleRetired
from knowledge.models import Status, Topic, Verdict
from tests.conftest import EVERY_DATABASE
from tests.factories import article_content, saved_article

TODAY = date(2026, 11, 22)


async def test_a_whole_article_brings_what_an_answer_leaves_out(database: Database) -> None:
    async with database.transaction() as session:
        await saved_article(
            session,
            slug="liquor",
            regions=["浙江省"],
            single_source=True,
            second_reading={"on": "2026-11-20", "changed": "nothing"},
        )
    async with database.reading() as session:
        whole = await reading.whole(session, "liquor", TODAY)
    assert whole.served.slug == "liquor"
    assert whole.served.claim == "喝高度白酒可以杀死体内的病毒。"
    assert (whole.served.regions, whole.served.single_source) == (["浙江省"], True)
    assert whole.second_reading == date(2026, 11, 20)
    assert [source.publisher for source in whole.served.sources] == ["世界卫生组织"]


async def test_published_at_is_when_residents_could_first_see_it(database: Database) -> None:
    async with database.transaction() as session:
        article = await saved_article(session, slug="liquor", status=Status.DRAFT, short_answer="不能。")
    async with database.transaction() as session:
        published = (await articles.publish(session, "liquor")).updated_at
    async with database.transaction() as session:
        await saved_article(session, slug="liquor", short_answer="还是不能。")
    async with database.reading() as session:
        whole = await reading.whole(session, "liquor", TODAY)
    assert article.created_at < whole.published_at
    assert abs((whole.published_at - published).total_seconds()) < 1
    assert whole.published_at < whole.served.updated_at


async def test_related_articles_keep_their_order_and_hidden_ones_are_left_out(database: Database) -> None:
    async with database.transaction() as session:
        await saved_article(session, slug="one", related=["three", "gone", "draft", "old", "nowhere", "two"])
        for slug in ("two", "three", "gone"):
            await saved_article(session, slug=slug)
        await saved_article(session, slug="draft", status=Status.DRAFT)
        await saved_article(session, slug="old", review_by="2026-11-21")
        await articles.retire(session, "gone")
    async with database.reading() as session:
        whole = await reading.whole(session, "one", TODAY)
    assert [article.slug for article in whole.related] == ["three", "two"]


async def test_what_may_not_be_read_says_why(database: Database) -> None:
    async with database.transaction() as session:
        await saved_article(session, slug="draft", status=Status.DRAFT)
        await saved_article(session, slug="old", review_by="2026-11-21")
        await saved_article(session, slug="gone")
        await articles.retire(session, "gone")
    async with database.reading() as session:
        for slug, error in (
            ("nowhere", ArticleNotFound),
            ("draft", ArticleNotFound),
            ("old", ArticleOverdue),
            ("gone", ArticleRetired),
        ):
            with pytest.raises(error, match=slug):
                await reading.whole(session, slug, TODAY)
        assert await reading.listed(session, TODAY) == []


async def test_lists_are_sorted_by_sound_and_counted_by_topic(database: Database) -> None:
    async with database.transaction() as session:
        for slug, title in (("z", "“最后”是什么？"), ("b", "白酒能消毒吗？"), ("y", "油锅着火怎么办？")):
            await saved_article(session, slug=slug, title=title)
        await saved_article(session, slug="safe", topic="fraud", kind="scam_alert")
        await saved_article(session, slug="old", review_by="2026-11-21")
    async with database.reading() as session:
        health = await reading.listed(session, TODAY, Topic.HEALTH)
        every = await reading.listed(session, TODAY)
        counts = await reading.counts(session, TODAY)
    assert [article.slug for article in health] == ["b", "y", "z"]
    assert {article.slug: article.verdict for article in every}["safe"] is Verdict.SCAM
    assert counts == {Topic.HEALTH: 3, Topic.DISASTER: 0, Topic.FRAUD: 1, Topic.DIGITAL: 0}


@pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
async def test_what_may_be_read_changes_by_a_word_and_by_a_date(database: Database) -> None:
    shanghai, written = ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 1, 8, 30, tzinfo=UTC)

    async def changed(today: date) -> datetime | None:
        async with database.reading() as session:
            return await reading.changed_at(session, today, shanghai)

    assert await changed(TODAY) is None
    async with database.transaction() as session:
        for slug, review_by in (("soon", "2026-11-22"), ("late", "2027-01-01")):
            content = article_content(slug=slug, review_by=review_by)
            await articles.save(session, content, status=Status.PUBLISHED, at=written)
    assert await changed(TODAY) == written
    midnight = datetime(2026, 11, 23, tzinfo=shanghai)
    assert await changed(TODAY + timedelta(days=1)) == await changed(TODAY + timedelta(days=9)) == midnight
    async with database.transaction() as session:
        retired = (await articles.retire(session, "late")).updated_at
    assert await changed(TODAY) == retired
