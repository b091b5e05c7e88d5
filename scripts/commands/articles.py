"""`qiuzhen articles`: check, load and export article files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.settings import Settings
from knowledge import article_rules, articles, reading
from knowledge.article_content import ArticleContent
from knowledge.article_files import CONTENT, Folder, read_folder, write_file
from knowledge.database import Database
from knowledge.errors import FieldProblem
from knowledge.models import Article, ArticleRevision, Band, Status
from knowledge.reading import WholeArticle
from scripts.commands import links
from scripts.commands.common import errors, fail, output, plainly, print_json, read_settings, run

app = typer.Typer(no_args_is_help=True, help="Check, load and export article files, look at sources, print articles.")
app.command("links")(links.command)

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
def check(
    folder: FolderArgument = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Ask the search too, whether each phrasing finds its own article first.")
    ] = False,
) -> None:
    """Say what is wrong with article files, file by file and field by field."""
    settings = read_settings()
    found = read_articles(folder or content_folder(settings))
    problems = rule_problems(found, date.today())  # noqa: DTZ011 - a review is due on a day of this place
    if deep:
        from scripts.commands import base_search

        with plainly(), base_search.base_of(settings, list(found.articles.values())) as base:
            by_slug = base_search.misplaced(base)
        for path, content in found.articles.items():
            problems[path] = [*problems.get(path, []), *by_slug.get(content.slug, [])]
    bad = {path: some for path, some in problems.items() if some}
    for path, some in bad.items():
        for problem in some:
            errors.print(f"{path}: {problem}", style="red", soft_wrap=True)
    count = len(found.problems) + len(bad)
    output.print(f"{len(found.articles)} articles, {count} files with problems")
    if count:
        raise typer.Exit(1)


@app.command()
def coverage(
    questions: Annotated[Path, typer.Argument(help="JSONL with `text`, or one question a line.")],
    folder: Annotated[
        Path | None, typer.Option(help="Folder of article files; the starter articles if left out.")
    ] = None,
    each: Annotated[bool, typer.Option("--list", help="Tell what became of each question.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """How many of these questions are answered surely, with a choice, or not at all, by topic."""
    from index.evaluation import EvaluationError, load_questions
    from scripts.commands import base_search

    settings = read_settings()
    found = read_articles(folder or content_folder(settings))

    with plainly(EvaluationError):
        texts = load_questions(questions)
        with base_search.base_of(settings, list(found.articles.values())) as base:
            figures = base_search.coverage(base, texts)
    rows = figures.pop("questions")
    if as_json:
        print_json({**figures, "questions": rows} if each else figures)
        return
    for line in coverage_table(figures):
        output.print(line, soft_wrap=True)
    if each:
        for row in rows:
            output.print(f"{row['band']}\t{row['probability']}\t{row['article'] or '-'}\t{row['text']}", soft_wrap=True)


@app.command()
def phrasings(
    folder: FolderArgument = None,
    every: Annotated[int, typer.Option(min=1, help="Of each article only every n-th phrasing.")] = 1,
    misses: Annotated[bool, typer.Option("--misses", help="List those that found another article.")] = False,
) -> None:
    """How often a phrasing finds its article while it is left out of it; as JSON."""
    from index.evaluation import EvaluationError
    from scripts.commands import base_search

    settings = read_settings()
    found = read_articles(folder or content_folder(settings))

    with plainly(EvaluationError), base_search.base_of(settings, list(found.articles.values())) as base:
        figures = base_search.left_out(base, every)
    if not misses:
        del figures["misses"]
    print_json(figures)


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


def rule_problems(found: Folder, today: date) -> dict[Path, list[FieldProblem]]:
    """What the rules say of the articles of a folder, by file."""
    between = article_rules.problems_between(found.articles)
    return {
        path: [*article_rules.problems_of(content, today), *between.get(path, [])]
        for path, content in found.articles.items()
    }


def coverage_table(figures: dict[str, Any]) -> Iterator[str]:
    """Coverage as a table in Markdown."""
    yield "| topic | questions | " + " | ".join(Band) + " |"
    yield "|---|---|" + "---|" * len(Band)
    for topic, counts in figures["topics"].items():
        yield f"| {topic} | {sum(counts.values())} | " + " | ".join(str(counts[band]) for band in Band) + " |"
    yield f"| all | {figures['n']} | " + " | ".join(f"{figures[band]:.1%}" for band in Band) + " |"


@app.command()
def sheet(
    slug: Annotated[str, typer.Argument(help="The article, such as baijiu-virus.")],
    out: Annotated[Path | None, typer.Option(help="File to write; SLUG.pdf here if left out.")] = None,
) -> None:
    """Make the sheet of one article for the notice board: a PDF to print, with a code that leads to its page."""
    from bot.channels.pages.fonts import FontUnusable
    from bot.channels.pages.sheet import Sheet
    from bot.channels.pages.sheets import make
    from bot.channels.pages.view import Words
    from bot.conversation.language import SIMPLIFIED
    from bot.conversation.wording import Wording

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
