"""`qiuzhen evaluate`: how well the production searcher does on files of questions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scripts.commands.common import output, print_json, progress, read_settings, run
from scripts.commands.markdown import markdown, side_by_side

if TYPE_CHECKING:
    from index.evaluation import Questions
    from index.search import Searcher
    from index.vector_cache import CachedEncoder

app = typer.Typer(no_args_is_help=True, help="Measure search on JSONL files.")


@app.callback()
def measure() -> None:
    """Measure search on JSONL files."""


Corpus = Annotated[Path, typer.Option(help="JSONL of documents: id, title, text.")]
Queries = Annotated[Path, typer.Option(help="JSONL of questions: id, text.")]
Qrels = Annotated[Path, typer.Option(help="Tab-separated: question id, document id, relevance.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Misses = Annotated[bool, typer.Option("--misses", help="List the worst cases too, side by side.")]


@app.command()
def retrieval(corpus: Corpus, queries: Queries, qrels: Qrels, misses: Misses = False, as_json: AsJson = False) -> None:
    """How often the right document comes first, and how words alone and vectors alone do."""
    from index.evaluation import evaluate_retrieval, load

    def work(encoder: CachedEncoder) -> dict[str, Any]:
        questions = load(corpus, queries, qrels)
        searcher = _searcher(encoder, questions)
        with progress("提问 Asking") as report:
            return evaluate_retrieval(searcher, questions, report)

    _show(_with_encoder(work), as_json=as_json, misses=misses)


@app.command()
def decisions(
    corpus: Corpus,
    queries: Queries,
    qrels: Qrels,
    unanswerable: Annotated[Path | None, typer.Option(help="JSONL of questions nothing answers: id, text.")] = None,
    drop_gold: Annotated[float, typer.Option(min=0, max=1, help="Share of questions whose answers are hidden.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Chooses which.")] = 0,
    misses: Misses = False,
    as_json: AsJson = False,
) -> None:
    """How often "sure" is said and right, and how well the probability is calibrated."""
    from index.evaluation import evaluate_decisions, load, load_texts

    def work(encoder: CachedEncoder) -> dict[str, Any]:
        questions = load(corpus, queries, qrels)
        missing = load_texts(unanswerable) if unanswerable else None
        searcher = _searcher(encoder, questions)
        with progress("提问 Asking") as report:
            return evaluate_decisions(
                searcher, questions, unanswerable=missing, drop_gold=drop_gold, seed=seed, progress=report
            )

    _show(_with_encoder(work), as_json=as_json, misses=misses)


@app.command()
def pairs(
    pairs: Annotated[Path, typer.Option(help="JSONL of pairs: a, b, label (1: they mean the same).")],
    misses: Misses = False,
    as_json: AsJson = False,
) -> None:
    """How well the same claim is told from the same topic."""
    from index.clusters import THRESHOLD
    from index.evaluation import evaluate_pairs, load_pairs

    def work(encoder: CachedEncoder) -> dict[str, Any]:
        rows = load_pairs(pairs)
        with progress("编码 Encoding") as report:
            return evaluate_pairs(encoder, rows, THRESHOLD, report)

    _show(_with_encoder(work), as_json=as_json, misses=misses)


@app.command()
def messages(
    labels: Annotated[Path, typer.Option(help="JSONL of messages: text, label.")],
    misses: Misses = False,
    as_json: AsJson = False,
) -> None:
    """Which route the messages of each label take, and how well scams are noticed."""
    from bot.conversation.route_quality import evaluate_messages
    from index.evaluation import load_labels

    def work(encoder: CachedEncoder) -> dict[str, Any]:
        rows = load_labels(labels)
        with progress("编码 Encoding") as report:
            return evaluate_messages(encoder, rows, report)

    _show(_with_encoder(work), as_json=as_json, misses=misses)


def _with_encoder(work: Callable[[CachedEncoder], dict[str, Any]]) -> dict[str, Any]:
    from index.encoder import load_encoder
    from index.evaluation import EvaluationError
    from index.vector_cache import CachedEncoder

    settings = read_settings()

    async def go() -> dict[str, Any]:
        encoder = load_encoder(settings.model_dir, threads=settings.encoder_threads)
        with closing(CachedEncoder(encoder, settings.vectors)) as cached:
            return work(cached)

    return run(go, EvaluationError)


def _searcher(encoder: CachedEncoder, questions: Questions) -> Searcher:
    from index.search import Searcher

    searcher = Searcher(encoder)
    with progress("建索引 Indexing") as report:
        searcher.replace({document.id: document for document in questions.documents}, report)
    return searcher


def _show(figures: dict[str, Any], *, as_json: bool, misses: bool) -> None:
    """JSON, or a table in Markdown that can be pasted into a report."""
    worst = figures.pop("misses")
    if as_json:
        print_json({**figures, "misses": worst} if misses else figures)
        return
    for line in markdown(figures):
        output.print(line, soft_wrap=True)
    if misses:
        output.print()
        for line in side_by_side(worst):
            output.print(line, soft_wrap=True)
