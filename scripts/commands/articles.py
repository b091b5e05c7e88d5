"""`qiuzhen articles`: check, load and export article files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.pages.fonts import FontUnusable
from bot.channels.pages.sheet import Sheet
from bot.channels.pages.sheets import make
from bot.channels.pages.view import Words
from bot.conversation.wording import SIMPLIFIED, Wording
from bot.settings import Settings
from knowledge import articles, reading
from knowledge.article_content import ArticleContent
from knowledge.article_files import CONTENT, Folder, read_folder, write_file
from knowledge.database import Database
from knowledge.models import Article, ArticleRevision, Status
from knowledge.reading import WholeArticle
from scripts.commands.common import errors, fail, output, read_settings, run

app = typer.Typer(no_args_is_help=True, help="Check, load and export article files, and print articles.")

FolderArgument = Annotated[
    Path | None, typer.Argument(help="Folder of article files; the starter articles if left out.")
]


@dataclass(slots=True)
class Loaded:
    """What loading a folder came to."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)
    """Slugs that people have edited since, so that the file does not count any more."""

    def __str__(self) -> str:
        return (
            f"{self.added} added, {self.changed} changed, {self.unchanged} unchanged, {len(self.kept)} kept as edited"
        )


@app.command()
def check(folder: FolderArgument = None) -> None:
    """Say what is wrong with article files, file by file and field by field."""
    found = read_articles(folder or content_folder(read_settings()))
    output.print(f"{len(found.articles)} articles, {len(found.problems)} files with problems")
    if found.problems:
        raise typer.Exit(1)


@app.command()
def load(folder: FolderArgument = None) -> None:
    """Load article files into the database and publish them; files with problems are left out."""
    settings = read_settings()
    found = read_articles(folder or content_folder(settings))

    async def work() -> Loaded:
        database = Database(settings.database)
        try:
            await database.check()
            return await load_articles(database, list(found.articles.values()))
        finally:
            await database.close()

    output.print(str(run(work)))
    if found.problems:
        raise typer.Exit(1)


@app.command()
def export(folder: Annotated[Path, typer.Argument(help="Where to write the files.")]) -> None:
    """Write every published article as a file."""
    settings = read_settings()

    async def work() -> int:
        database = Database(settings.database)
        try:
            await database.check()
            async with database.reading() as session:
                contents = await articles.all_contents(session)
        finally:
            await database.close()
        for content in contents:
            write_file(folder, content)
        return len(contents)

    output.print(f"{run(work)} articles written to {folder}", soft_wrap=True)


@app.command()
def sheet(
    slug: Annotated[str, typer.Argument(help="The article, such as baijiu-virus.")],
    out: Annotated[Path | None, typer.Option(help="File to write; SLUG.pdf here if left out.")] = None,
) -> None:
    """Make the sheet of one article for the notice board: a PDF to print, with a code that leads to its page."""
    settings = read_settings()
    file = out or Path(f"{slug}.pdf")

    async def work() -> WholeArticle:
        database = Database(settings.database)
        try:
            await database.check()
            async with database.reading() as session:
                return await reading.whole(session, slug, datetime.now(ZoneInfo(settings.timezone)).date())
        finally:
            await database.close()

    article = run(work)
    base = str(settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    words = Words(Wording(SIMPLIFIED, settings.timezone), settings.timezone)
    content = Sheet.of(article, words, url=f"{base}/a/{slug}", site=settings.site_name, language=SIMPLIFIED)
    try:
        file.write_bytes(make(content, settings.sheet_font))
    except FontUnusable as error:
        fail(f"No sheet can be made: {error}. Install fonts-noto-cjk, or name a font file in QIUZHEN_SHEET_FONT.")
    except OSError as error:
        fail(str(error))
    output.print(f"{file} written; its code leads to {base}/a/{slug}", soft_wrap=True)


async def load_articles(database: Database, contents: list[ArticleContent]) -> Loaded:
    """Publish these articles, except where people have worked on one since it was last loaded."""
    loaded = Loaded()
    async with database.transaction() as session:
        for content in contents:
            before = await session.scalar(select(Article.change).where(Article.slug == content.slug))
            if before is not None and await _edited_by_people(session, content.slug):
                loaded.kept.append(content.slug)
                continue
            article = await articles.save(session, content, status=Status.PUBLISHED)
            if before is None:
                loaded.added += 1
            elif article.change == before:
                loaded.unchanged += 1
            else:
                loaded.changed += 1
    return loaded


def content_folder(settings: Settings) -> Path:
    """Where the articles come from."""
    return settings.content_dir or CONTENT


def read_articles(folder: Path) -> Folder:
    """Read article files and say what is wrong with them; ends the command when there is no such folder."""
    if not folder.is_dir():
        fail(f"{folder} is not a folder.")
    found = read_folder(folder)
    for problem in found.problems:
        errors.print(str(problem), style="red", soft_wrap=True)
    return found


async def _edited_by_people(session: AsyncSession, slug: str) -> bool:
    edited = await session.scalar(
        select(ArticleRevision.id)
        .join(Article)
        .where(Article.slug == slug, ArticleRevision.by_id.is_not(None))
        .limit(1)
    )
    return edited is not None
