"""Telling the people who asked: who hears what, once, and how it fares on the way.

A notice waits until it is put into words, which makes a turn of it; the turn's delivery then says how it fares. Plain
functions that take a session; the caller commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, exists, func, literal, or_, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge.models import (
    UNSETTLED,
    Article,
    Delivery,
    Follower,
    Notice,
    Reason,
    Resident,
    Rumour,
    Sighting,
    Status,
    Turn,
)
from knowledge.models.base import table_of

REMINDED_BEFORE = timedelta(hours=1)
"""How long before a rumour's answer is due those who asked hear that it is still unsure."""
REMINDED_UNTIL = timedelta(days=7)
"""How long after it: a bot that was off for a day still owes the word, but not for ever."""
WAITS_FOR = timedelta(days=180)
"""How long a notice waits for a visitor of the web page to come again."""

_CONCLUDING = (Reason.VERDICT, Reason.CORRECTION)
"""What tells the conclusion of an article, which must be servable then."""
_CHANGING = (Reason.CORRECTION, Reason.WITHDRAWAL)
"""What matters to everybody the article was ever shown to."""


_Pairs = Select[Any, Any]
"""Rows of a resident's id and a rumour's."""


@dataclass(frozen=True, slots=True)
class Told:
    """How many of the people who asked heard of a rumour, notices counted."""

    waiting: int = 0
    """Not put into words: new, to be tried again, or until somebody visits the web page again."""
    sending: int = 0
    """On the way; a process that was killed meanwhile leaves it so, since it may have arrived."""
    delivered: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSay:
    """A waiting notice with all that is needed to put it into words."""

    id: int
    reason: Reason
    attempts: int
    rumour_id: int
    canned: str | None
    article_id: int | None
    said: str | None
    """What the resident said, redacted; none where only somebody else's words are known."""
    heard: bool
    """Whether the resident was told a conclusion before, or had this article as an answer."""
    resident_id: int
    channel: str
    language: str | None
    """The language the resident chose, or last spoke."""


async def tell(
    session: AsyncSession,
    rumour_id: int,
    reason: Reason,
    *,
    at: datetime,
    article_id: int | None = None,
    change: int = 0,
) -> int:
    """Let everybody who asked about a rumour, and does not mind, hear of it; how many. The caller commits.

    `change` tells one word from another, as a revision's id does: telling the same again tells nobody twice. What still
    waits to be told of this rumour is replaced: only the newest word is ever said. A correction or withdrawal also goes
    to those who had the article as an answer.
    """
    await _supersede(session, Notice.rumour_id == rumour_id, reason, change)
    asked = _askers(lambda column: column == rumour_id)
    if article_id is not None and reason in _CHANGING:
        asked.append(_shown(article_id, literal(rumour_id)))
    return await _insert(session, asked, reason, at=at, article_id=article_id, change=change)


async def tell_merged(
    session: AsyncSession,
    merged_id: int,
    into_id: int,
    reason: Reason,
    *,
    at: datetime,
    article_id: int | None = None,
    change: int = 0,
) -> int:
    """Let those who asked about a rumour that is about to be merged hear what settled the other one; how many. Whoever
    heard that before, having asked about both, hears nothing new. The caller commits.
    """
    told = select(Notice.resident_id).where(Notice.rumour_id == into_id, Notice.reason == reason)
    asked: list[_Pairs] = []
    for pairs in _askers(lambda column: column == merged_id):
        resident_id, _ = pairs.subquery().c
        asked.append(select(resident_id, literal(into_id)).where(resident_id.not_in(told)))
    return await _insert(session, asked, reason, at=at, article_id=article_id, change=change)


async def call_back(session: AsyncSession, rumour_id: int) -> None:
    """Let nothing be said any more that waits to be told of a rumour. The caller commits."""
    waiting = delete(Notice).where(Notice.rumour_id == rumour_id, Notice.turn_id.is_(None))
    await session.execute(waiting.execution_options(synchronize_session=False))


