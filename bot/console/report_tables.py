"""The report as tables in the reader's language: the page, the XLSX and the Word file all show these very cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.console.words import ConsoleWords
from knowledge.figures.counts import Count, Figures, Totals
from knowledge.figures.scope import Figure, Period, Ref


class Unit(StrEnum):
    """What a number is."""

    COUNT = "count"
    SHARE = "share"
    """From 0 to 1."""
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Number:
    """A number, with what leads to the rows it comes from."""

    value: float | None
    """None where there was nothing to count."""
    ref: Ref
    period: Period
    unit: Unit = Unit.COUNT


MAIN = ("messages", "asked", "sure", "sure_share", "rated", "helpful_share", "new", "verdicts", "median", "ninety")
"""The rows of the table of main numbers."""

Cell = str | date | Number


class Form(StrEnum):
    """How a table is drawn."""

    NONE = "none"
    ROWS = "rows"
    """A bar for each row, labelled by its first cell."""
    LINES = "lines"
    """A line for each column of numbers."""


@dataclass(frozen=True, slots=True)
class Table:
    """A part of the report."""

    name: str
    """Unlike that of any other; also the anchor on the page and the sheet in the XLSX."""
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    form: Form = Form.NONE
    note: str = ""

    @property
    def points(self) -> list[tuple[str, float]]:
        """What a bar each is drawn of: the first cell of a row and its first number."""
        return [
            (shown_cell(row[0]), next(cell.value or 0 for cell in row if isinstance(cell, Number))) for row in self.rows
        ]

    @property
    def series(self) -> dict[str, list[float | None]]:
        """What lines are drawn of: the columns that hold counts, up to four."""
        columns = [number for number, cell in enumerate(self.rows[0]) if isinstance(cell, Number)][:4]
        return {
            self.heads[number]: [cell.value for row in self.rows if isinstance(cell := row[number], Number)]
            for number in columns
        }

    @property
    def labels(self) -> list[str]:
        """The first cell of each row, shortened to month and day where it is a date."""
        return [row[0].strftime("%m-%d") if isinstance(row[0], date) else shown_cell(row[0]) for row in self.rows]


def shown_cell(cell: Cell) -> str:
    """A cell as it is read: 1,234; 78.6%; 17.6; a dash for what was not counted."""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return cell
    if cell.value is None:
        return "—"
    if cell.unit is Unit.SHARE:
        return f"{cell.value:.1%}"
    return f"{cell.value:,.1f}" if cell.unit is Unit.HOURS else f"{cell.value:,.0f}"


def tables(figures: Figures, words: ConsoleWords) -> list[Table]:
    """The whole report, the main numbers first."""
    return _Tables(figures, words).all()


class _Tables:
    def __init__(self, figures: Figures, words: ConsoleWords) -> None:
        self._figures = figures
        self._words = words
        self._period = figures.scope.period

    def all(self) -> list[Table]:
        figures = self._figures
        return [
            self._main(),
            self._steps(),
            self._shares("bands", Figure.BAND, figures.bands),
            self._shares("routes", Figure.ROUTE, figures.routes),
            self._shares("channels", Figure.CHANNEL, figures.channels),
            self._shares("topics", Figure.TOPIC, figures.topics),
            self._articles(),
            self._shares("reasons", Figure.REASON, figures.reasons),
            self._shares("states", Figure.STATE, figures.states),
            self._rumours(),
            self._regions(),
        ]

    def _number(
        self,
        value: float | None,
        figure: Figure,
        of: str = "",
        period: Period | None = None,
        unit: Unit = Unit.COUNT,
    ) -> Number:
        return Number(value, Ref(figure, of), period or self._period, unit)

    def _table(
        self, name: str, heads: Iterable[str], rows: Sequence[Sequence[Cell]], form: Form = Form.NONE, note: str = ""
    ) -> Table:
        say = self._words.say
        title = say(f"reports-table-{name}")
        return Table(name, title, [say(f"reports-head-{head}") for head in heads], rows, form, note)

    def _main(self) -> Table:
        before = self._period.before()
        now, then = self._figures.totals, self._figures.before
        rows: list[list[Cell]] = [
            [self._words.say(f"reports-main-{name.replace('_', '-')}"), one, other, self._change(one, other)]
            for name, one, other in zip(MAIN, self._totals(now, self._period), self._totals(then, before), strict=True)
        ]
        note = self._words.say("reports-compared", first=before.first.isoformat(), last=before.last.isoformat())
        return self._table("main", ("figure", "now", "before", "change"), rows, note=note)

    def _change(self, now: Number, before: Number) -> str:
        """How much more or less it is: of counts in percent, of shares in points, of hours in hours."""
        if now.value is None or before.value is None:
            return "—"
        if now.unit is Unit.SHARE:
            return self._words.say("reports-change-points", change=f"{(now.value - before.value) * 100:+.1f}")
        if now.unit is Unit.HOURS:
            return self._words.say("reports-change-hours", change=f"{now.value - before.value:+.1f}")
        return f"{now.value / before.value - 1:+.0%}" if before.value else "—"

    def _totals(self, totals: Totals, period: Period) -> list[Number]:
        def number(value: float | None, figure: Figure, of: str = "", unit: Unit = Unit.COUNT) -> Number:
            return self._number(value, figure, of, period, unit)

        return [
            number(totals.messages, Figure.MESSAGES),
            number(totals.asked, Figure.ASKED),
            number(totals.sure, Figure.BAND, "sure"),
            number(totals.sure_share, Figure.BAND, "sure", Unit.SHARE),
            number(totals.rated, Figure.RATED),
            number(totals.helpful_share, Figure.RATING, "yes", Unit.SHARE),
            number(totals.new, Figure.NEW),
            number(totals.verdicts, Figure.VERDICTS),
            number(_hours(totals.median_wait), Figure.VERDICTS, "", Unit.HOURS),
            number(_hours(totals.ninety_wait), Figure.VERDICTS, "", Unit.HOURS),
        ]

    def _steps(self) -> Table:
        rows: list[list[Cell]] = [
            [
                step.period.first,
                *(
                    self._number(value, figure, of, step.period)
                    for value, figure, of in (
                        (step.messages, Figure.MESSAGES, ""),
                        (step.asked, Figure.ASKED, ""),
                        (step.sure, Figure.BAND, "sure"),
                        (step.new, Figure.NEW, ""),
                        (step.verdicts, Figure.VERDICTS, ""),
                        (step.rated, Figure.RATED, ""),
                        (step.helpful, Figure.RATING, "yes"),
                    )
                ),
            ]
            for step in self._figures.steps
        ]
        by_day = all(step.period.first == step.period.last for step in self._figures.steps)
        heads = ("day" if by_day else "week", "messages", "asked", "sure", "new", "verdicts", "rated", "helpful")
        return self._table("steps", heads, rows, Form.LINES)

    def _shares(self, name: str, figure: Figure, counted: Sequence[Count]) -> Table:
        """What is counted by kind, with each kind's part of all."""
        total = sum(item.count for item in counted)
        rows: list[list[Cell]] = [
            [
                self._named(figure, item.of),
                self._number(item.count, figure, item.of),
                self._number(item.count / total if total else None, figure, item.of, unit=Unit.SHARE),
            ]
            for item in counted
        ]
        return self._table(name, ("kind", "count", "share"), rows if total else [], Form.ROWS)

    def _articles(self) -> Table:
        rows: list[list[Cell]] = [
            [
                self._words.shown(article.title),
                self._named(Figure.TOPIC, article.topic),
                self._number(article.count, Figure.ARTICLE, str(article.id)),
                self._number(article.helpful, Figure.ARTICLE_HELPFUL, str(article.id)),
                self._number(article.unhelpful, Figure.ARTICLE_UNHELPFUL, str(article.id)),
            ]
            for article in self._figures.articles
        ]
        return self._table("articles", ("article", "topic", "answered", "helpful", "unhelpful"), rows, Form.ROWS)

    def _rumours(self) -> Table:
        before = self._period.before()
        rows: list[list[Cell]] = [
            [
                f"R{rumour.id} {self._words.shown(_start(rumour.text))}",
                self._named(Figure.STATE, rumour.status),
                self._number(rumour.count, Figure.RECEIVED, str(rumour.id)),
                self._number(rumour.before, Figure.RECEIVED, str(rumour.id), before),
            ]
            for rumour in self._figures.rumours
        ]
        return self._table("rumours", ("rumour", "state", "received", "before"), rows, Form.ROWS)

    def _regions(self) -> Table:
        rows: list[list[Cell]] = [
            [
                region.region or self._words.say("reports-everywhere"),
                self._number(region.new, Figure.REGION, region.region),
                self._number(region.verdicts, Figure.REGION_VERDICTS, region.region),
            ]
            for region in self._figures.regions
        ]
        return self._table("regions", ("region", "new", "verdicts"), rows, Form.ROWS)

    def _named(self, figure: Figure, of: str) -> str:
        return named(self._words, figure, of)


def named(words: ConsoleWords, figure: Figure, of: str) -> str:
    """What a kind is called; a kind without a name of its own, such as that of a later channel, as it is stored."""
    try:
        return words.say(f"reports-{figure}-{of.replace('_', '-')}")
    except LookupError:
        return of


def described(words: ConsoleWords, ref: Ref) -> str:
    """What a number counts, in words."""
    kind = {"region_verdicts": Figure.REGION}.get(ref.figure, ref.figure)
    of = words.say("reports-everywhere") if kind is Figure.REGION and not ref.of else named(words, kind, ref.of)
    return words.say(f"reports-counts-{ref.figure.replace('_', '-')}", of=of)


def _hours(wait: timedelta | None) -> float | None:
    return None if wait is None else wait / timedelta(hours=1)


def _start(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
