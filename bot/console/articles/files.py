"""Articles out as files, and in from files: checked first, then kept as drafts, with what is wrong row by row.

A file is read before anything is locked, and kept in one transaction: all of it, or nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from starlette.responses import Response

from bot.console.articles.problems import sentence_of
from bot.console.articles.writing import READS, WRITES
from bot.console.visit import Page, Visit
from knowledge import exports, imports, uploads
from knowledge.article_content import ArticleContent
from knowledge.database import Database
from knowledge.errors import NotFound
from knowledge.imports import Outcome, Report
from knowledge.models import Status
from knowledge.uploads import Upload

IMPORT, EXPORT = "/console/import", "/console/export"
_BODY = uploads.LARGEST + 64 * 1024
"""The file and what the form puts around it."""
_LISTED = 200
"""How many of the articles that are fine are named."""
_FORMS: dict[str, tuple[Callable[[Sequence[tuple[ArticleContent, Status]]], bytes], str]] = {
    "zip": (exports.as_zip, "application/zip"),
    "csv": (exports.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (exports.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class FilePages:
    """The pages on which articles come in and go out as files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pages(self) -> Sequence[Page]:
        """Every page, with who may use it. Loading takes a transaction of its own, once the file is read."""
        return [
            Page("GET", IMPORT, _files, READS),
            Page("POST", f"{IMPORT}/check", _check, WRITES, largest_body=_BODY, writes=False),
            Page("POST", IMPORT, self._load, WRITES, largest_body=_BODY, writes=False),
            Page("GET", f"{EXPORT}/{{form}}", _export, READS),
        ]

    async def _load(self, visit: Visit) -> Response:
        upload = await _upload(visit)
        if upload is None:
            return _nothing(visit)
        async with self._database.transaction() as session:
            report = await imports.load(session, visit.person, upload, at=visit.now, dry_run=False)
        return _page(visit, upload=upload, report=report, dry_run=False)


async def _files(visit: Visit) -> Response:
    return _page(visit)


async def _check(visit: Visit) -> Response:
    upload = await _upload(visit)
    if upload is None:
        return _nothing(visit)
    report = await imports.load(visit.session, visit.person, upload, at=visit.now, dry_run=True)
    return _page(visit, upload=upload, report=report)


async def _upload(visit: Visit) -> Upload | None:
    """What the file that was sent holds; none when none was.

    Raises: UnreadableUpload.
    """
    file = visit.files.get("file")
    data = await file.read() if file else b""
    return await asyncio.to_thread(uploads.read, file.filename or "", data) if file and data else None


def _nothing(visit: Visit) -> Response:
    return _page(visit, error=visit.say("articles-import-none"), status=422)


async def _export(visit: Visit) -> Response:
    form = str(visit.request.path_params["form"])
    if form not in _FORMS:
        raise NotFound(f"There is no export as {form!r}.")
    write, media_type = _FORMS[form]
    content = await asyncio.to_thread(write, await exports.everything(visit.session))
    name = f"articles-{visit.words.day(visit.now)}.{form}"
    return Response(content, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})


def _page(
    visit: Visit,
    *,
    upload: Upload | None = None,
    report: Report | None = None,
    dry_run: bool = True,
    error: str = "",
    status: int = 200,
) -> Response:
    problems = report.problems if report else {}
    return visit.page(
        "articles/files.html",
        status,
        report=report,
        counts={outcome.value: report.count(outcome) if report else 0 for outcome in Outcome},
        bad=[
            (_place(where, visit), sentence_of(problem, visit.words))
            for where, some in problems.items()
            for problem in some
        ],
        fine=[
            (_place(where, visit), slug, outcome)
            for where, slug, outcome in (report.outcomes if report else [])
            if outcome is not Outcome.SAME
        ][:_LISTED],
        encoding=upload.encoding if upload else "",
        dry_run=dry_run,
        error=error,
        may_import=visit.person.may(WRITES),
        forms=list(_FORMS),
    )


def _place(where: str, visit: Visit) -> str:
    return visit.say("articles-row", number=where) if where.isdigit() else where
