"""`qiuzhen articles links`: whether the pages that articles rest on can still be opened."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from bot.settings import Settings
from knowledge import links
from knowledge.database import Database
from knowledge.links import RECHECK_AFTER, Checked, Link, Show
from knowledge.models import LinkState
from scripts.commands.common import Report, fail, output, print_json, progress, read_settings, run
from scripts.commands.link_check import LinkChecker, host_of

_KEPT_AT_ONCE = 20
_FEW_SERVERS = 3
"""When so many servers were asked and none answered, it is this machine that has no network."""

_IN_VAIN = 40
"""After so many pages without one answer it is not worth going on."""


class _CutOff(Exception):
    pass


@dataclass(slots=True)
class Looked:
    """What came of one look at the sources."""

    asked: int
    left_alone: int
    """Sources that were looked at lately, or that a person has spoken for."""
    servers: int
    """How many were to be asked."""
    answers: int = 0
    found: list[Checked] = field(default_factory=list)
    broken: list[Link] = field(default_factory=list)
    """All that are dead or unreachable now, also those found so before."""

    @property
    def states(self) -> Counter[LinkState]:
        """How often each state was found."""
        return Counter(one.state for one in self.found)

    @property
    def moved(self) -> int:
        """How many lead to another address."""
        return sum(one.moved_to is not None for one in self.found)

    @property
    def is_cut_off(self) -> bool:
        """Whether nobody at all answered, which says nothing of the pages; none of it was kept then."""
        return self.servers >= _FEW_SERVERS and not self.answers


def command(
    days: Annotated[
        int, typer.Option(min=0, help="Leave alone what was looked at within so many days.")
    ] = RECHECK_AFTER.days,
    everything: Annotated[bool, typer.Option("--all", help="Look at all of them, whenever that was.")] = False,
    broken: Annotated[bool, typer.Option("--broken", help="Look again at those that are dead or unreachable.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")] = False,
) -> None:
    """Open the pages that articles rest on and note which are gone; what editors said by hand stands for 90 days."""
    settings = read_settings()
    older_than = timedelta(0) if everything or broken else timedelta(days=days)

    async def work() -> Looked:
        database = Database(settings.database)
        try:
            await database.check()
            async with LinkChecker(agent=_agent(settings)) as checker:
                with progress("查来源 Sources") as report:
                    return await look(database, checker, report, older_than=older_than, broken_only=broken)
        finally:
            await database.close()

    looked = run(work)
    if looked.is_cut_off:
        fail("No server answered at all, so nothing was noted. Can this machine open web pages without a proxy?")
    if as_json:
        print_json(as_plain(looked))
        return
    for line in summary(looked):
        output.print(line, soft_wrap=True)


async def look(
    database: Database,
    checker: LinkChecker,
    report: Report,
    *,
    older_than: timedelta = RECHECK_AFTER,
    broken_only: bool = False,
) -> Looked:
    """Look at the sources that are due, and note what is found as it comes, so that an end halfway loses little."""
    now = datetime.now(UTC)
    async with database.reading() as session:
        urls = await links.to_check(session, now, older_than=older_than, broken_only=broken_only)
        count = len(await links.listed(session, Show.ALL))
    looked = Looked(len(urls), count - len(urls), len({host_of(url) for url in urls}))
    waiting: list[Checked] = []

    async def keep() -> None:
        batch, waiting[:] = waiting[:], []
        async with database.transaction() as session:
            await links.record(session, batch, datetime.now(UTC))

    async def found(one: Checked) -> None:
        looked.found.append(one)
        looked.answers += one.status_code is not None
        waiting.append(one)
        report(len(looked.found), looked.asked)
        if looked.is_cut_off:
            if len(looked.found) >= _IN_VAIN:
                raise _CutOff
        elif len(waiting) >= _KEPT_AT_ONCE:
            await keep()

    with suppress(_CutOff):
        await checker.check_all(urls, found)
    if waiting and not looked.is_cut_off:
        await keep()
    async with database.reading() as session:
        looked.broken = await links.listed(session, Show.BROKEN)
    return looked


def summary(looked: Looked) -> list[str]:
    """What was found, and what to do now."""
    states = looked.states
    lines = [
        f"{looked.asked} sources looked at, {looked.left_alone} left alone: looked at lately, or by a person",
        f"{states[LinkState.WORKS]} work ({looked.moved} lead to another address), {states[LinkState.DEAD]} dead, "
        f"{states[LinkState.UNREACHABLE]} unreachable, {states[LinkState.UNCLEAR]} without a verdict",
    ]
    for link in looked.broken:
        lines.append(f"{link.url}: {_state(link)}; in {', '.join(one.slug for one in link.articles)}")
    if looked.broken:
        lines += [
            f"{len(looked.broken)} dead or unreachable. Open them in a browser, mark them at /console/links, and give "
            "their articles other sources.",
            "Those that were only unreachable: look again in a day or two with `qiuzhen articles links --broken`.",
        ]
    elif looked.asked:
        lines.append("No source is known to be dead or unreachable.")
    return lines


def as_plain(looked: Looked) -> dict[str, Any]:
    """The same for other programs."""
    return {
        "looked_at": looked.asked,
        "left_alone": looked.left_alone,
        "states": {state.value: looked.states[state] for state in LinkState},
        "moved": looked.moved,
        "broken": [
            {
                "url": link.url,
                "state": link.found.state.value,
                "since": link.found.since.isoformat(timespec="seconds"),
                "status_code": link.found.status_code,
                "problem": link.found.problem,
                "articles": [one.slug for one in link.articles],
            }
            for link in looked.broken
            if link.found
        ],
    }


def _state(link: Link) -> str:
    if link.found is None:
        return "unknown"
    why = link.found.status_code or link.found.problem or "said by hand"
    return f"{link.found.state} since {link.found.since.date().isoformat()} ({why})"


def _agent(settings: Settings) -> str:
    about = f"; +{settings.public_url}" if settings.public_url else ""
    return f"Mozilla/5.0 (compatible; qiuzhen, looks whether sources can still be opened{about})"
