"""What a file of articles holds that somebody sent: a zip of Markdown files, a CSV table, an Excel table.

Nothing of a file is trusted. A row that is no article is named with its reasons and left out; the others are not
harmed. Formulas are text. What becomes of the articles is decided in `imports`.
"""

from __future__ import annotations

import csv
import io
import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from pydantic import ValidationError

from knowledge import article_files
from knowledge.article_content import ArticleContent
from knowledge.article_files import MAX_FILE_BYTES, problems_of
from knowledge.errors import (
    FieldProblem,
    InvalidArticleFile,
    UnreadableUpload,
)

LARGEST = 10 * 1024 * 1024
"""Bytes of one upload."""
MOST = 2000
"""Files of a zip, or rows of a table."""
_MOST_COLUMNS = 60
_UNPACKED = 64 * 1024 * 1024
_RATIO = 100
"""Text shrinks to a tenth at best; what shrinks to a hundredth was made to explode."""
_SMALL = 1024 * 1024
"""Below this nothing can explode, however well it was packed."""
LISTS = ("what_to_do", "asked_as", "audience", "regions", "season", "related")
PARTS = ("title", "publisher", "url", "date", "accessed")
COLUMNS = tuple(ArticleContent.model_fields)
_NEEDED = tuple(name for name, info in ArticleContent.model_fields.items() if info.is_required())
_BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, OSError, EOFError, ValueError),
)
"""What zipfile raises at a file that is none, that was damaged, or that has a password."""
_BROKEN_XLSX = (
    *(*_BROKEN_ZIP, InvalidFileException, SyntaxError),
    *(KeyError, TypeError, AttributeError, IndexError, OverflowError),
)
"""What openpyxl raises at what is no Excel file inside; XML that is none is a SyntaxError."""
_WORDS = {"true": True, "false": False, "是": True, "否": False, "1": True, "0": False, "": False}


@dataclass(slots=True)
class Upload:
    """What a file holds."""

    articles: dict[str, ArticleContent] = field(default_factory=dict)
    """By where each stands: the name of its file, or the number of its row."""
    problems: dict[str, list[FieldProblem]] = field(default_factory=dict)
    encoding: str = ""
    """Of a CSV file."""


def read(name: str, data: bytes) -> Upload:
    """The articles of a file, by the ending of its name.

    Raises: UnreadableUpload, when it cannot be read at all.
    """
    readers = {".zip": _read_zip, ".csv": _read_csv, ".xlsx": _read_xlsx}
    reader = readers.get(Path(name).suffix.lower())
    if reader is None:
        raise UnreadableUpload("kind")
    upload = reader(data)
    _refuse_twins(upload)
    return upload


def decoded(data: bytes) -> tuple[str, str]:
    """A text and the encoding it was in: UTF-8, UTF-16 with its mark, or GB 18030, which holds GBK.

    Raises: UnreadableUpload.
    """
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    marked = next((name for mark, name in marks if data.startswith(mark)), None)
    for name in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if not any(_is_nonsense(character) for character in text) and (name != "gb18030" or _is_everyday(text)):
            return text, name.upper().removesuffix("-SIG").replace("GB18030", "GB 18030")
    raise UnreadableUpload("encoding")


def _is_nonsense(character: str) -> bool:
    """What no text holds, and a text read in the wrong encoding does: control and private characters."""
    return (character < " " and character not in "\t\n\r") or "\ue000" <= character <= "\uf8ff"


def _is_everyday(text: str) -> bool:
    """Whether most of the Chinese is in the set of everyday characters: Big5 read as GB 18030 is not."""
    chinese = [character for character in text if "\u4e00" <= character <= "\u9fff"]
    rare = sum(not character.encode("gb2312", "ignore") for character in chinese)
    return rare * 10 <= len(chinese)


def _read_zip(data: bytes) -> Upload:
    upload = Upload()
    for name, raw in _members(data):
        path = PurePosixPath(name)
        try:
            if len(raw) > MAX_FILE_BYTES:
                reason = f"has {len(raw)} bytes, more than {MAX_FILE_BYTES}"
                raise InvalidArticleFile(Path(name), [FieldProblem("file", reason)])
            text, _ = decoded(raw)
            upload.articles[name] = article_files.parse(Path(path.name), text)
        except InvalidArticleFile as error:
            upload.problems[name] = error.problems
        except UnreadableUpload:
            reason = "is text in no encoding that is read here; save it as UTF-8"
            upload.problems[name] = [FieldProblem("file", reason)]
    return upload


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of a zip by name, none read further than it may be long."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if not _is_clutter(info)]
            _check_size(members, data)
            for info in members:
                _check_name(info.filename)
                with archive.open(info) as file:
                    # What the zip says of its own sizes may be a lie.
                    yield info.filename, file.read(MAX_FILE_BYTES + 1)
    except _BROKEN_ZIP as error:
        raise UnreadableUpload("zip") from error


