"""What the commands share: settings, parts, progress and errors said plainly."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import structlog
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import DBAPIError

from bot.settings import Settings
from index.model import ModelError
from knowledge.errors import KnowledgeError

if TYPE_CHECKING:
    from bot.wiring import Parts

# What residents and paths hold is shown as it is, never read as markup.
errors = Console(stderr=True, highlight=False, markup=False, emoji=False)
output = Console(highlight=False, markup=False, emoji=False)

_SECONDS_BETWEEN_LINES = 5.0

Report = Callable[[int, int], None]
Result = TypeVar("Result")


def read_settings() -> Settings:
    """The settings; ends the command with a plain sentence when one is wrong."""
    try:
        settings = Settings()
    except ValidationError as error:
        lines = (
            f"  QIUZHEN_{'_'.join(map(str, e['loc'])).upper()}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        )
        fail("These settings are wrong:\n" + "\n".join(lines))
    configure_logging(settings.log_level)
    return settings


def configure_logging(level: str) -> None:
    """Log to standard error, so that what a command prints can be piped on."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(
        stream=sys.stderr, level=max(number, logging.WARNING), format="%(levelname)s %(name)s %(message)s"
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def fail(message: str) -> NoReturn:
    """End the command with a message on standard error."""
    errors.print(message, style="red", soft_wrap=True)
    raise typer.Exit(1)


@contextmanager
def plainly(*refusals: type[Exception]) -> Iterator[None]:
    """Say what is refused inside in one plain sentence instead of a traceback, and end the command.

    `refusals` are errors of its own besides those of the knowledge base and the model.
    """
    said_plainly: tuple[type[Exception], ...] = (KnowledgeError, ModelError, *refusals)
    try:
        yield
    except said_plainly as error:
        fail(str(error))
    except DBAPIError as error:
        fail(f"The database refused: {error.orig}")
    except OSError as error:
        fail(str(error))


def run(work: Callable[[], Awaitable[Result]], *refusals: type[Exception]) -> Result:
    """Run `work`, with `refusals` as `plainly` has them."""

    async def go() -> Result:
        return await work()

    with plainly(*refusals):
        return asyncio.run(go())


@asynccontextmanager
async def ready_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Parts that can answer messages."""
    from bot.wiring import build  # everything there is: a command that needs none of it begins two seconds sooner

    parts = build(settings)
    try:
        with progress("建索引 Indexing") as report:
            await parts.warm_up(report)
        yield parts
    finally:
        await parts.close()


@contextmanager
def progress(title: str) -> Iterator[Report]:
    """A bar on standard error that appears with the first report and goes when done; where no terminal is, lines."""
    if not errors.is_terminal:
        yield _plain_progress(title)
        return
    columns = (TextColumn(title), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task(title, total=None, visible=False)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        yield report


def _plain_progress(title: str) -> Report:
    """A line now and then, for logs."""
    said = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= _SECONDS_BETWEEN_LINES:
            said = time.monotonic()
            errors.print(f"{title} {done}/{total}")

    return report


def print_json(value: Any) -> None:
    """Plain JSON on standard output, Chinese readable."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
