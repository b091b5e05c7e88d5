"""Figures agree with what is counted by hand, and every number with the rows behind it."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import rumours, turns
from knowledge.database import Database
from knowledge.errors import NotAllowed, NotFound
from knowledge.figures import counts, rows
from knowledge.figures.counts import Count, Figures, RegionCounts
from knowledge.figures.scope import LONGEST, Figure, Period, Ref, Scope, regions, scope
from knowledge.models import Band, Role, Rumour, RumourStatus, Turn
from knowledge.people import Actor
from tests.factories import NOON, resident, saved_article, seen, turn

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Period(date(2026, 11, 16), date(2026, 11, 22), SHANGHAI)
"""Monday to Sunday; NOON is on Sunday evening in Shanghai."""
DAY = timedelta(days=1)


async def asked(session: AsyncSession, who: int, at: datetime = NOON, **values: object) -> int:
    """A message with what came of it."""
    values = {"forwarded": False} | values
    route = values.pop("route", "question")
    number = await turn(session, who, received_at=at, route=route, channel=values.pop("channel", "telegram"))
    await session.execute(update(Turn).where(Turn.id == number).values(**values))
    return number


async def rumour(session: AsyncSession, who: int, text: str, first_seen: datetime = NOON, **values: object) -> int:
    """A rumour with one sighting."""
    values = {"version": 0} | values
    number = await rumours.open_rumour(session, await seen(session, who, text, received_at=first_seen))
    await session.execute(update(Rumour).where(Rumour.id == number).values(**values))
    return number


async def settled(session: AsyncSession, who: int, text: str, wait: timedelta, **values: object) -> int:
    """A rumour that was answered at NOON after it had waited."""
    return await rumour(session, who, text, NOON - wait, status=RumourStatus.ANSWERED, settled_at=NOON, **values)


async def of(database: Database, scope: Scope | Period = WEEK) -> Figures:
    async with database.reading() as session:
        return await counts.of(session, scope if isinstance(scope, Scope) else Scope(scope))


async def count(database: Database, figure: Figure, of: str = "", scope: Scope | None = None) -> int:
    async with database.reading() as session:
        return (await rows.of(session, scope or Scope(WEEK), Ref(figure, of))).count


def numbers(counted: object) -> dict[str, int]:
    assert isinstance(counted, list)
    return {item.of: item.count for item in counted if item.count}


@pytest.fixture
async def week(database: Database) -> Database:
    """A week counted by hand below, with something before and after it that must not count."""
    async with database.transaction() as session:
        one, two = await resident(session), await resident(session, "web", channel="web")
        wine = (await saved_article(session, slug="wine", title="喝白酒能杀死病毒吗？")).id
        fraud = (await saved_article(session, slug="account", topic="fraud", title="安全账户是骗局")).id
        for at in (NOON, NOON - DAY, NOON - 3 * DAY):
            await asked(session, one, at, band=Band.SURE, article_id=wine)
        good = await asked(session, two, channel="web", band=Band.SURE, article_id=fraud, route="scam")
        bad = await asked(session, two, channel="web", band=Band.AMBIGUOUS)
        await asked(session, one, band=Band.UNKNOWN, route="claim")
        await asked(session, one, route="greeting")
        notice = await asked(session, one, route="notice", article_id=wine)
        await turns.rate(session, good, helpful=True)
        await turns.rate(session, notice, helpful=True)
        await turns.rate(session, bad, helpful=False, reason="unclear")
        await asked(session, one, WEEK.start, route="test")
        await asked(session, one, WEEK.end - timedelta(microseconds=1), route="test")
        await asked(session, one, WEEK.start - timedelta(microseconds=1), band=Band.SURE, article_id=wine)
        await asked(session, one, WEEK.end, band=Band.SURE, article_id=wine)
    return database


class TestMessages:
    async def test_they_are_counted(self, week: Database) -> None:
        totals = (await of(week)).totals
        assert (totals.messages, totals.asked, totals.sure) == (9, 6, 4)
        assert totals.sure_share == pytest.approx(4 / 6)
        assert (totals.rated, totals.helpful) == (3, 2)
        assert totals.helpful_share == pytest.approx(2 / 3)

    async def test_by_route_channel_band_and_reason(self, week: Database) -> None:
        figures = await of(week)
        assert figures.routes == [
            Count("question", 4), Count("test", 2), Count("claim", 1), Count("greeting", 1), Count("scam", 1),
        ]  # fmt: skip
        assert numbers(figures.channels) == {"telegram": 7, "web": 2}
        assert figures.bands == [Count("sure", 4), Count("ambiguous", 1), Count("unknown", 1)]
        assert figures.reasons == [Count("unclear", 1)]

    async def test_by_topic_and_article(self, week: Database) -> None:
        figures = await of(week)
        assert figures.topics == [Count("health", 3), Count("fraud", 1)]
        assert [(a.slug, a.count, a.helpful, a.unhelpful) for a in figures.articles] == [
            ("wine", 3, 0, 0),
            ("account", 1, 1, 0),
        ]

    async def test_by_day_of_the_office(self, week: Database) -> None:
        steps = (await of(week)).steps
        assert [(step.period.first.day, step.messages, step.asked, step.sure) for step in steps] == [
            (16, 1, 0, 0),
            (17, 0, 0, 0),
            (18, 0, 0, 0),
            (19, 1, 1, 1),
            (20, 0, 0, 0),
            (21, 1, 1, 1),
            (22, 6, 4, 2),
        ]

    async def test_the_days_before_are_there_to_compare(self, week: Database) -> None:
        figures = await of(week)
        assert (figures.before.messages, figures.before.sure) == (1, 1)
        assert await of(week, WEEK.before()) is not None
        assert (await of(week, WEEK.before())).totals == figures.before

    async def test_nothing_is_no_number(self, database: Database) -> None:
        totals = (await of(database)).totals
        assert (totals.messages, totals.sure_share, totals.helpful_share, totals.median_wait) == (0, None, None, None)


class TestRumours:
    async def test_those_first_seen_are_counted_by_state_without_the_merged(self, database: Database) -> None:
        async with database.transaction() as session:
            who = await resident(session)
            into = await rumour(session, who, "井水有毒")
            await rumour(session, who, "井水下毒", status=RumourStatus.MERGED, merged_into_id=into, settled_at=NOON)
            await rumour(session, who, "明天地震", status=RumourStatus.CLAIMED)
            await rumour(session, who, "上周的", WEEK.start - DAY)
        figures = await of(database)
        assert (figures.totals.new, figures.before.new) == (2, 1)
        assert numbers(figures.states) == {"open": 1, "claimed": 1}
        assert "merged" not in [state.of for state in figures.states]

    async def test_waiting_is_from_first_seen_to_verdict(self, database: Database) -> None:
        async with database.transaction() as session:
            who = await resident(session)
            for hours in (1, 2, 3, 4, 5, 6, 7, 8, 9, 200):
                await settled(session, who, f"{hours}小时", timedelta(hours=hours))
            await rumour(session, who, "广告", status=RumourStatus.NOT_A_CLAIM, settled_at=NOON)
        totals = (await of(database)).totals
        assert (totals.verdicts, totals.new) == (10, 10)
        assert (totals.median_wait, totals.ninety_wait) == (timedelta(hours=5), timedelta(hours=9))
        async with database.reading() as session:
            listed = (await rows.of(session, Scope(WEEK), Ref(Figure.VERDICTS))).rumours
        assert [row.text for row in listed][4] == "5小时"

    async def test_one_answered_is_its_own_median(self, database: Database) -> None:
        async with database.transaction() as session:
            await settled(session, await resident(session), "一条", timedelta(minutes=90))
        totals = (await of(database)).totals
        assert totals.median_wait == totals.ninety_wait == timedelta(minutes=90)

    async def test_top_rumours_are_those_received_most_in_the_period(self, database: Database) -> None:
        async with database.transaction() as session:
            who = await resident(session)
            once_popular = await rumour(session, who, "旧的", WEEK.start - DAY)
            for _ in range(4):
                earlier = await seen(session, who, "旧的", received_at=WEEK.start - DAY)
                await rumours.join(session, earlier, once_popular)
            await rumours.join(session, await seen(session, who, "旧的"), once_popular)
            fresh = await rumour(session, who, "新的")
            await rumours.join(session, await seen(session, who, "新的"), fresh)
        figures = await of(database)
        assert [(r.id, r.count, r.before) for r in figures.rumours] == [(fresh, 2, 0), (once_popular, 1, 5)]

    async def test_by_region(self, database: Database) -> None:
        async with database.transaction() as session:
            who = await resident(session)
            await rumour(session, who, "龙游的", region="龙游")
            await settled(session, who, "江山的", DAY, region="江山")
            await rumour(session, who, "到处都有")
        assert (await of(database)).regions == [
            RegionCounts("", 1, 0),
            RegionCounts("江山", 1, 1),
            RegionCounts("龙游", 1, 0),
        ]
        narrowed = await of(database, Scope(WEEK, frozenset({"江山"})))
        assert (narrowed.totals.new, narrowed.totals.verdicts) == (1, 1)
        assert [r.text for r in narrowed.rumours] == ["江山的"]


class TestRegions:
    def actor(self, *held: str) -> Actor:
        return Actor(1, "a", "a", frozenset((Role.DEBUNKER, region) for region in held))

    def test_who_works_everywhere_sees_all_or_one(self) -> None:
        assert scope(self.actor(""), WEEK).regions is None
        assert scope(self.actor("", "江山"), WEEK, "龙游").regions == frozenset({"龙游"})

    def test_who_works_somewhere_sees_that_and_what_goes_round_everywhere(self) -> None:
        assert scope(self.actor("江山"), WEEK).regions == frozenset({"江山", ""})
        assert scope(self.actor("江山"), WEEK, "江山").regions == frozenset({"江山"})
        with pytest.raises(NotAllowed):
            scope(self.actor("江山"), WEEK, "龙游")

    async def test_regions_to_choose_from(self, database: Database) -> None:
        async with database.transaction() as session:
            who = await resident(session)
            for place in ("龙游", "江山", "龙游", ""):
                await rumour(session, who, "某事", region=place)
        async with database.reading() as session:
            assert set(await regions(session, self.actor(""))) == {"龙游", "江山"}
            assert await regions(session, self.actor("江山")) == ["江山"]


class TestRows:
    async def test_every_number_is_as_many_as_its_rows(self, week: Database) -> None:
        async with week.transaction() as session:
            who = await resident(session)
            await settled(session, who, "江山的", DAY, region="江山")
            await rumour(session, who, "到处都有")
        figures = await of(week)
        totals = figures.totals
        for figure, number in [
            (Figure.MESSAGES, totals.messages),
            (Figure.ASKED, totals.asked),
            (Figure.RATED, totals.rated),
            (Figure.NEW, totals.new),
            (Figure.VERDICTS, totals.verdicts),
        ]:
            assert await count(week, figure) == number > 0, figure
        for figure, counted in [
            (Figure.ROUTE, figures.routes),
            (Figure.CHANNEL, figures.channels),
            (Figure.BAND, figures.bands),
            (Figure.REASON, figures.reasons),
            (Figure.TOPIC, figures.topics),
            (Figure.STATE, figures.states),
        ]:
            assert counted
            for item in counted:
                assert await count(week, figure, item.of) == item.count, (figure, item)
        for article in figures.articles:
            assert await count(week, Figure.ARTICLE, str(article.id)) == article.count
            assert await count(week, Figure.ARTICLE_HELPFUL, str(article.id)) == article.helpful
            assert await count(week, Figure.ARTICLE_UNHELPFUL, str(article.id)) == article.unhelpful
        for found in figures.rumours:
            assert await count(week, Figure.RECEIVED, str(found.id)) == found.count
            assert await count(week, Figure.RECEIVED, str(found.id), Scope(WEEK.before())) == found.before
        for place in figures.regions:
            assert await count(week, Figure.REGION, place.region) == place.new
            assert await count(week, Figure.REGION_VERDICTS, place.region) == place.verdicts
        for step in figures.steps:
            assert await count(week, Figure.MESSAGES, "", Scope(step.period)) == step.messages
            assert await count(week, Figure.BAND, "sure", Scope(step.period)) == step.sure
        assert await count(week, Figure.RATING, "yes") == totals.helpful
        assert await count(week, Figure.RATING, "no") == totals.rated - totals.helpful

    async def test_a_message_is_listed_without_its_text(self, week: Database) -> None:
        async with week.reading() as session:
            listed = await rows.of(session, Scope(WEEK), Ref(Figure.REASON, "unclear"))
        (row,) = listed.messages
        assert (row.at, row.channel, row.route, row.band) == (NOON, "web", "question", Band.AMBIGUOUS)
        assert (row.helpful, row.reason, row.article) == (False, "unclear", None)

    async def test_they_come_in_pages(self, database: Database) -> None:
        async with database.transaction() as session:
            who = await resident(session)
            for _ in range(rows.PAGE + 1):
                await asked(session, who)
        async with database.reading() as session:
            pages = [await rows.of(session, Scope(WEEK), Ref(Figure.MESSAGES), page) for page in (1, 2, 99)]
        assert [(len(page.messages), page.page, page.pages) for page in pages] == [(50, 1, 2), (1, 2, 2), (1, 2, 2)]
        assert len({row.id for page in pages for row in page.messages}) == rows.PAGE + 1

    async def test_other_regions_stay_hidden(self, database: Database) -> None:
        async with database.transaction() as session:
            number = await rumour(session, await resident(session), "龙游的", region="龙游")
        mine = Scope(WEEK, frozenset({"江山", ""}))
        assert await count(database, Figure.NEW, "", mine) == 0
        assert await count(database, Figure.REGION, "龙游", mine) == 0
        assert await count(database, Figure.RECEIVED, str(number), mine) == 0

    @pytest.mark.parametrize(
        ("figure", "of"),
        [
            (Figure.BAND, "certain"),
            (Figure.RATING, ""),
            (Figure.TOPIC, "x"),
            (Figure.STATE, "merge"),
            (Figure.ARTICLE, "wine"),
            (Figure.ARTICLE, "99999999999999999999"),
            (Figure.RECEIVED, "-1"),
        ],
    )
    async def test_what_is_no_figure_is_not_found(self, database: Database, figure: Figure, of: str) -> None:
        with pytest.raises(NotFound):
            await count(database, figure, of)


class TestPeriod:
    def test_its_moments_are_those_of_the_office(self) -> None:
        assert WEEK.start == datetime(2026, 11, 15, 16, tzinfo=UTC)
        assert WEEK.end == datetime(2026, 11, 22, 16, tzinfo=UTC)

    def test_days_are_longer_and_shorter_where_clocks_are_changed(self) -> None:
        berlin = Period(date(2026, 10, 25), date(2026, 10, 25), ZoneInfo("Europe/Berlin"))
        assert berlin.end - berlin.start == timedelta(hours=25)

    async def test_messages_are_told_apart_by_the_day_where_clocks_are_changed(self, database: Database) -> None:
        period = Period(date(2026, 10, 24), date(2026, 10, 26), ZoneInfo("Europe/Berlin"))
        async with database.transaction() as session:
            who = await resident(session)
            await asked(session, who, datetime(2026, 10, 24, 22, 0, tzinfo=UTC))  # midnight of the 25th, summer time
            await asked(session, who, datetime(2026, 10, 25, 22, 59, tzinfo=UTC))  # 23:59 of the 25th, winter time
            await asked(session, who, datetime(2026, 10, 25, 23, 0, tzinfo=UTC))  # midnight of the 26th
        assert [step.messages for step in (await of(database, period)).steps] == [0, 2, 1]

    def test_a_long_one_goes_by_weeks_from_monday(self) -> None:
        steps = Period(date(2026, 11, 1), date(2026, 11, 30), SHANGHAI).steps()
        assert [(s.first.day, s.last.day) for s in steps] == [(1, 1), (2, 8), (9, 15), (16, 22), (23, 29), (30, 30)]

    def test_before_it_are_as_many_days(self) -> None:
        assert WEEK.before() == Period(date(2026, 11, 9), date(2026, 11, 15), SHANGHAI)

    @pytest.mark.parametrize(
        ("first", "last"),
        [
            (date(2026, 1, 2), date(2026, 1, 1)),
            (date(2026, 1, 1), date(2026, 1, 1) + LONGEST + DAY),
            (date(1, 1, 1), date(1, 1, 2)),
            (date(9999, 12, 31), date(9999, 12, 31)),
        ],
    )
    def test_an_impossible_one_is_refused(self, first: date, last: date) -> None:
        with pytest.raises(ValueError, match="A period"):
            Period(first, last, SHANGHAI)

    @given(st.dates(date(2000, 1, 1), date(2900, 1, 1)), st.integers(0, LONGEST.days))
    def test_its_steps_are_all_of_it(self, first: date, days: int) -> None:
        period = Period(first, first + timedelta(days=days), SHANGHAI)
        steps = period.steps()
        assert (steps[0].start, steps[-1].end) == (period.start, period.end)
        assert all(one.end == next_one.start for one, next_one in itertools.pairwise(steps))