async def tell_article(session: AsyncSession, article_id: int, reason: Reason, *, at: datetime, change: int) -> int:
    """The same for every rumour an article settles; somebody who asked about several hears of one."""
    settled = select(Rumour.id).where(Rumour.article_id == article_id)
    first = await session.scalar(select(func.min(Rumour.id)).where(Rumour.article_id == article_id))
    if first is None:
        return 0
    await _supersede(session, Notice.rumour_id.in_(settled), reason, change)
    asked = _askers(lambda column: column.in_(settled))
    if reason in _CHANGING:
        asked.append(_shown(article_id, literal(first)))
    resident_id, rumour_id = union(*asked).subquery().c
    one_each = select(resident_id, func.min(rumour_id)).group_by(resident_id)
    return await _insert(session, [one_each], reason, at=at, article_id=article_id, change=change)


async def remind(session: AsyncSession, now: datetime) -> int:
    """Say "still unsure" to those who asked about what is due soon and unsettled, once a rumour; how many.

    The caller commits.
    """
    reminded = exists().where(Notice.rumour_id == Rumour.id, Notice.reason == Reason.STILL_UNSURE)
    due = select(Rumour.id).where(
        Rumour.status.in_(UNSETTLED),
        Rumour.answer_due <= now + REMINDED_BEFORE,
        Rumour.answer_due > now - REMINDED_UNTIL,
        ~reminded,
    )
    if await session.scalar(due.limit(1)) is None:
        return 0
    asked = _askers(lambda column: column.in_(due))
    return await _insert(session, asked, Reason.STILL_UNSURE, at=now, article_id=None, change=0)


async def let_go(session: AsyncSession, now: datetime) -> None:
    """Forget what waits for somebody who has not come back for long. The caller commits."""
    old = delete(Notice).where(Notice.turn_id.is_(None), Notice.at < now - WAITS_FOR)
    await session.execute(old.execution_options(synchronize_session=False))


async def is_waiting(session: AsyncSession, channels: Iterable[str], today: date) -> bool:
    """Whether there is anything to put into words for residents of these channels."""
    return await session.scalar(_of_channels(channels, today).limit(1)) is not None


async def to_say(session: AsyncSession, channels: Iterable[str], today: date, *, limit: int) -> Sequence[ToSay]:
    """The next notices for residents of these channels, oldest first, held for this session until it commits.

    What tells of an article that may not be served today goes on waiting.
    """
    return await _read(session, _of_channels(channels, today).limit(limit))


async def is_waiting_for(session: AsyncSession, resident_key: str, today: date) -> bool:
    """Whether there is anything to put into words for one resident."""
    return await session.scalar(_of_resident(resident_key, today).limit(1)) is not None


async def to_say_to(session: AsyncSession, resident_key: str, today: date, *, limit: int) -> Sequence[ToSay]:
    """The notices for one resident, as `to_say` gives them."""
    return await _read(session, _of_resident(resident_key, today).limit(limit))


async def progress(session: AsyncSession, rumour_id: int) -> Told:
    """How telling those who asked about a rumour goes."""
    state = case(
        (Notice.turn_id.is_(None), "waiting"),
        (Turn.delivery == Delivery.SENT, "delivered"),
        (Turn.delivery == Delivery.FAILED, "failed"),
        else_="sending",
    )
    rows = await session.execute(
        select(state, func.count())
        .select_from(Notice)
        .outerjoin(Turn, Turn.id == Notice.turn_id)
        .where(Notice.rumour_id == rumour_id)
        .group_by(state)
    )
    return Told(**{name: count for name, count in rows})


def _askers(concerns: Any) -> list[_Pairs]:
    """Who asked, as selections of resident and rumour; `concerns` says which rumours by their column."""
    return [
        select(Sighting.resident_id, Sighting.rumour_id).where(
            concerns(Sighting.rumour_id), Sighting.resident_id.is_not(None)
        ),
        select(Follower.resident_id, Follower.rumour_id).where(concerns(Follower.rumour_id)),
    ]


def _shown(article_id: int, rumour_id: ColumnElement[int]) -> _Pairs:
    return select(Sighting.resident_id, rumour_id).where(
        Sighting.article_id == article_id, Sighting.resident_id.is_not(None)
    )


