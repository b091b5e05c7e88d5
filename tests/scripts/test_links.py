"""`qiuzhen articles links`: what is looked at, kept and said."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from knowledge import links
from knowledge.database import Database
from knowledge.links import Show
from knowledge.models import LinkState
from scripts.commands.link_check import LinkChecker
from scripts.commands.links import Looked, as_plain, look, summary
from tests.factories import saved_article, source
from tests.scripts.link_server import Site
from tests.scripts.test_commands import Home


class Progress:
    """What was reported."""

    def __init__(self) -> None:
        self.last = (0, 0)

    def __call__(self, done: int, total: int) -> None:
        self.last = (done, total)


def batched(urls: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """As `itertools.batched` of Python 3.12."""
    for start in range(0, len(urls), size):
        yield urls[start : start + size]


async def write(database: Database, *urls: str) -> None:
    async with database.transaction() as session:
        for number, some in enumerate(batched(urls, 12)):
            slug = f"liquor-{number}" if number else "liquor"
            await saved_article(session, slug=slug, sources=[source(url=url) for url in some])


async def states(database: Database) -> dict[str, LinkState | None]:
    async with database.reading() as session:
        return {
            link.url.rpartition("/")[2]: link.found.state if link.found else None
            for link in await links.listed(session, Show.ALL)
        }


async def test_everything_due_is_looked_at_kept_and_summed_up(
    database: Database, site: Site, checker: LinkChecker
) -> None:
    names = ["ok", "moved", "gone", "busy"]
    await write(database, *(site.url(name) for name in names), "https://nowhere.example/lost")
    report = Progress()
    looked = await look(database, checker, report)
    assert report.last == (5, 5)
    assert await states(database) == {
        "ok": LinkState.WORKS,
        "moved": LinkState.WORKS,
        "gone": LinkState.DEAD,
        "busy": LinkState.UNCLEAR,
        "lost": LinkState.UNREACHABLE,
    }
    plain = as_plain(looked)
    assert (plain["looked_at"], plain["left_alone"], plain["moved"]) == (5, 0, 1)
    assert plain["states"] == {"works": 2, "dead": 1, "unreachable": 1, "unclear": 1}
    assert [(one["url"], one["status_code"], one["problem"], one["articles"]) for one in plain["broken"]] == [
        (site.url("gone"), 404, None, ["liquor"]),
        ("https://nowhere.example/lost", None, "dns", ["liquor"]),
    ]
    said = "\n".join(summary(looked))
    assert "2 work (1 lead to another address), 1 dead, 1 unreachable, 1 without a verdict" in said
    assert f"{site.url('gone')}: dead since" in said
    assert "/console/links" in said


async def test_what_was_looked_at_lately_is_left_alone_unless_asked_for(
    database: Database, site: Site, checker: LinkChecker
) -> None:
    await write(database, site.url("ok"), site.url("gone"))
    await look(database, checker, Progress())
    asked = len(site.asked)
    again = await look(database, checker, Progress())
    assert (again.asked, again.left_alone, len(site.asked)) == (0, 2, asked)
    assert len(again.broken) == 1
    broken = await look(database, checker, Progress(), older_than=timedelta(0), broken_only=True)
    assert [one.url for one in broken.found] == [site.url("gone")]
    assert (await look(database, checker, Progress(), older_than=timedelta(0))).asked == 2


@pytest.mark.parametrize(("sources", "looked_at"), [(3, 3), (60, 40)])
async def test_a_machine_without_a_network_accuses_nobody_and_gives_up_soon(
    database: Database, checker: LinkChecker, sources: int, looked_at: int
) -> None:
    await write(database, *(f"https://s{number}.example/" for number in range(sources)))
    looked = await look(database, checker, Progress())
    assert looked.is_cut_off
    assert len(looked.found) == looked_at
    assert set((await states(database)).values()) == {None}


async def test_what_was_found_before_the_work_was_broken_off_is_kept(
    database: Database, site: Site, checker: LinkChecker
) -> None:
    await write(database, *(site.url(f"p{number}") for number in range(45)))

    def report(done: int, total: int) -> None:
        if done == total:
            raise OSError("broken off")

    with pytest.raises(OSError, match="broken off"):
        await look(database, checker, report)
    assert sum(state is LinkState.WORKS for state in (await states(database)).values()) == 40


def test_nothing_to_do_is_said() -> None:
    assert summary(Looked(0, 7, 0))[0] == "0 sources looked at, 7 left alone: looked at lately, or by a person"


def test_the_command_asks_nothing_inside_a_private_network(tmp_path: Path, model_dir: Path) -> None:
    home = Home(tmp_path / "data", model_dir)
    home.succeed("migrate")

    async def prepare(database: Database) -> None:
        await write(database, "http://127.0.0.1:9/", "http://10.0.0.1/")

    home.database(prepare)
    printed = json.loads(home.succeed("articles", "links", "--json"))
    assert printed["states"] == {"works": 0, "dead": 0, "unreachable": 0, "unclear": 2}
    assert "0 sources looked at, 2 left alone" in home.succeed("articles", "links")
