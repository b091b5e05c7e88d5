"""The report as files: a workbook with a sheet for each table, and a Word report whose every number can be traced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from docx import Document
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from bot.console.report_pictures import Pictures
from bot.console.report_tables import MAIN, Cell, Form, Number, Table, Unit, described, shown_cell
from bot.console.words import ConsoleWords
from knowledge.figures.counts import Figures
from knowledge.figures.scope import Period, Ref

_FORMATS = {Unit.COUNT: "#,##0", Unit.SHARE: "0.0%", Unit.HOURS: "#,##0.0"}
_WIDEST = 50
_FONT = "宋体"
"""On every Chinese Windows; others put their own in its place."""

Address = Callable[[Number], str]
"""Where the rows behind a number are listed."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a report."""

    site: str
    period: Period
    place: str
    """Whose rumours were counted, in words."""
    made_at: datetime


def workbook(tables: Sequence[Table], address: Address) -> bytes:
    """An XLSX file: numbers are numbers, days are days, texts are never formulas; each number leads to its rows."""
    file = BytesIO()
    # What residents wrote may begin with = or look like a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        formats = {unit: book.add_format({"num_format": text}) for unit, text in _FORMATS.items()}
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        bold = book.add_format({"bold": True})
        for table in tables:
            sheet = book.add_worksheet(table.title[:31])
            for column, head in enumerate(table.heads):
                sheet.write_string(0, column, head, bold)
                widest = max((len(shown_cell(row[column])) for row in table.rows), default=0)
                sheet.set_column(column, column, min(_WIDEST, 2 * max(widest, len(head)) + 2))
            for line, row in enumerate(table.rows, start=1):
                for column, cell in enumerate(row):
                    _write(sheet, line, column, cell, formats, day, address)
    return file.getvalue()


def _write(
    sheet: Any, line: int, column: int, cell: Cell, formats: dict[Unit, Any], day: Any, address: Address
) -> None:
    if isinstance(cell, date):
        sheet.write_datetime(line, column, cell, day)
    elif isinstance(cell, str):
        sheet.write_string(line, column, cell)
    elif cell.value is None:
        sheet.write_string(line, column, shown_cell(cell))
    else:
        sheet.write_url(line, column, address(cell))  # the link stays when the number is written over its text
        sheet.write_number(line, column, cell.value, formats[cell.unit])


class _References:
    """Numbers in brackets behind each number, one for each list of rows."""

    def __init__(self) -> None:
        self.all: dict[tuple[Ref, Period], tuple[int, Number]] = {}

    def marked(self, number: Number) -> str:
        if number.value is None:
            return shown_cell(number)
        place, _ = self.all.setdefault((number.ref, number.period), (len(self.all) + 1, number))
        return f"{shown_cell(number)}[{place}]"


def word_report(
    figures: Figures,
    tables: Sequence[Table],
    words: ConsoleWords,
    heading: Heading,
    address: Address,
    pictures: Pictures | None,
) -> bytes:
    """A DOCX file: summary, tables and charts, and at the end where the rows behind each number are listed."""
    say, references = words.say, _References()
    document = _new_document(say("reports-word-title", site=heading.site), heading.made_at)
    document.add_paragraph(
        say(
            "reports-word-period",
            first=heading.period.first.isoformat(),
            last=heading.period.last.isoformat(),
            place=heading.place,
            made=words.moment(heading.made_at),
        )
    )
    document.add_heading(say("reports-word-summary"), 1)
    for sentence in summary(figures, tables, words, references.marked):
        document.add_paragraph(sentence, style="List Bullet")
    document.add_paragraph(say("reports-word-marks"))
    for table in tables:
        document.add_heading(table.title, 1)
        _add_table(document, table, words, references)
        if pictures is not None:
            _add_picture(document, table, pictures)
    if pictures is None:
        document.add_paragraph(say("reports-word-no-font"))
    document.add_heading(say("reports-word-references"), 1)
    rows = [
        [f"[{place}]", described(words, number.ref), _days(number.period), address(number)]
        for place, number in references.all.values()
    ]
    _fill(document, [say(f"reports-head-{head}") for head in ("mark", "figure", "period", "rows")], rows)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def summary(
    figures: Figures, tables: Sequence[Table], words: ConsoleWords, marked: Callable[[Number], str]
) -> list[str]:
    """The main numbers in sentences; only what there is something to say of."""
    if figures.is_empty:
        return [words.say("reports-empty-period")]
    by_name = {table.name: table for table in tables}
    now = {name: row[1] for name, row in zip(MAIN, by_name["main"].rows, strict=True)}
    said = {name: marked(cell) for name, cell in now.items() if isinstance(cell, Number)}
    sentences = [words.say("reports-sentence-messages", messages=said["messages"])]
    totals = figures.totals
    for name, worth in (("asked", totals.asked), ("rated", totals.rated), ("new", 1), ("verdicts", totals.verdicts)):
        if worth:
            sentences.append(words.say(f"reports-sentence-{name}", **_needed(name, said)))
    for name in ("topics", "articles", "rumours"):
        if rows := by_name[name].rows:
            number = next(cell for cell in rows[0] if isinstance(cell, Number))
            first = shown_cell(rows[0][0])
            sentences.append(words.say(f"reports-sentence-{name}", first=first, count=marked(number)))
    return sentences


_NEEDED = {
    "asked": ("asked", "sure", "sure_share"),
    "rated": ("rated", "helpful_share"),
    "new": ("new",),
    "verdicts": ("verdicts", "median", "ninety"),
}


def _needed(name: str, said: dict[str, str]) -> dict[str, str]:
    return {needed: said[needed] for needed in _NEEDED[name]}


def _days(period: Period) -> str:
    first, last = period.first.isoformat(), period.last.isoformat()
    return first if first == last else f"{first} – {last}"


def _new_document(title: str, at: datetime) -> Word:
    document = Document()
    document.core_properties.title, document.core_properties.author = title, ""
    document.core_properties.created = document.core_properties.modified = at.replace(tzinfo=None)
    for name in ("Normal", "Title", "Heading 1"):
        style: Any = document.styles[name]
        style.font.name = _FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    normal: Any = document.styles["Normal"]
    normal.font.size = Pt(10.5)
    document.add_heading(title, 0)
    _number_pages(document)
    return document


def _number_pages(document: Word) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field: Any = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _add_table(document: Word, table: Table, words: ConsoleWords, references: _References) -> None:
    if not table.rows:
        document.add_paragraph(words.say("reports-empty"))
        return
    if table.note:
        document.add_paragraph(table.note)
    _fill(
        document,
        table.heads,
        [
            [references.marked(cell) if isinstance(cell, Number) else shown_cell(cell) for cell in row]
            for row in table.rows
        ],
    )


def _fill(document: Word, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    grid = document.add_table(1 + len(rows), len(heads), "Table Grid")
    for line, row in zip(grid.rows, [heads, *rows], strict=True):
        for cell, text in zip(line.cells, row, strict=True):
            cell.text = _storable(text)
    properties: Any = grid.rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))  # said again at the top of each page the table goes on to


def _add_picture(document: Word, table: Table, pictures: Pictures) -> None:
    if table.rows and table.form is not Form.NONE:
        drawn = pictures.rows(table.points) if table.form is Form.ROWS else pictures.lines(table.series, table.labels)
        document.add_picture(BytesIO(drawn), Cm(15))


def _storable(text: str) -> str:
    """Without control characters, which XML cannot hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
