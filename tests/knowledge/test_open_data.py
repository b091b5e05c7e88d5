"""What anybody may have of the rumours."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from knowledge import articles, open_data, rumours
from knowledge.database import Database
from knowledge.models import Rumour, RumourKind, RumourStatus, Sighting, Verdict
from knowledge.open_data import OpenRumour
from tests import factories
from tests.conftest import EVERY_DATABASE
from tests.factories import NOON, VAULT
from tests.knowledge.desk.conftest import asked


async def opened(database: Database) -> list[OpenRumour]:
    """The open data."""
    async with database.reading() as session:
        return await open_data.rumours(session, VAULT)


@pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)
async def test_only_what_three_residents_passed_on_is_open(database: Database) -> None:
    async with database.transaction() as session:
        first = await asked(session, "井水有毒", "井里的水有毒", "水有毒")
        await asked(session, "我家的事", "我家的事", first=10)
        often = await asked(session, "只我一个人说", first=20)
        for _ in range(3):  # the same resident again and again
            resident = await session.scalar(select(Sighting.resident_id).where(Sighting.rumour_id == often.id))
            assert resident
            await rumours.join(session, await factories.seen(session, resident, "只我一个人说"), often.id)
        await asked(session, *["盐要涨价了"] * 4, first=30)
        for number, status in enumerate((RumourStatus.NOT_A_CLAIM, RumourStatus.MERGED), start=4):
            hidden = await asked(session, *["广告"] * 3, first=10 * number)
            hidden.status = status
    found = await opened(database)
    assert [one.sightings for one in found] == [4, 3]
    assert found[1] == OpenRumour(
        id=VAULT.key_of("open data", first.ref)[:16],
        kind=RumourKind.CLAIM,
        text="",
        sightings=3,
        first_seen=NOON.date(),
        last_seen=NOON.date(),
        verdict=None,
        article=None,
    )


async def test_whoever_had_themselves_forgotten_counts_no_more(database: Database) -> None:
    async with database.transaction() as session:
        await asked(session, "井水有毒", "井里的水有毒", "水有毒")
        await session.execute(update(Sighting).where(Sighting.text == "水有毒").values(resident_id=None))
    assert await opened(database) == []


async def test_no_resident_is_quoted(database: Database) -> None:
    async with database.transaction() as session:
        rumour = await asked(session, *["老李家的儿媳妇说井水有毒"] * 3)
        article = await factories.saved_article(session, claim="井水有毒。")
    [found] = await opened(database)
    assert found.text == ""
    async with database.transaction() as session:
        settled = {"status": RumourStatus.ANSWERED, "settled_at": NOON, "article_id": article.id}
        await session.execute(update(Rumour).where(Rumour.id == rumour.id).values(**settled))
    [found] = await opened(database)
    assert found.text == "井水有毒。"


async def test_a_verdict_is_told_while_its_article_is_published(database: Database) -> None:
    async with database.transaction() as session:
        rumour = await asked(session, "喝白酒杀病毒", "喝白酒杀病毒", "喝白酒杀病毒")
        rumour.article_id = (await factories.saved_article(session, slug="baijiu")).id

    async def verdict() -> tuple[Verdict | None, str | None]:
        [found] = await opened(database)
        return found.verdict, found.article

    assert await verdict() == (None, None)  # it is worked on: nothing has been concluded
    async with database.transaction() as session:
        await session.execute(update(Rumour).values(status=RumourStatus.ANSWERED, settled_at=NOON))
    assert await verdict() == (Verdict.FALSE, "baijiu")
    async with database.transaction() as session:
        await articles.retire(session, "baijiu")
    assert await verdict() == (None, None)
