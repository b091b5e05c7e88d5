"""`qiuzhen bench`: our speed beside a naive way of doing the same, measured in one run.

Absolute times on a shared machine drift; the ratio of two things measured in turn does not.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from scripts.commands.common import output, plainly, print_json, read_settings, run

app = typer.Typer(no_args_is_help=True, help="Speed, ours beside a naive baseline.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.callback()
def bench() -> None:
    """Speed, ours beside a naive baseline."""


@app.command()
def reply(
    messages: Annotated[int, typer.Option(min=10, help="How many messages each side answers.")] = 200,
    as_json: AsJson = False,
) -> None:
    """A whole text reply on the articles that are loaded at the start: route, encode, search, decide, log, commit.

    The naive side does the same with sentence-transformers at fp32, a flat FAISS index, the plain ORM and one commit.
    """
    from scripts.commands import bench_reply

    _show(run(lambda: bench_reply.reply(read_settings(), messages)), as_json)


@app.command()
def encode(
    texts: Annotated[int, typer.Option(min=20, help="How many questions each side encodes.")] = 200,
    as_json: AsJson = False,
) -> None:
    """One question of twenty tokens to vectors, beside sentence-transformers in fp32."""
    from scripts.commands import bench_index

    with plainly():
        _show(bench_index.encode(read_settings(), texts), as_json)


@app.command()
def search(
    passages: Annotated[int, typer.Option(min=1000, help="How many made-up passages.")] = 100_000,
    as_json: AsJson = False,
) -> None:
    """The passages nearest to a question, beside comparing all of them."""
    from scripts.commands import bench_index

    with plainly():
        _show(bench_index.search(read_settings(), passages), as_json)


@app.command()
def publish(
    articles: Annotated[int, typer.Option(min=100, help="How many made-up articles there are already.")] = 100_000,
    as_json: AsJson = False,
) -> None:
    """One article that is published among many, until it is found, beside building the whole index anew."""
    from scripts.commands import bench_index

    with plainly():
        _show(bench_index.publish(read_settings(), articles), as_json)


@app.command()
def cluster(
    rumours: Annotated[int, typer.Option(min=1000, help="How many open rumours.")] = 100_000,
    as_json: AsJson = False,
) -> None:
    """A sighting that looks for its rumour, beside comparing all of them."""
    from scripts.commands import bench_index

    with plainly():
        _show(bench_index.cluster(read_settings(), rumours), as_json)


@app.command()
def desk(
    rumours: Annotated[int, typer.Option(min=100, help="How many made-up rumours.")] = 100_000,
    sightings: Annotated[int, typer.Option(min=100, help="How many sightings of them, at least one each.")] = 1_000_000,
    database_url: Annotated[str, typer.Option(help="An empty PostgreSQL database; else a SQLite file is made.")] = "",
    as_json: AsJson = False,
) -> None:
    """Pages of the rumour queue and searches in it, as a debunker's browser gets them."""
    from scripts.commands import bench_desk

    with plainly():
        _show(bench_desk.desk(read_settings(), rumours, max(sightings, rumours), database_url), as_json)


def _show(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        output.print(f"{name}: {value}")
