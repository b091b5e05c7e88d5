"""The command `qiuzhen`: set up, serve, ask, and look after the knowledge base."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from bot.channels.terminal import TerminalChat, message
from bot.messages import Reply
from bot.settings import Settings
from index.model import build_model
from knowledge.database import Database
from scripts.commands import articles, bench, evaluate, people, rumours
from scripts.commands.common import errors, fail, output, print_json, progress, read_settings, ready_parts, run

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="求真 Qiuzhen: answers from checked articles only.",
)
index_app = typer.Typer(no_args_is_help=True, help="The search index.")
model_app = typer.Typer(no_args_is_help=True, help="The embedding model.")
for name, commands in (
    ("articles", articles.app),
    ("rumours", rumours.app),
    ("people", people.app),
    ("evaluate", evaluate.app),
    ("bench", bench.app),
    ("index", index_app),
    ("model", model_app),
):
    app.add_typer(commands, name=name)


@app.command()
def setup() -> None:
    """Build the model, migrate the database, load the articles, build the index; what is done already is kept."""
    settings = read_settings()
    if not settings.model:
        _build_model(settings)
    _migrate(settings)
    found = articles.read_articles(articles.content_folder(settings))

    async def work() -> str:
        database = Database(settings.database)
        try:
            loaded = await articles.load_articles(database, list(found.articles.values()))
        finally:
            await database.close()
        async with ready_parts(settings) as parts:
            return f"{loaded}; {len(parts.searcher)} articles searchable"

    output.print(run(work))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any that is free.")
    ] = None,
) -> None:
    """Serve the web page, and Telegram when a token is set."""
    import uvicorn

    from bot.app import create_app
    from bot.channels.telegram import TelegramChannelError

    settings = read_settings()
    if host is not None:
        settings.host = host
    if port is not None:
        settings.port = port

    listener = _bound(settings)

    async def work() -> None:
        async with ready_parts(settings) as parts:
            config = uvicorn.Config(
                create_app(parts),
                log_level="warning",
                access_log=False,  # an access log would tie addresses of residents to moments
                proxy_headers=settings.behind_proxy,
                timeout_graceful_shutdown=10,
            )
            channels = "网页 web" + (" + Telegram" if settings.telegram_token.get_secret_value() else "")
            address = f"{_in_address(settings.host)}:{listener.getsockname()[1]}"
            errors.print(f"求真在 http://{address} （{channels}），按 Ctrl-C 停止", style="green")
            await uvicorn.Server(config).serve(sockets=[listener])

    with listener:
        run(work, TelegramChannelError)


def _bound(settings: Settings) -> socket.socket:
    """The address to listen on, taken before getting ready; ends the command where it is refused."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        if sys.platform != "win32":  # there it would let two programs share one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        fail(
            f"Cannot listen on {_in_address(settings.host)}:{settings.port}: {error.strerror or error}. "
            "Stop what uses it, or choose another address with --host and --port.\n"
            f"不能在 {settings.port} 端口提供网页。停掉占用它的程序，或用 --port 换一个。"
        )
    return listener


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@app.command()
def chat() -> None:
    """Chat in the terminal."""
    settings = read_settings()

    async def work() -> None:
        async with ready_parts(settings) as parts:
            await TerminalChat(parts.conversation, output).run()

    run(work)


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="What a resident writes.")],
    forwarded: Annotated[bool, typer.Option("--forwarded", help="As a message passed on from somebody else.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the reply and the decision behind it as JSON.")
    ] = False,
) -> None:
    """Send one message through the real conversation."""
    settings = read_settings()

    async def work() -> Reply | None:
        async with ready_parts(settings) as parts:
            return await parts.conversation.reply_to(message(text, forwarded=forwarded))

    reply = run(work)
    if reply is None:
        fail("No reply.")
    if as_json:
        print_json(_facts(reply))
        return
    output.print(reply.text)
    if labels := "  ".join(f"[{choice.label}]" for row in reply.choices for choice in row):
        output.print(f"\n{labels}", style="cyan")


@app.command()
def migrate() -> None:
    """Bring the database up to this version of the program."""
    _migrate(read_settings())


@index_app.callback()
def index() -> None:
    """The search index."""


@index_app.command()
def rebuild() -> None:
    """Encode every article anew, forgetting what was encoded before."""
    settings = read_settings()
    for path in settings.data_dir.glob(f"{settings.vectors.name}*"):
        path.unlink()

    async def work() -> int:
        async with ready_parts(settings) as parts:
            return len(parts.searcher)

    started = datetime.now(UTC)
    count = run(work)
    output.print(f"{count} articles indexed in {(datetime.now(UTC) - started).total_seconds():.1f} s")


@model_app.callback()
def model() -> None:
    """The embedding model."""


@model_app.command()
def build() -> None:
    """Build the default model folder from its pinned weights, unless it is there already."""
    _build_model(read_settings())


def _build_model(settings: Settings) -> None:
    async def work() -> None:
        with progress("模型 Model") as report:
            build_model(settings.model_dir, progress=lambda step, share: report(round(share * 100), 100))

    run(work)


def _migrate(settings: Settings) -> None:
    async def work() -> None:
        database = Database(settings.database)
        try:
            await database.migrate()
        finally:
            await database.close()

    run(work)


def _facts(reply: Reply) -> dict[str, Any]:
    facts = reply.as_json()
    facts["choices"] = [choice for row in facts["choices"] for choice in row]
    wanted = ("route", "band", "probability", "article", "verdict", "text", "choices", "sources", "rumour", "ms")
    return {name: facts[name] for name in (*wanted, "language")}


def main() -> None:
    """Entry of the command."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # consoles on Windows
    app()


if __name__ == "__main__":
    main()