def _check_size(members: Sequence[zipfile.ZipInfo], data: bytes) -> None:
    if len(members) > MOST:
        raise UnreadableUpload("many", limit=MOST)
    unpacked = sum(info.file_size for info in members)
    if unpacked > _UNPACKED or unpacked > max(_SMALL, len(data) * _RATIO):
        raise UnreadableUpload("bomb")


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    is_plain = "\\" not in name and ":" not in name and not path.is_absolute() and ".." not in path.parts
    if not is_plain or len(path.parts) > 2 or path.suffix.lower() != ".md":
        raise UnreadableUpload("nested")


def _is_clutter(info: zipfile.ZipInfo) -> bool:
    """Folders, and what macOS and Windows add by themselves."""
    path = PurePosixPath(info.filename)
    return info.is_dir() or "__MACOSX" in path.parts or path.name in (".DS_Store", "Thumbs.db", "desktop.ini")


def _read_csv(data: bytes) -> Upload:
    text, encoding = decoded(data)
    first = text.partition("\n")[0]
    try:
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter="\t" if "\t" in first and "," not in first else ",", strict=True
        )
        rows = list(_limited(reader))
    except csv.Error as error:
        raise UnreadableUpload("csv") from error
    upload = _read_rows(rows)
    upload.encoding = encoding
    return upload


def _read_xlsx(data: bytes) -> Upload:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_size(archive.infolist(), data)
        # Formulas come as their text; a cached result is not asked for either.
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            cells = sheet.iter_rows(max_row=MOST + 2, max_col=_MOST_COLUMNS, values_only=True)
            rows = list(_limited([_text(cell) for cell in row] for row in cells))
        finally:
            book.close()
    except UnreadableUpload:
        raise
    except _BROKEN_XLSX as error:
        raise UnreadableUpload("xlsx") from error
    return _read_rows(rows)


def _limited(rows: Any) -> Iterator[list[str]]:
    for number, row in enumerate(rows):
        if number > MOST:
            raise UnreadableUpload("many", limit=MOST)
        yield row


def _text(cell: Any) -> str:
    """A cell of a sheet as it would be written: days without their midnight, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _read_rows(rows: Sequence[Sequence[str]]) -> Upload:
    """The articles of a table whose first row names the columns; other columns are not looked at."""
    head = [name.strip().lower() for name in rows[0]] if rows else []
    if missing := [name for name in _NEEDED if name not in head]:
        raise UnreadableUpload("columns", missing=", ".join(missing))
    upload = Upload()
    for number, row in enumerate(rows[1:], start=2):
        values = {name: undefused(text) for name, text in zip(head, row, strict=False) if name in COLUMNS}
        if not any(values.values()):
            continue
        where = str(number)
        fields, problems = _fields(values)
        try:
            content = ArticleContent.model_validate(fields)
        except ValidationError as error:
            broken = {problem.field.partition(".")[0] for problem in problems}
            problems += [one for one in problems_of(error) if one.field.partition(".")[0] not in broken]
        if problems:
            upload.problems[where] = problems
        else:
            upload.articles[where] = content
    return upload


def _fields(values: Mapping[str, str]) -> tuple[dict[str, Any], list[FieldProblem]]:
    """An article's fields of the cells of a row, and what is no field of the form it must have."""
    fields: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, text in values.items():
        if name in LISTS:
            fields[name] = _lines(text)
        elif name == "single_source":
            fields[name] = _WORDS.get(text.lower(), text)
        elif name == "sources":
            lines = [[part.strip() for part in line.rsplit("|", len(PARTS) - 1)] for line in _lines(text)]
            problems += [
                FieldProblem(f"sources.{number}", "must be five parts between |: " + " | ".join(PARTS))
                for number, parts in enumerate(lines)
                if len(parts) != len(PARTS)
            ]
            fields[name] = [_source(parts) for parts in lines if len(parts) == len(PARTS)]
        elif name == "second_reading" and text:
            day, bar, changed = text.partition("|")
            if not bar:
                problems.append(FieldProblem(name, "must be a day and what was changed, between |"))
            fields[name] = {"on": day.strip(), "changed": changed.strip()} if bar else None
        elif text:
            fields[name] = text
    if not fields.get("audience"):
        fields.pop("audience", None)
    return fields, problems


def _source(parts: Sequence[str]) -> dict[str, str | None]:
    return {name: text or (None if name == "date" else "") for name, text in zip(PARTS, parts, strict=True)}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def undefused(text: str) -> str:
    """The text of a cell without the apostrophe an export put before it."""
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@\t\r") else text


def _refuse_twins(upload: Upload) -> None:
    """Two articles of one slug are both refused: nobody can say which one is meant."""
    counts = Counter(content.slug for content in upload.articles.values())
    for where, content in list(upload.articles.items()):
        if counts[content.slug] > 1:
            others = [w for w, other in upload.articles.items() if other.slug == content.slug and w != where]
            upload.problems[where] = [FieldProblem("slug", f"is also that of {', '.join(others)}")]
    for where in upload.problems:
        upload.articles.pop(where, None)
