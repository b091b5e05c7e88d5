"""`qiuzhen rumours`: what residents asked that no article has settled."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from bot.settings import Settings
from knowledge import rumours
from knowledge.database import Database
from knowledge.models import Rumour
from scripts.commands.common import fail, output, print_json, read_settings, run

app = typer.Typer(no_args_is_help=True, help="Open rumours, those asked most first.")

_COLUMNS = ("id", "kind", "status", "count", "text", "first_seen", "last_seen")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # spreadsheets of East Asia take the wide ones too
_EVERYTHING = 1_000_000


@app.command("list")
def list_rumours(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 200,
) -> None:
    """List the open rumours."""
    rows = _rows(read_settings(), limit)
    if as_json:
        print_json(rows)
        return
    table = Table("Id", "Count", "Kind", "Last seen", "Text")
    for row in rows:
        table.add_row(row["id"], str(row["count"]), row["kind"], row["last_seen"][:16].replace("T", " "), row["text"])
    output.print(table)


@app.command()
def export(file: Annotated[Path, typer.Argument(help="CSV file to write.")]) -> None:
    """Write every open rumour to a CSV file that Excel opens as it is."""
    rows = _rows(read_settings(), _EVERYTHING)
    try:
        with file.open("w", encoding="utf-8-sig", newline="") as target:
            writer = csv.DictWriter(target, _COLUMNS)
            writer.writeheader()
            writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}")
    output.print(f"{len(rows)} rumours written to {file}")


def _rows(settings: Settings, limit: int) -> list[dict[str, Any]]:
    async def work() -> list[dict[str, Any]]:
        database = Database(settings.database)
        try:
            await database.check()
            async with database.reading() as session:
                return [_row(rumour) for rumour in await rumours.by_demand(session, limit=limit)]
        finally:
            await database.close()

    return run(work)


def _row(rumour: Rumour) -> dict[str, Any]:
    return {
        "id": rumour.ref,
        "kind": rumour.kind.value,
        "status": rumour.status.value,
        "count": rumour.sightings,
        "text": rumour.text,
        "first_seen": rumour.first_seen.isoformat(timespec="seconds"),
        "last_seen": rumour.last_seen.isoformat(timespec="seconds"),
    }


def _harmless(value: Any) -> Any:
    """A cell that a spreadsheet will not run as a formula."""
    return f"'{value}" if isinstance(value, str) and value.lstrip().startswith(_FORMULA) else value
