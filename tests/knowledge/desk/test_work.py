"""What people do with a rumour, and what they may not."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from sqlalchemy import func, select

from knowledge import articles, carried, editing, notices, rumours, staff, trend, turns
from knowledge.article_content import ArticleContent
from knowledge.database import Database
from knowledge.desk import detail, verdicts, work
from knowledge.desk.steps import Step
from knowledge.errors import (
    ArticleOverdue,
    DraftBegun,
    EditConflict,
    HarmKept,
    NoDraft,
    NotAllowed,
    NotFound,
    OwnWork,
    RumourChanged,
    RumourNotFound,
    SignOffMissing,
)
from knowledge.models import AuditRow, Follower, Harm, Notice, Reason, Rumour, RumourStatus, Sighting, Status, Turn
from knowledge.people import Actor
from tests import factories
from tests.conftest import EVERY_DATABASE
from tests.factories import NOON
from tests.knowledge.desk.conftest import Desk, asked, step, told

pytestmark = pytest.mark.parametrize("database_url", EVERY_DATABASE, indirect=True)


def content(**overrides: object) -> ArticleContent:
    """What a debunker writes."""
    return factories.article_content(**({"slug": "well-water", "title": "村口的井水有毒吗？"} | overrides))


class TestAssigning:
    async def test_who_claims_a_rumour_works_on_it_until_it_is_released(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒")
            await work.claim(session, rumour.id, step(desk.writer))
            assert (rumour.status, rumour.assigned_to_id) == (RumourStatus.CLAIMED, desk.writer.id)
            await work.assign(session, rumour.id, desk.reader.id, step(desk.writer, 1))
            assert rumour.assigned_to_id == desk.reader.id
            await work.release(session, rumour.id, step(desk.reader, 2))
            assert (await session.get_one(Rumour, rumour.id)).assigned_to_id is None
            actions = await session.scalars(select(AuditRow.action).where(AuditRow.subject == "rumour"))
            assert list(actions) == ["rumour.claim", "rumour.assign", "rumour.release"]

    async def test_what_somebody_worked_on_who_is_shut_out_is_anybodys(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒")
            await work.claim(session, rumour.id, step(desk.writer))
            await staff.deactivate(session, desk.admin, desk.writer.id, NOON)
            assert (rumour.status, rumour.assigned_to_id, rumour.version) == (RumourStatus.OPEN, None, 2)
            assert (await detail.of(session, rumour.id, UTC)).history[0].details == {"of": "Writer"}

    async def test_the_second_of_two_who_claim_it_is_told_who_was_quicker(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒")
            await work.claim(session, rumour.id, step(desk.writer))
            with pytest.raises(RumourChanged, match="by Writer"):
                await work.claim(session, rumour.id, step(desk.reader))
            assert rumour.assigned_to_id == desk.writer.id

    async def test_only_debunkers_of_the_region_may(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒")
            for actor in (desk.editor, desk.expert):
                with pytest.raises(NotAllowed):
                    await work.claim(session, rumour.id, step(actor))
            await work.rate(session, rumour.id, Harm.LOW, "衢江区", step(desk.writer))
            with pytest.raises(NotAllowed):
                await work.claim(session, rumour.id, step(desk.local, 1))
            with pytest.raises(NotAllowed):
                await work.rate(session, rumour.id, Harm.LOW, "", step(desk.local, 1))
            await work.rate(session, rumour.id, Harm.HIGH, "", step(desk.admin, 1))
            await work.claim(session, rumour.id, step(desk.local, 2))
            with pytest.raises(NotFound):
                await work.assign(session, rumour.id, desk.editor.id, step(desk.writer, 3))
            with pytest.raises(RumourNotFound):
                await work.claim(session, 99, step(desk.writer))

    async def test_a_rumour_is_not_given_to_somebody_of_another_region(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒")
            await work.rate(session, rumour.id, Harm.LOW, "衢江区", step(desk.writer))
            with pytest.raises(NotFound):
                await work.assign(session, rumour.id, desk.local.id, step(desk.writer, 1))
            await work.rate(session, rumour.id, Harm.LOW, "柯城区", step(desk.writer, 1))
            await work.assign(session, rumour.id, desk.local.id, step(desk.writer, 2))
            with pytest.raises(NotAllowed):
                await work.rate(session, rumour.id, Harm.LOW, "衢江区", step(desk.local, 3))

    async def test_high_harm_is_made_light_of_by_experts_only(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒")
            await work.rate(session, rumour.id, Harm.HIGH, "", step(desk.writer))
            with pytest.raises(HarmKept):
                await work.rate(session, rumour.id, Harm.LOW, "", step(desk.writer, 1))
            await work.rate(session, rumour.id, Harm.HIGH, "衢江区", step(desk.writer, 1))
            await work.rate(session, rumour.id, Harm.LOW, "", step(desk.expert, 2))
            assert rumour.harm == Harm.LOW


class TestNotes:
    async def test_an_expert_is_asked_and_answers(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒")
            await work.add_note(session, rumour.id, "问过水务局", step(desk.writer))
            await work.ask_expert(session, rumour.id, desk.expert.id, "这个指标高吗？", step(desk.writer))
            await work.answer_as_expert(session, rumour.id, "不高。", step(desk.expert))
            with pytest.raises(NotAllowed):
                await work.answer_as_expert(session, rumour.id, "不高。", step(desk.writer))
            with pytest.raises(NotFound):
                await work.ask_expert(session, rumour.id, desk.reader.id, "？", step(desk.writer))
            with pytest.raises(NotFound, match="Write something"):
                await work.add_note(session, rumour.id, "  ", step(desk.writer))


class TestMerging:
    async def test_the_other_holds_everything_and_later_sightings_join_it(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            one, other = await asked(session, "井水有毒", "井里的水有毒"), await asked(session, "水井被投毒", first=2)
            await rumours.follow(session, one.id, 2, NOON)
            await rumours.follow(session, other.id, 2, NOON)
            await work.merge(session, one.id, other.id, step(desk.writer))
            assert (one.status, one.sightings, other.sightings) == (RumourStatus.MERGED, 0, 3)
            assert trend.weight(other.trend, NOON) == pytest.approx(3)
            assert await session.scalar(select(func.count()).where(Sighting.rumour_id == other.id)) == 3
            assert list(await session.scalars(select(Follower.rumour_id))) == [other.id]
            with pytest.raises(RumourChanged):
                await work.merge(session, other.id, one.id, step(desk.writer, 1))
            with pytest.raises(RumourChanged):
                await work.merge(session, other.id, other.id, step(desk.writer, 1))
            assert await rumours.joinable(session, one.id) == other.id
            await verdicts.not_a_claim(session, other.id, "chat", step(desk.writer, 1))
            assert await rumours.joinable(session, one.id) is None
            assert await rumours.joinable(session, 99) is None

    async def test_only_who_had_not_heard_hears_what_settled_the_other(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            other, one = await asked(session, "井水有毒", "井里的水有毒"), await asked(session, "水井被投毒", first=3)
            await rumours.follow(session, one.id, 2, NOON)
            article = await factories.saved_article(session)
            await verdicts.link(session, other.id, article.slug, step(desk.writer))
            for item in await notices.to_say(session, ["telegram"], NOON.date(), limit=9):
                await carried.attach(session, Notice, item.id, await factories.turn(session, item.resident_id))
            await editing.save_draft(session, desk.editor, articles.content_of(article), base=1, at=NOON)
            await notices.tell(session, one.id, Reason.STILL_UNSURE, at=NOON)
            await work.merge(session, one.id, other.id, step(desk.writer))
            waiting = await notices.to_say(session, ["telegram"], NOON.date(), limit=9)
            assert [(item.resident_id, item.reason) for item in waiting] == [(3, Reason.VERDICT)]

    async def test_whoever_is_merged_into_what_is_no_claim_hears_that_too(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            one, other = await asked(session, "好天气"), await asked(session, "天气真好", first=2)
            await verdicts.not_a_claim(session, other.id, "chat", step(desk.writer))
            await work.merge(session, one.id, other.id, step(desk.writer))
            assert await told(session) == [(2, Reason.NOT_A_CLAIM), (1, Reason.NOT_A_CLAIM)]

    async def test_a_draft_goes_along(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            one, other = await asked(session, "井水有毒"), await asked(session, "水井被投毒", first=2)
            await verdicts.draft(session, one.id, content(), step(desk.writer))
            await work.merge(session, one.id, other.id, step(desk.writer, 1))
            await verdicts.submit(session, other.id, step(desk.writer, 1))
            assert other.status is RumourStatus.REVIEW

    async def test_no_draft_is_left_behind(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            one, other = await asked(session, "井水有毒"), await asked(session, "水井被投毒", first=2)
            settled = await asked(session, "天气真好", first=3)
            await verdicts.not_a_claim(session, settled.id, "chat", step(desk.writer))
            await verdicts.draft(session, one.id, content(), step(desk.writer))
            await verdicts.draft(session, other.id, content(slug="another"), step(desk.reader))
            for into in (other, settled):
                with pytest.raises(DraftBegun) as begun:
                    await work.merge(session, one.id, into.id, step(desk.writer, 1))
                assert (begun.value.ref, begun.value.slug) == (one.ref, "well-water")
            await verdicts.withdraw(session, "another", desk.reader, NOON)
            await work.merge(session, one.id, other.id, step(desk.writer, 1))
            assert other.article_id == (await articles.get(session, "well-water")).id

    async def test_what_says_something_else_becomes_a_rumour_of_its_own(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒", "井水涨价", "井水有毒吗")
            sightings = list(await session.scalars(select(Sighting.id).order_by(Sighting.id)))
            with pytest.raises(NotFound):
                await work.split(session, rumour.id, sightings, step(desk.writer))
            with pytest.raises(NotFound):
                await work.split(session, rumour.id, [999], step(desk.writer))
            made = await work.split(session, rumour.id, [sightings[1]], step(desk.writer))
            assert (made.text, made.sightings, rumour.sightings) == ("井水涨价", 1, 2)
            assert trend.weight(rumour.trend, NOON) == pytest.approx(2)

    async def test_every_sighting_of_the_same_words_goes_along(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒", "井水涨价", "井水涨价", "井水有毒吗")
            newest = await session.scalar(select(func.max(Sighting.id)).where(Sighting.text == "井水涨价"))
            made = await work.split(session, rumour.id, [newest or 0], step(desk.writer), alike=True)
            assert (made.text, made.sightings, rumour.sightings) == ("井水涨价", 2, 2)

    async def test_what_loses_its_own_words_goes_by_the_next(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒", "井水涨价", "井水要涨价")
            first = await session.scalar(select(func.min(Sighting.id)))
            made = await work.split(session, rumour.id, [first or 0], step(desk.writer))
            assert (made.text, rumour.text) == ("井水有毒", "井水涨价")

    async def test_each_part_was_seen_when_its_own_sightings_came(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒", "井水有毒吗", "井水涨价")
            sightings = list(await session.scalars(select(Sighting).order_by(Sighting.id)))
            for day, sighting in enumerate(sightings):
                sighting.received_at = NOON + timedelta(days=day)
            made = await work.split(session, rumour.id, [sightings[2].id], step(desk.writer))
            assert (rumour.first_seen, rumour.last_seen) == (NOON, NOON + timedelta(days=1))
            assert made.first_seen == made.last_seen == NOON + timedelta(days=2)


class TestSettling:
    async def test_what_is_no_claim_gets_a_canned_reply(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "张三家的狗真好看")
            with pytest.raises(NotFound):
                await verdicts.not_a_claim(session, rumour.id, "nonsense", step(desk.writer))
            await verdicts.not_a_claim(session, rumour.id, "chat", step(desk.writer))
            assert (rumour.status, rumour.canned, rumour.settled_at) == (RumourStatus.NOT_A_CLAIM, "chat", NOON)
            assert await told(session) == [(1, Reason.NOT_A_CLAIM)]

    async def test_linking_to_a_published_debunk_tells_everybody_who_waits_at_once(
        self, database: Database, desk: Desk
    ) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒", "井里的水有毒")
            hidden = await factories.saved_article(session, status=Status.DRAFT)
            article = await factories.saved_article(session)
            with pytest.raises(NotFound):
                await verdicts.link(session, rumour.id, hidden.slug, step(desk.writer))
            await verdicts.link(session, rumour.id, article.slug, step(desk.writer))
            assert (rumour.status, rumour.article_id) == (RumourStatus.ANSWERED, article.id)
            assert await told(session) == [(1, Reason.VERDICT), (2, Reason.VERDICT)]
            with pytest.raises(RumourChanged):
                await verdicts.link(session, rumour.id, article.slug, step(desk.writer, 1))

    async def test_linking_does_not_get_around_the_expert(self, database: Database, desk: Desk) -> None:
        number = await drafted(database, desk)
        async with database.transaction() as session:
            await verdicts.sign_off(session, number, 1, step(desk.reader, 3))
            await verdicts.publish(session, number, 1, step(desk.writer, 4))
            grave = await asked(session, "河水有毒", first=3)
            await work.rate(session, grave.id, Harm.HIGH, "", step(desk.writer))
            with pytest.raises(SignOffMissing):
                await verdicts.link(session, grave.id, "well-water", step(desk.writer, 1))

    async def test_a_debunk_may_be_begun_after_a_wrong_link(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒")
            wrong = await factories.saved_article(session)
            await verdicts.link(session, rumour.id, wrong.slug, step(desk.writer))
            await verdicts.reopen(session, rumour.id, step(desk.writer, 1))
            await verdicts.draft(session, rumour.id, content(), step(desk.writer, 2))
            assert rumour.article_id != wrong.id

    async def test_after_a_wrong_link_everybody_hears_the_right_verdict(self, database: Database, desk: Desk) -> None:
        """Both articles are at their first revision."""
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒", "井里的水有毒")
            wrong, right = await factories.saved_article(session), await factories.saved_article(session, slug="right")
            await verdicts.link(session, rumour.id, wrong.slug, step(desk.writer))
            heard = await notices.to_say(session, ["telegram"], NOON.date(), limit=1)
            await carried.attach(session, Notice, heard[0].id, await factories.turn(session, heard[0].resident_id))
            await verdicts.reopen(session, rumour.id, step(desk.writer, 1))
            assert await notices.to_say(session, ["telegram"], NOON.date(), limit=9) == []
            await verdicts.link(session, rumour.id, right.slug, step(desk.writer, 2))
            waiting = await notices.to_say(session, ["telegram"], NOON.date(), limit=9)
            assert [(item.resident_id, item.article_id) for item in waiting] == [(1, right.id), (2, right.id)]

    @pytest.mark.parametrize("review_by", ["2026-11-21", "2026-11-22"])  # the day of NOON, over already in Beijing
    async def test_what_is_due_for_review_settles_nothing(self, database: Database, desk: Desk, review_by: str) -> None:
        async with database.transaction() as session:
            rumour, other = await asked(session, "井水有毒"), await asked(session, "河水有毒", first=2)
            article = await factories.saved_article(session, review_by=review_by)
            with pytest.raises(ArticleOverdue):
                await verdicts.link(session, rumour.id, article.slug, step(desk.writer))
            await verdicts.draft(session, other.id, content(review_by=review_by), step(desk.writer))
            await verdicts.sign_off(session, other.id, 1, step(desk.reader, 1))
            with pytest.raises(ArticleOverdue):
                await verdicts.publish(session, other.id, 1, step(desk.writer, 2))
            assert await told(session) == []

    async def test_a_rumour_has_one_draft(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            rumour = await asked(session, "井水有毒")
            await verdicts.draft(session, rumour.id, content(), step(desk.writer))
            for version in (0, 1):
                with pytest.raises(DraftBegun) as begun:
                    await verdicts.draft(session, rumour.id, content(slug="another"), step(desk.reader, version))
                assert begun.value.slug == "well-water"
            assert rumour.article_id == (await articles.get(session, "well-water")).id

    async def test_another_article_takes_the_place_of_what_was_wrong(self, database: Database, desk: Desk) -> None:
        number = await drafted(database, desk)
        async with database.transaction() as session:
            await verdicts.withdraw(session, "well-water", desk.writer, NOON)
            rumour = await session.get_one(Rumour, number)
            assert (rumour.status, rumour.article_id, rumour.version) == (RumourStatus.CLAIMED, None, 4)
            second = await verdicts.draft(session, number, content(slug="second"), step(desk.writer, 4))
            await verdicts.sign_off(session, number, second.number, step(desk.reader, 5))
            await verdicts.publish(session, number, second.number, step(desk.writer, 6))
            await verdicts.reopen(session, number, step(desk.writer, 7))
            third = await verdicts.draft(session, number, content(slug="third"), step(desk.writer, 8))
            assert rumour.article_id == third.article_id


async def test_another_canned_reply_is_told_and_the_same_one_is_no_news(database: Database, desk: Desk) -> None:
    async with database.transaction() as session:
        rumour = await asked(session, "井水有毒")
        for canned, notices_by_then in (("chat", 1), ("chat", 1), ("private", 2)):
            await verdicts.not_a_claim(session, rumour.id, canned, step(desk.writer, rumour.version))
            for item in await notices.to_say(session, ["telegram"], NOON.date(), limit=9):
                turn = await factories.turn(session, item.resident_id)
                await carried.attach(session, Notice, item.id, turn)
            assert len(await told(session)) == notices_by_then
            await verdicts.reopen(session, rumour.id, step(desk.writer, rumour.version))


async def drafted(database: Database, desk: Desk, harm: Harm = Harm.MEDIUM) -> int:
    """A rumour whose draft waits for a second person; its id. It is at version 3."""
    async with database.transaction() as session:
        rumour = await asked(session, "井水有毒", "井里的水有毒")
        await work.rate(session, rumour.id, harm, "", step(desk.writer))
        await verdicts.draft(session, rumour.id, content(), step(desk.writer, 1))
        await verdicts.submit(session, rumour.id, step(desk.writer, 2))
        assert rumour.status is RumourStatus.REVIEW
        return rumour.id


class TestPublishing:
    async def test_a_second_person_signs_off_then_everybody_is_told(self, database: Database, desk: Desk) -> None:
        number = await drafted(database, desk)
        async with database.transaction() as session:
            with pytest.raises(SignOffMissing):
                await verdicts.publish(session, number, 1, step(desk.writer, 3))
            with pytest.raises(OwnWork):
                await verdicts.sign_off(session, number, 1, step(desk.writer, 3))
            with pytest.raises(EditConflict):
                await verdicts.sign_off(session, number, 7, step(desk.reader, 3))
            await verdicts.sign_off(session, number, 1, step(desk.reader, 3))
            assert await articles.servable(session, [1], NOON.date()) == {}
            rumour = await verdicts.publish(session, number, 1, step(desk.writer, 4))
            assert rumour.status is RumourStatus.ANSWERED
            draft = (await detail.of(session, number, UTC)).draft
            assert draft is not None
            assert [person.name for person in draft.signers] == ["Reader"]
            assert await articles.servable(session, [1], NOON.date())
            assert await told(session) == [(1, Reason.VERDICT), (2, Reason.VERDICT)]

    async def test_a_change_after_the_sign_off_needs_another(self, database: Database, desk: Desk) -> None:
        number = await drafted(database, desk)
        async with database.transaction() as session:
            await verdicts.sign_off(session, number, 1, step(desk.reader, 3))
            # The second reader mends a word herself: now somebody else has to read it.
            mended = content(short_answer="没有毒。水务局化验过，可以照常用。")
            assert (await editing.save_draft(session, desk.reader, mended, base=1, at=NOON)).number == 2
            for actor, error in ((desk.reader, OwnWork), (desk.writer, OwnWork)):
                with pytest.raises(error):
                    await verdicts.sign_off(session, number, 2, step(actor, 4))
            with pytest.raises(SignOffMissing):
                await verdicts.publish(session, number, 2, step(desk.writer, 4))
            await verdicts.sign_off(session, number, 2, step(desk.editor, 4))
            await verdicts.publish(session, number, 2, step(desk.writer, 5))

    async def test_false_needs_an_expert_where_much_harm_may_be_done(self, database: Database, desk: Desk) -> None:
        number = await drafted(database, desk, Harm.HIGH)
        async with database.transaction() as session:
            await verdicts.sign_off(session, number, 1, step(desk.reader, 3))
            with pytest.raises(SignOffMissing, match="expert"):
                await verdicts.publish(session, number, 1, step(desk.writer, 4))
            await verdicts.sign_off(session, number, 1, step(desk.expert, 4))
            await verdicts.publish(session, number, 1, step(desk.writer, 5))

    async def test_a_correction_and_a_withdrawal_are_told_again(self, database: Database, desk: Desk) -> None:
        number = await drafted(database, desk)
        async with database.transaction() as session:
            await verdicts.sign_off(session, number, 1, step(desk.reader, 3))
            await verdicts.publish(session, number, 1, step(desk.writer, 4))
            other = content(verdict="misleading")
            saved = await editing.save_draft(session, desk.reader, other, base=2, at=NOON)
            served = (await articles.servable(session, [1], NOON.date()))[1]
            assert served.verdict == "false"  # until the correction is published
            with pytest.raises(SignOffMissing):
                await verdicts.correct(session, "well-water", saved.number, desk.reader, NOON)
            await editing.sign_off(session, desk.writer, "well-water", saved.number, at=NOON)
            await verdicts.correct(session, "well-water", saved.number, desk.reader, NOON)
            assert (await articles.servable(session, [1], NOON.date()))[1].verdict == "misleading"
            # The verdict was still waiting to be sent; only the newest word is ever said.
            assert await told(session) == [(1, Reason.CORRECTION), (2, Reason.CORRECTION)]
            await verdicts.withdraw(session, "well-water", desk.reader, NOON)
            assert await told(session) == [(1, Reason.WITHDRAWAL), (2, Reason.WITHDRAWAL)]
            rumour = await session.get_one(Rumour, number)
            assert rumour.status is RumourStatus.CLAIMED
            assert await articles.servable(session, [1], NOON.date()) == {}

    async def test_nobody_hears_of_a_correction_of_what_they_do_not_read(self, database: Database, desk: Desk) -> None:
        number = await drafted(database, desk)

        async def heard() -> list[tuple[int, Reason]]:
            found = await notices.to_say(session, ["telegram"], NOON.date(), limit=9)
            for item in found:
                await carried.attach(session, Notice, item.id, await factories.turn(session, item.resident_id))
            return [(item.resident_id, item.reason) for item in found]

        async with database.transaction() as session:
            await verdicts.sign_off(session, number, 1, step(desk.reader, 3))
            await verdicts.publish(session, number, 1, step(desk.writer, 4))
            assert await heard() == [(1, Reason.VERDICT), (2, Reason.VERDICT)]
            phrased = content(asked_as=[f"井水能喝吗{number}" for number in range(9)])
            saved = await editing.save_draft(session, desk.writer, phrased, base=2, at=NOON)
            await editing.sign_off(session, desk.reader, "well-water", saved.number, at=NOON)
            await verdicts.correct(session, "well-water", saved.number, desk.writer, NOON)
            assert await heard() == []

    async def test_published_anew_unchanged_it_is_told_to_who_has_not_heard(
        self, database: Database, desk: Desk
    ) -> None:
        number = await drafted(database, desk)
        async with database.transaction() as session:
            await verdicts.sign_off(session, number, 1, step(desk.reader, 3))
            await verdicts.publish(session, number, 1, step(desk.writer, 4))
            for item in await notices.to_say(session, ["telegram"], NOON.date(), limit=1):
                await carried.attach(session, Notice, item.id, await factories.turn(session, item.resident_id))
            await verdicts.reopen(session, number, step(desk.writer, 5))
            phrased = content(asked_as=[f"井水能喝吗{number}" for number in range(9)])
            saved = await editing.save_draft(session, desk.writer, phrased, base=2, at=NOON)
            await verdicts.sign_off(session, number, saved.number, step(desk.reader, 6))
            await verdicts.publish(session, number, saved.number, step(desk.writer, 7))
            waiting = await notices.to_say(session, ["telegram"], NOON.date(), limit=9)
            assert [(item.resident_id, item.reason) for item in waiting] == [(2, Reason.VERDICT)]

    async def test_publishing_anew_what_residents_know_is_a_correction_for_everybody_told(
        self, database: Database, desk: Desk
    ) -> None:
        number = await drafted(database, desk)
        async with database.transaction() as session:
            await verdicts.sign_off(session, number, 1, step(desk.reader, 3))
            await verdicts.publish(session, number, 1, step(desk.writer, 4))
            other = await asked(session, "河水有毒", first=3)
            await verdicts.link(session, other.id, "well-water", step(desk.writer))
            await verdicts.reopen(session, number, step(desk.writer, 5))
            with pytest.raises(NoDraft):
                await verdicts.submit(session, number, step(desk.writer, 6))
            saved = await editing.save_draft(session, desk.writer, content(verdict="misleading"), base=2, at=NOON)
            await verdicts.sign_off(session, number, saved.number, step(desk.reader, 6))
            await verdicts.publish(session, number, saved.number, step(desk.writer, 7))
            assert sorted(await told(session)) == [(resident, Reason.CORRECTION) for resident in (1, 2, 3)]

    async def test_nobody_hears_that_a_draft_they_never_saw_was_given_up(self, database: Database, desk: Desk) -> None:
        await drafted(database, desk)
        async with database.transaction() as session:
            await verdicts.withdraw(session, "well-water", desk.writer, NOON)
            assert await told(session) == []

    async def test_debunkers_do_not_withdraw_what_judges_no_claim(self, database: Database, desk: Desk) -> None:
        async with database.transaction() as session:
            article = await factories.saved_article(session, kind="explainer", claim=None, verdict=None)
            with pytest.raises(NotAllowed):
                await verdicts.withdraw(session, article.slug, desk.writer, NOON)
            await verdicts.withdraw(session, article.slug, desk.editor, NOON)

    async def test_experts_and_residents_do_not_publish(self, database: Database, desk: Desk) -> None:
        number = await drafted(database, desk)
        async with database.transaction() as session:
            await verdicts.sign_off(session, number, 1, step(desk.reader, 3))
            with pytest.raises(NotAllowed):
                await verdicts.publish(session, number, 1, step(desk.expert, 4))
            nobody = Actor(desk.writer.id, "x", "x", frozenset())
            with pytest.raises(NotAllowed):
                await verdicts.withdraw(session, "well-water", nobody, NOON)


async def test_an_answer_that_disappoints_comes_back_once(database: Database, desk: Desk) -> None:
    async with database.transaction() as session:
        rumour = await asked(session, "井水有毒")
        article = await factories.saved_article(session)
        await verdicts.link(session, rumour.id, article.slug, Step(desk.writer, 0, NOON - timedelta(days=300)))
        for number in range(4):
            turn = await factories.turn(session, 1)
            (await session.get_one(Turn, turn)).article_id = article.id
            await session.flush()
            assert await verdicts.reopen_disappointing(session, NOON) == 0
            await turns.rate(session, turn, helpful=number == 0)
        assert await verdicts.reopen_disappointing(session, NOON) == 1
        assert (rumour.status, rumour.answer_due) == (RumourStatus.OPEN, NOON + rumours.ANSWERED_WITHIN)
        assert await verdicts.reopen_disappointing(session, NOON) == 0
