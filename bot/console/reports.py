"""Reports: the figures of a period on a page, as a workbook and as a Word report, each number with its rows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.responses import Response

from bot.channels.pages.fonts import find_font
from bot.console import charts
from bot.console.report_files import Address, Heading, word_report, workbook
from bot.console.report_pictures import Pictures
from bot.console.report_tables import Form, Number, Table, described, named, shown_cell, tables
from bot.console.visit import Page, Visit
from knowledge.errors import NotFound
from knowledge.figures import counts, rows
from knowledge.figures.scope import Figure, Period, Ref, Scope, regions, scope

_HERE = "/console/reports"
PRESETS = ("week", "month", "quarter", "year", "last-week", "last-month", "last-quarter", "last-year")
_DEFAULT = "month"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Choice:
    """The period and place somebody asked for."""

    period: Period
    region: str
    trouble: str = ""
    """Name of the sentence that says why it is not the period they typed."""

    def address(self, below: str = "", period: Period | None = None, **more: str) -> str:
        """A page below the reports, about the same place and period or another."""
        of = period or self.period
        days = {"from": of.first.isoformat(), "to": of.last.isoformat()}
        place = {"region": self.region} if self.region else {}
        return f"{_HERE}{below}?{urlencode(days | place | more)}"

    def rows(self, number: Number) -> str:
        """Where the rows behind a number are listed."""
        of = {"of": number.ref.of} if number.ref.of else {}
        return self.address("/rows", number.period, figure=number.ref.figure.value, **of)


class ReportPages:
    """The pages of the reports."""

    def __init__(self, *, site_name: str, timezone: str, font: Path | None = None, public_url: str | None = None):
        """`font` names a file with Chinese characters for the pictures; none looks for one on the system."""
        self._site_name = site_name
        self._zone = ZoneInfo(timezone)
        self._font = font
        self._public_url = public_url

    def pages(self) -> list[Page]:
        """Every address; anybody who works here may read them."""
        return [
            Page("GET", _HERE, self._overview),
            Page("GET", f"{_HERE}/rows", self._rows),
            Page("GET", f"{_HERE}/report.xlsx", self._workbook),
            Page("GET", f"{_HERE}/report.docx", self._word),
        ]

    async def _overview(self, visit: Visit) -> Response:
        choice = self._choice(visit)
        figures = await counts.of(visit.session, _scope(visit, choice))
        main, *others = tables(figures, visit.words)
        today = visit.now.astimezone(self._zone).date()
        return visit.page(
            "reports/overview.html",
            422 if choice.trouble else 200,
            choice=choice,
            is_empty=figures.is_empty,
            main=main,
            others=[(table, drawn(table)) for table in others],
            regions=await regions(visit.session, visit.person),
            presets=[(name, preset(name, today, self._zone)) for name in PRESETS],
            is_number=lambda cell: isinstance(cell, Number),
            shown_cell=shown_cell,
        )

    async def _rows(self, visit: Visit) -> Response:
        choice = self._choice(visit)
        query = visit.request.query_params
        try:
            ref = Ref(Figure(query.get("figure", "")), query.get("of", "")[:80])
        except ValueError:
            raise NotFound("There is no such figure.", "figure") from None
        listed = await rows.of(visit.session, _scope(visit, choice), ref, _page(query))
        return visit.page(
            "reports/rows.html",
            422 if choice.trouble else 200,
            choice=choice,
            title=described(visit.words, ref),
            ref=ref,
            listed=listed,
            named=lambda figure, of: named(visit.words, Figure(figure), of),
        )

    async def _workbook(self, visit: Visit) -> Response:
        choice = self._choice(visit)
        made = tables(await counts.of(visit.session, _scope(visit, choice)), visit.words)
        content = await asyncio.to_thread(workbook, made, self._absolute(visit, choice))
        return _file(content, _XLSX, choice, "xlsx")

    async def _word(self, visit: Visit) -> Response:
        choice = self._choice(visit)
        figures = await counts.of(visit.session, _scope(visit, choice))
        heading = Heading(self._site_name, choice.period, _place(visit, figures.scope), visit.now)
        made, address = tables(figures, visit.words), self._absolute(visit, choice)

        def write() -> bytes:
            return word_report(figures, made, visit.words, heading, address, self._pictures())

        return _file(await asyncio.to_thread(write), _DOCX, choice, "docx")

    def _pictures(self) -> Pictures | None:
        font = find_font(self._font)
        try:
            return Pictures(font) if font else None
        except OSError:
            return None

    def _absolute(self, visit: Visit, choice: Choice) -> Address:
        base = (self._public_url or str(visit.request.base_url)).rstrip("/")
        return lambda number: f"{base}{choice.rows(number)}"

    def _choice(self, visit: Visit) -> Choice:
        """What was asked for; this month where nothing or nonsense was."""
        query = visit.request.query_params
        region = query.get("region", "").strip()[:40]
        today = visit.now.astimezone(self._zone).date()
        try:
            if "from" in query or "to" in query:
                days = [date.fromisoformat(query.get(name, "")) for name in ("from", "to")]
                return Choice(Period(days[0], days[1], self._zone), region)
            return Choice(preset(query.get("preset", _DEFAULT), today, self._zone), region)
        except ValueError:
            return Choice(preset(_DEFAULT, today, self._zone), region, "reports-bad-period")


def preset(name: str, today: date, zone: ZoneInfo) -> Period:
    """This week, month, quarter or year until today, or the whole one before it.

    Raises: ValueError, for another name.
    """
    if name not in PRESETS:
        raise ValueError(f"There is no period {name!r}.")
    unit = name.removeprefix("last-")
    first = _first_day(unit, today)
    if unit == name:
        return Period(first, today, zone)
    last = first - timedelta(days=1)
    return Period(_first_day(unit, last), last, zone)


def _first_day(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return day.replace(month=month, day=1)


def drawn(table: Table) -> Markup:
    """The chart of a table; empty where there is none."""
    if not table.rows or table.form is Form.NONE:
        return Markup("")
    if table.form is Form.ROWS:
        return charts.rows(table.title, table.points)
    return charts.lines(table.title, table.series, table.labels)


def _scope(visit: Visit, choice: Choice) -> Scope:
    return scope(visit.person, choice.period, choice.region)


def _place(visit: Visit, counted: Scope) -> str:
    if counted.regions is None:
        return visit.say("reports-all-regions")
    return "、".join(sorted(region or visit.say("reports-everywhere") for region in counted.regions))


def _page(query: Mapping[str, str]) -> int:
    text = query.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _file(content: bytes, kind: str, choice: Choice, ending: str) -> Response:
    name = f"qiuzhen-{choice.period.first}-{choice.period.last}.{ending}"
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
