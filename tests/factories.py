"""Valid things with as little said as possible; a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import articles, residents, turns
from knowledge.article_content import ArticleContent
from knowledge.models import Article, Kind, RumourKind, Status, Turn
from knowledge.protection import Vault
from knowledge.rumours import Seen

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""When everything in the tests happens, unless said otherwise."""
FAR_AHEAD = date(2099, 12, 31)

VAULT = Vault("a secret only the tests know")

_numbers = count(1)

BODY = (
    "高度白酒不能杀死体内的病毒。医用酒精浓度在75%左右，作用在皮肤和物体表面；喝进肚子里的酒会被稀释，"
    "进入血液的浓度远远不到0.5%，杀不死任何病毒，反而会伤害肝脏、胃和免疫力。\n\n"
    "## 为什么有人信\n\n很多人知道酒精可以消毒，就以为喝酒也能消毒，还有人拿老一辈的经验来证明，其实是巧合。\n\n"
    "## 该怎么做\n\n- 不要靠喝酒预防感染。\n- 按时接种疫苗，勤洗手，多通风。\n- 发烧超过三天，或喘不上气，尽快去医院。"
)


def source(**overrides: Any) -> dict[str, Any]:
    """The fields of one source."""
    given = {
        "title": "饮酒能预防感染吗",
        "publisher": "世界卫生组织",
        "url": "https://www.who.int/example",
        "date": "2020-02-10",
        "accessed": "2026-11-22",
    }
    return given | overrides


def article_fields(**overrides: Any) -> dict[str, Any]:
    """The fields of a valid article with a slug of its own, as a file or a form would give them.

    A debunk, unless `kind` says otherwise; claim and verdict then fit the kind.
    """
    given = {
        "slug": f"article-{next(_numbers)}",
        "kind": "debunk",
        "topic": "health",
        "title": "喝高度白酒能杀死病毒吗？",
        "claim": "喝高度白酒可以杀死体内的病毒。",
        "verdict": "false",
        "short_answer": "不能。喝酒杀不死体内的病毒，反而伤身体。",
        "what_to_do": ["别靠喝酒防病，该打疫苗打疫苗。"],
        "when_to_call": "误喝了消毒酒精，马上拨打120。",
        "asked_as": ["喝白酒能杀毒吗", "白酒杀病毒不", "我爸说喝酒能防病毒", "高度酒消毒喝下去"],
        "body": BODY,
        "audience": ["everyone"],
        "related": ["high-proof-liquor"],
        "single_source": True,
        "sources": [source()],
        "second_reading": {"on": "2026-11-22", "changed": "nothing"},
        "review_by": FAR_AHEAD.isoformat(),
    }
    fields = given | overrides
    if fields["kind"] in (Kind.EXPLAINER, Kind.GUIDE):
        return fields | {"claim": None, "verdict": None} | overrides
    if fields["kind"] == Kind.SCAM_ALERT:
        return fields | {"verdict": "scam"} | overrides
    return fields


PUBLISHABLE: dict[str, Any] = {
    "asked_as": [
        "喝白酒能杀毒吗",
        "白酒杀病毒不",
        "我爸说喝酒能防病毒",
        "高度酒消毒喝下去",
        "酒能治感冒吗",
        "【转发】白酒防病",
    ],
    "related": [],
    "sources": [
        source(url="https://www.who.int/a"),
        source(url="https://www.nhs.uk/b", publisher="英国国家医疗服务体系"),
    ],
    "review_by": "2027-11-22",
}
"""What makes an article keep the rules too, in 2026."""


def article_content(**overrides: Any) -> ArticleContent:
    """A valid article, a debunk unless `kind` says otherwise, with a slug of its own."""
    return ArticleContent.model_validate(article_fields(**overrides))


async def saved_article(session: AsyncSession, *, status: Status = Status.PUBLISHED, **overrides: Any) -> Article:
    """An article in the database, published unless said otherwise. The caller commits."""
    return await articles.save(session, article_content(**overrides), status=status)


async def resident(session: AsyncSession, address: str = "1001", *, channel: str = "telegram") -> int:
    """A resident in the database, by id. The caller commits."""
    return (await residents.identify(session, VAULT, channel, address, NOON)).id


async def turn(session: AsyncSession, resident_id: int, **overrides: Any) -> int:
    """A new turn of a resident, by id. The caller commits."""
    given: dict[str, Any] = {
        "channel": "telegram",
        "key": f"update-{next(_numbers)}",
        "route": "question",
        "forwarded": False,
        "received_at": NOON,
    }
    turn_id = await turns.remember(session, turns.Received(**(given | overrides)))
    assert turn_id is not None, "this message was remembered before"
    await session.execute(update(Turn).where(Turn.id == turn_id).values(resident_id=resident_id))
    return turn_id


async def seen(session: AsyncSession, resident_id: int, text: str = "村口的井水有毒", **overrides: Any) -> Seen:
    """A message with a turn of its own, ready to be recorded as a sighting. The caller commits."""
    given: dict[str, Any] = {
        "resident_id": resident_id,
        "text": text,
        "kind": RumourKind.CLAIM,
        "received_at": NOON,
    }
    fields = given | overrides
    if "turn_id" not in fields:
        fields["turn_id"] = await turn(session, resident_id, received_at=fields["received_at"])
    return Seen(**fields)
