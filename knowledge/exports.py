"""All articles as files that `uploads` reads again: a zip of Markdown files, a CSV table, an Excel table."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import xlsxwriter
from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import article_files
from knowledge.article_content import ArticleContent
from knowledge.models import Article, ArticleRevision, Status
from knowledge.uploads import COLUMNS

_STATUS = "status"
"""A column for people; an import does not look at it."""
_DANGEROUS = tuple("=+-@\t\r")
"""How a cell begins that a spreadsheet would run."""


async def everything(session: AsyncSession) -> list[tuple[ArticleContent, Status]]:
    """The newest revision of every article that is not retired, drafts too, by slug."""
    newest = (
        select(ArticleRevision.article_id, func.max(ArticleRevision.number).label("number"))
        .group_by(ArticleRevision.article_id)
        .subquery()
    )
    rows = await session.execute(
        select(ArticleRevision.content, ArticleRevision.status)
        .join(
            newest, and_(newest.c.article_id == ArticleRevision.article_id, newest.c.number == ArticleRevision.number)
        )
        .join(Article, Article.id == ArticleRevision.article_id)
        .where(Article.status != Status.RETIRED)
        .order_by(Article.slug)
    )
    return [(ArticleContent.model_validate(content), status) for content, status in rows]


def as_zip(articles: Sequence[tuple[ArticleContent, Status]]) -> bytes:
    """One Markdown file an article, in folders by topic."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for content, _ in articles:
            archive.writestr(f"{content.topic}/{content.slug}.md", article_files.written(content))
    return held.getvalue()


def as_csv(articles: Sequence[tuple[ArticleContent, Status]]) -> bytes:
    """A table with the mark by which Excel knows UTF-8."""
    held = io.StringIO()
    csv.writer(held).writerows(_rows(articles))
    return held.getvalue().encode("utf-8-sig")


def as_xlsx(articles: Sequence[tuple[ArticleContent, Status]]) -> bytes:
    """A sheet in which every cell is text."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("articles")
    for number, row in enumerate(_rows(articles)):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text)
    sheet.freeze_panes(1, 1)
    book.close()
    return held.getvalue()


def defused(text: str) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would run."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _rows(articles: Sequence[tuple[ArticleContent, Status]]) -> Iterator[list[str]]:
    yield [*COLUMNS, _STATUS]
    for content, status in articles:
        values = content.model_dump(mode="json")
        yield [*(defused(_cell(values[name])) for name in COLUMNS), status.value]


def _cell(value: Any) -> str:
    """A list one line each, the parts of a source or a reading between bars."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(_cell(each) for each in value)
    if isinstance(value, dict):
        return " | ".join(_cell(each) for each in value.values())
    return str(value).lower() if isinstance(value, bool) else str(value)
