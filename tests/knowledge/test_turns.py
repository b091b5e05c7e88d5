"""Each message once, and each reply sent by one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import turns
from knowledge.database import Database
from knowledge.errors import TurnNotFound
from knowledge.models import Band, Delivery, Feedback, Turn
from tests.factories import NOON, VAULT, resident, saved_article, turn


def received(key: str = "7", channel: str = "telegram") -> turns.Received:
    """A question as it came in."""
    return turns.Received(channel=channel, key=key, route="question", forwarded=True, received_at=NOON)


def conclusion(**overrides: Any) -> turns.Conclusion:
    """A reply that still has to be sent."""
    given: dict[str, Any] = {
        "resident_id": None,
        "language": "zh-Hans",
        "band": Band.SURE,
        "probability": 0.93,
        "article_id": None,
        "reply": {"text": "不能。", "choices": [["有用", "没用"]]},
        "delivery": Delivery.PENDING,
        "ms": 12.5,
    }
    return turns.Conclusion(**(given | overrides))


async def pending(session: AsyncSession, resident_id: int, **overrides: Any) -> int:
    """A turn whose reply waits to be sent."""
    turn_id = await turn(session, resident_id, **overrides)
    await turns.conclude(session, turn_id, conclusion(resident_id=resident_id, reply={"text": f"{turn_id}"}))
    return turn_id


async def stored(database: Database, turn_id: int) -> Turn:
    """A turn as the database has it."""
    async with database.reading() as session:
        return (await session.scalars(select(Turn).where(Turn.id == turn_id))).one()


async def test_the_same_message_is_remembered_once(database: Database) -> None:
    async with database.transaction() as session:
        first = await turns.remember(session, received())
        assert first is not None
        assert await turns.remember(session, received()) is None
        assert await turns.remember(session, received(key="8")) not in (None, first)
        assert await turns.remember(session, received(channel="web")) not in (None, first)
        assert await session.scalar(select(func.count()).select_from(Turn)) == 3
        known = await turns.handled_before(session, "telegram", "7")
        assert known is not None
        assert known.id == first
        assert await turns.handled_before(session, "web", "8") is None


async def test_one_message_delivered_to_many_workers_is_handled_by_one(database: Database, database_url: str) -> None:
    other = Database(database_url)

    async def handle(through: Database) -> int | None:
        async with through.transaction() as session:
            turn_id = await turns.remember(session, received())
            await asyncio.sleep(0.005)
            return turn_id

    found = await asyncio.gather(*(handle(through) for through in (database, other) * 4))
    await other.close()
    assert sorted(turn_id is None for turn_id in found) == [False] + [True] * 7


async def test_what_was_decided_is_stored(database: Database) -> None:
    async with database.transaction() as session:
        article = await saved_article(session)
        one = await resident(session)
        turn_id = await turns.remember(session, received())
        assert turn_id is not None
        untouched = await turn(session, one)
        await turns.conclude(session, turn_id, conclusion(resident_id=one, article_id=article.id))
    kept = await stored(database, turn_id)
    assert (kept.channel, kept.key, kept.resident_id, kept.route, kept.forwarded) == (
        "telegram",
        "7",
        one,
        "question",
        True,
    )
    assert (kept.language, kept.band, kept.probability, kept.article_id) == ("zh-Hans", Band.SURE, 0.93, article.id)
    assert (kept.reply, kept.delivery) == ({"text": "不能。", "choices": [["有用", "没用"]]}, Delivery.PENDING)
    assert (kept.ms, kept.received_at) == (12.5, NOON)
    other = await stored(database, untouched)
    assert (other.language, other.reply, other.delivery, other.band) == ("", None, Delivery.NONE, None)


async def test_a_turn_is_given_to_its_owner_only(database: Database) -> None:
    async with database.transaction() as session:
        one, other = await resident(session, "1"), await resident(session, "2")
        turn_id = await turn(session, one)
        assert (await turns.owned(session, turn_id, one)).id == turn_id
        for wrong_turn, wrong_resident in ((turn_id, other), (999, one), (-1, one), (turn_id, 0)):
            with pytest.raises(TurnNotFound, match=f"Turn {wrong_turn} does not exist or belongs to somebody else"):
                await turns.owned(session, wrong_turn, wrong_resident)


async def test_the_last_language_is_that_of_the_last_answer(database: Database) -> None:
    async with database.transaction() as session:
        one, other = await resident(session, "1"), await resident(session, "2")
        assert await turns.last_language(session, one) is None
        for language in ("zh-Hans", "zh-Hant"):
            await turns.conclude(session, await turn(session, one), conclusion(resident_id=one, language=language))
        await turn(session, one)  # not answered yet
        await turns.conclude(session, await turn(session, other), conclusion(resident_id=other, language="en"))
        assert await turns.last_language(session, one) == "zh-Hant"


async def test_a_later_opinion_replaces_an_earlier_one(database: Database) -> None:
    async with database.transaction() as session:
        one = await resident(session)
        rated, other = await turn(session, one), await turn(session, one)
        await turns.rate(session, other, helpful=True)
        await turns.rate(session, rated, helpful=True)
        await turns.rate(session, rated, helpful=False, reason="unclear")
        await turns.rate(session, rated, helpful=False, reason="wrong")
        await turns.rate(session, rated, helpful=False)
        assert await turns.reason_given(session, rated) == "wrong"
        await turns.rate(session, other, helpful=False, reason="old")
        await turns.rate(session, other, helpful=True)
        assert await turns.reason_given(session, other) is None
    async with database.reading() as session:
        rows = await session.scalars(select(Feedback).order_by(Feedback.turn_id))
        assert [(row.turn_id, row.helpful, row.reason) for row in rows] == [
            (rated, False, "wrong"),
            (other, True, None),
        ]


async def test_a_reply_is_claimed_by_one_of_many(database: Database, database_url: str) -> None:
    other = Database(database_url)
    async with database.transaction() as session:
        turn_id = await pending(session, await resident(session))

    async def claim(through: Database) -> bool:
        async with through.transaction() as session:
            claimed = await turns.claim_delivery(session, turn_id)
            await asyncio.sleep(0.005)
            return claimed

    claims = await asyncio.gather(*(claim(through) for through in (database, other) * 4))
    await other.close()
    assert sorted(claims) == [False] * 7 + [True]
    assert (await stored(database, turn_id)).delivery is Delivery.SENDING


@pytest.mark.parametrize(("delivered", "outcome"), [(True, Delivery.SENT), (False, Delivery.FAILED)])
async def test_once_sending_ended_the_text_is_let_go(database: Database, delivered: bool, outcome: Delivery) -> None:
    async with database.transaction() as session:
        one = await resident(session)
        turn_id, other = await pending(session, one), await pending(session, one)
        assert await turns.claim_delivery(session, turn_id)
        await turns.settle_delivery(session, turn_id, delivered=delivered)
        assert not await turns.claim_delivery(session, turn_id)
    settled = await stored(database, turn_id)
    assert (settled.delivery, settled.reply) == (outcome, None)
    assert (await stored(database, other)).reply == {"text": f"{other}"}


async def test_replies_wait_oldest_first_each_with_its_address(database: Database) -> None:
    async with database.transaction() as session:
        one, other = await resident(session, "1001"), await resident(session, "1002")
        first, second, third = [await pending(session, who) for who in (one, other, one)]
        claimed = await pending(session, one)
        await turns.claim_delivery(session, claimed)
        await pending(session, one, channel="web")
        await turns.conclude(session, await turn(session, one), conclusion(resident_id=one, reply=None))
        await turns.conclude(session, await turn(session, one), conclusion(resident_id=one, delivery=Delivery.NONE))
    async with database.reading() as session:
        found = await turns.waiting(session, "telegram", 100)
        assert [(reply.turn_id, VAULT.open(reply.address), reply.reply) for reply in found] == [
            (first, "1001", {"text": f"{first}"}),
            (second, "1002", {"text": f"{second}"}),
            (third, "1001", {"text": f"{third}"}),
        ]


async def test_old_replies_are_let_go_unless_they_still_wait(database: Database) -> None:
    async with database.transaction() as session:
        one = await resident(session)
        before, at = NOON - timedelta(seconds=1), NOON
        old, new, waiting = [await pending(session, one, received_at=when) for when in (before, at, before)]
        for turn_id in (old, new):
            await turns.conclude(session, turn_id, conclusion(resident_id=one, delivery=Delivery.NONE))
        assert await turns.forget_replies(session, NOON) == 1
        assert await turns.forget_replies(session, NOON) == 0
    assert (await stored(database, old)).reply is None
    assert (await stored(database, new)).reply is not None
    assert (await stored(database, waiting)).reply == {"text": f"{waiting}"}
