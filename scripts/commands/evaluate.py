"""`qiuzhen evaluate`: how well the production searcher does on files of questions."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from index.encoder import load_encoder
from index.evaluation import evaluate_retrieval, load
from index.search import Searcher
from index.vector_cache import CachedEncoder
from scripts.commands.common import output, print_json, progress, read_settings, run

app = typer.Typer(no_args_is_help=True, help="Measure search on JSONL files.")


@app.callback()
def measure() -> None:
    """Measure search on JSONL files."""


@app.command()
def retrieval(
    corpus: Annotated[Path, typer.Option(help="JSONL of documents: id, title, text.")],
    queries: Annotated[Path, typer.Option(help="JSONL of questions: id, text.")],
    qrels: Annotated[Path, typer.Option(help="Tab-separated: question id, document id, relevance.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """How often the right document comes first, and how words alone and vectors alone do."""
    settings = read_settings()

    async def work() -> dict[str, Any]:
        questions = load(corpus, queries, qrels)
        encoder = load_encoder(settings.model_dir, threads=settings.encoder_threads)
        with closing(CachedEncoder(encoder, settings.data_dir / "vectors.sqlite")) as cached:
            searcher = Searcher(cached)
            with progress("建索引 Indexing") as report:
                searcher.replace({document.id: document for document in questions.documents}, report)
            with progress("提问 Asking") as report:
                return evaluate_retrieval(searcher, questions, report)

    figures = run(work)
    if as_json:
        print_json(figures)
        return
    ours = {name: value for name, value in figures.items() if name not in ("n", "words", "dense")}
    table = Table("", *ours, title=f"n = {figures['n']}")
    for title, row in (("ours", ours), ("words", figures["words"]), ("dense", figures["dense"])):
        table.add_row(title, *(f"{row[name]:.3f}" for name in ours))
    output.print(table)