async def _supersede(session: AsyncSession, concerned: ColumnElement[bool], reason: Reason, change: int) -> None:
    same = (Notice.reason == reason) & (Notice.change == change)
    await session.execute(
        delete(Notice).where(concerned, Notice.turn_id.is_(None), ~same).execution_options(synchronize_session=False)
    )


async def _insert(
    session: AsyncSession,
    asked: Sequence[_Pairs],
    reason: Reason,
    *,
    at: datetime,
    article_id: int | None,
    change: int,
) -> int:
    """A notice for each resident and rumour, in one statement however many there are."""
    table = table_of(Notice)
    resident_id, rumour_id = union(*asked).subquery().c
    values = {
        "resident_id": resident_id,
        "rumour_id": rumour_id,
        "reason": literal(reason, table.c.reason.type),
        "change": literal(change),
        "article_id": literal(article_id, table.c.article_id.type),
        "attempts": literal(0),
        "at": literal(at, table.c.at.type),
    }
    chosen = select(*values.values()).join(Resident, Resident.id == resident_id).where(Resident.is_told)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).from_select(list(values), chosen).on_conflict_do_nothing()
    added = await session.execute(statement, execution_options={"preserve_rowcount": True})
    return int(getattr(added, "rowcount", 0))


def _of_channels(channels: Iterable[str], today: date) -> Select[int]:
    return _sayable(today).where(Notice.turn_id.is_(None), Resident.channel.in_(list(channels)))


def _of_resident(key: str, today: date) -> Select[int]:
    # "+ 0" keeps SQLite from going through all that waits to find what waits for one.
    return _sayable(today).where((Notice.turn_id + 0).is_(None), Resident.key == key)


def _sayable(today: date) -> Select[int]:
    servable = (Article.status == Status.PUBLISHED) & (Article.review_by >= today)
    return (
        select(Notice.id)
        .join(Resident, Resident.id == Notice.resident_id)
        .outerjoin(Article, Article.id == Notice.article_id)
        .where(Resident.is_told, Notice.reason.not_in(_CONCLUDING) | servable)
        .order_by(Notice.id)
    )


async def _read(session: AsyncSession, chosen: Select[int]) -> Sequence[ToSay]:
    # Two processes that put notices into words at once take different ones; SQLite lets in one at a time anyway.
    held = (await session.scalars(chosen.with_for_update(of=Notice, skip_locked=True))).all()
    if not held:
        return []
    # "+ 0" keeps SQLite from going through everybody's sightings of a rumour to find this resident's.
    own = Sighting.resident_id == Notice.resident_id
    said = (
        select(Sighting.text)
        .where(own, or_(Sighting.rumour_id + 0 == Notice.rumour_id, Sighting.article_id + 0 == Notice.article_id))
        .order_by(Sighting.id.desc())
        .limit(1)
    )
    spoken = (
        select(Turn.language)
        .where(Turn.resident_id == Notice.resident_id, Turn.language != "")
        .order_by(Turn.id.desc())
        .limit(1)
    )
    earlier = aliased(Notice)
    told = exists().where(
        earlier.resident_id == Notice.resident_id,
        earlier.id < Notice.id,
        earlier.reason.in_(_CONCLUDING),
        or_(earlier.rumour_id == Notice.rumour_id, earlier.article_id + 0 == Notice.article_id),
        earlier.turn_id == Turn.id,
        Turn.delivery != Delivery.FAILED,
    )
    answered = exists().where(own, Sighting.article_id + 0 == Notice.article_id)
    rows = await session.execute(
        select(
            Notice.id,
            Notice.reason,
            Notice.attempts,
            Notice.rumour_id,
            Rumour.canned,
            Notice.article_id,
            said.scalar_subquery().label("said"),
            (told | answered).label("heard"),
            Notice.resident_id,
            Resident.channel,
            func.coalesce(Resident.language, spoken.scalar_subquery()).label("language"),
        )
        .join(Resident, Resident.id == Notice.resident_id)
        .join(Rumour, Rumour.id == Notice.rumour_id)
        .where(Notice.id.in_(held))
        .order_by(Notice.id)
    )
    return [ToSay(**row._mapping) for row in rows]
