"""`qiuzhen bench desk`: the rumour queue among very many made-up rumours, as a debunker's browser sees it."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, text
from starlette.applications import Starlette

from bot import wiring
from bot.console.console import COOKIE
from bot.settings import Settings
from knowledge import people, trend
from knowledge.database import Database
from knowledge.models import Base, Person, PersonRole, Resident, Role, Rumour, RumourStatus, Sighting, Turn
from knowledge.models.base import table_of
from scripts.commands.common import progress

_ROWS_AT_ONCE = 10_000
_DAYS = 365
_PLACES = ("东门", "西街", "河口", "柳树沟", "新桥", "石塘", "上坪", "下湾", "北岭", "南坝")
_THINGS = ("水库", "井水", "超市的油", "学校食堂", "高铁站", "医院", "快递站", "菜场的鱼", "桥", "煤气")
_SAID = (
    "要出事了",
    "有毒",
    "查出癌症病人",
    "明天停用",
    "有人被骗走三万",
    "开始发补贴",
    "要拆了",
    "闹鬼",
    "被封了",
    "涨价一倍",
)
_QUEUES = (
    "",
    "?order=trend",
    "?order=harm",
    "?order=age",
    "?order=due",
    "?status=overdue",
    "?status=unassigned&harm=2",
    "?status=settled&order=age",
    "?page=20",
)
_SEARCHES = ("?text=水库", "?text=柳树沟的井水", "?text=4711", "?text=查无此话", "?text=癌症&order=trend")
_RUMOURS = ("/1", "/2", "/3")
"""Those received most often."""
_ROUNDS = 20


def desk(settings: Settings, rumours: int, sightings: int, database_url: str) -> dict[str, Any]:
    """Milliseconds of queue pages and of searches in the queue, over a database filled for this.

    `database_url` names an empty database; empty makes a SQLite file that is thrown away.
    """
    return asyncio.run(_measure(settings, rumours, sightings, database_url))


async def _measure(settings: Settings, rumours: int, sightings: int, database_url: str) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        own = settings.model_copy(
            update={
                "data_dir": Path(folder),
                "database_url": database_url,
                "model": str(settings.model_dir.absolute()),
            }
        )
        parts = wiring.build(own)
        stack.push_async_callback(parts.close)
        await parts.database.migrate()
        begun = time.perf_counter()
        await fill(parts.database, rumours, sightings)
        # A real desk never writes a million rows at once; closing lets SQLite carry its log over into the file.
        await parts.database.close()
        filled = time.perf_counter() - begun
        token = await _debunker(parts.database)
        app = Starlette(routes=list(wiring.console(parts).routes()))
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://desk.test", cookies={COOKIE: token})
        )
        queues, searches, rumour = [await _timed(client, paths) for paths in (_QUEUES, _SEARCHES, _RUMOURS)]
    return {
        "database": parts.database.url.get_backend_name(),
        "rumours": rumours,
        "sightings": sightings,
        "fill_seconds": round(filled, 1),
        "queue": _summary(queues),
        "search": _summary(searches),
        "rumour": _summary(rumour),
    }


async def fill(database: Database, rumours: int, sightings: int) -> None:
    """Make up residents, rumours and their sightings: a few rumours seen very often, most once or twice."""
    chance = random.Random(7)  # noqa: S311 - made-up data
    last = datetime.now(UTC)
    first = last - timedelta(days=_DAYS)
    residents = max(1, sightings // 20)
    # The share of rumour n falls with 1/n, as demand does.
    weights = [1 / (number + 10) for number in range(rumours)]
    of_sighting = [
        *range(1, rumours + 1),
        *(n + 1 for n in chance.choices(range(rumours), weights, k=sightings - rumours)),
    ]
    times = [first + timedelta(days=_DAYS) * chance.random() for _ in of_sighting]
    seen: dict[int, list[datetime]] = {}
    for number, at in zip(of_sighting, times, strict=True):
        seen.setdefault(number, []).append(at)
    texts = [_text(chance, number) for number in range(1, rumours + 1)]
    plan: list[tuple[type[Base], Iterator[dict[str, Any]], int]] = [
        (Resident, (_resident(number, first) for number in range(1, residents + 1)), residents),
        (
            Rumour,
            (_rumour(chance, number, texts[number - 1], sorted(seen[number])) for number in sorted(seen)),
            rumours,
        ),
        (Turn, (_turn(number, at, residents) for number, at in enumerate(times, 1)), sightings),
        (
            Sighting,
            (
                _sighting(number, rumour, at, texts[rumour - 1], residents)
                for number, (rumour, at) in enumerate(zip(of_sighting, times, strict=True), 1)
            ),
            sightings,
        ),
    ]
    done, everything = 0, residents + rumours + 2 * sightings
    with progress("造数据 Filling") as report:
        for model, rows, _ in plan:
            while some := [row for _, row in zip(range(_ROWS_AT_ONCE), rows, strict=False)]:
                async with database.transaction() as session:
                    await session.execute(insert(table_of(model)), some)
                done += len(some)
                report(done, everything)
    async with database.transaction() as session:
        await session.execute(text("ANALYZE"))


def _text(chance: random.Random, number: int) -> str:
    where = f"{chance.choice(_PLACES)}{number % 977}号的{chance.choice(_THINGS)}"
    return f"听说{where}{chance.choice(_SAID)}，是不是真的，编号{number}"


def _resident(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "key": f"{number:064d}",
        "channel": "web",
        "address": b"x",
        "is_told": True,
        "created_at": at,
        "seen_at": at,
    }


def _rumour(chance: random.Random, number: int, text: str, times: list[datetime]) -> dict[str, Any]:
    hot = trend.of_sighting(times[0])
    for at in times[1:]:
        hot = trend.together(hot, trend.of_sighting(at))
    unsettled = chance.random() < 0.3
    return {
        "id": number,
        "kind": chance.choice(("claim", "question")),
        "status": chance.choice((RumourStatus.OPEN, RumourStatus.CLAIMED)) if unsettled else RumourStatus.ANSWERED,
        "text": text,
        "sightings": len(times),
        "first_seen": times[0],
        "last_seen": times[-1],
        "trend": hot,
        "harm": chance.choice((0, 0, 1, 2, 3)),
        "region": "",
        "acknowledge_due": times[0] + timedelta(days=1),
        "answer_due": times[0] + timedelta(days=3),
        "settled_at": None if unsettled else times[0] + timedelta(days=2),
        "version": 0,
    }


def _turn(number: int, at: datetime, residents: int) -> dict[str, Any]:
    return {
        "id": number,
        "channel": "web",
        "key": f"bench-{number}",
        "resident_id": number % residents + 1,
        "route": "claim",
        "language": "zh-Hans",
        "forwarded": False,
        "ms": 20.0,
        "delivery": "none",
        "received_at": at,
    }


def _sighting(number: int, rumour: int, at: datetime, text: str, residents: int) -> dict[str, Any]:
    return {
        "id": number,
        "turn_id": number,
        "resident_id": number % residents + 1,
        "rumour_id": rumour,
        "text": text,
        "kind": "claim",
        "received_at": at,
    }


async def _debunker(database: Database) -> str:
    async with database.transaction() as session:
        person = Person(login="bench", name="Bench", roles=[PersonRole(role=Role.DEBUNKER, region="")])
        session.add(person)
        await session.flush()
        return await people.sign_in(session, person.id, datetime.now(UTC))


async def _timed(client: httpx.AsyncClient, queries: tuple[str, ...]) -> list[float]:
    times = []
    for _ in range(_ROUNDS):
        for query in queries:
            begun = time.perf_counter()
            (await client.get(f"/console/desk{query}")).raise_for_status()
            times.append(time.perf_counter() - begun)
    return times[len(queries) :]  # the first round loads templates and pages of the file


def _summary(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "median_ms": round(ordered[len(ordered) // 2] * 1000, 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000, 1),
        "longest_ms": round(ordered[-1] * 1000, 1),
    }
