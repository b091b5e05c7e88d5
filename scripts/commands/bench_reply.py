"""`qiuzhen bench reply`: a whole reply, ours beside a naive one, in one run."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from bot.channels.terminal import message
from bot.settings import Settings
from bot.wiring import build
from index.encoder import load_encoder
from knowledge.article_content import ArticleContent
from knowledge.article_files import read_folder
from scripts.commands.articles import content_folder, load_articles
from scripts.commands.common import progress
from scripts.commands.measuring import Network, beside, copied_vectors, int8_multiply_adds_a_second

_QUESTIONS = Path(__file__).parents[2] / "tests" / "quality"
_BLOCK = 10
"""Messages answered by one side before it is the other's turn."""
_READY_SECONDS = 60.0


async def reply(settings: Settings, count: int) -> dict[str, Any]:
    """Seconds of `count` replies on each side, and what a served bot needs to get ready and to live."""
    contents = list(read_folder(content_folder(settings)).articles.values())
    warming, texts = _messages(count)
    with tempfile.TemporaryDirectory() as folder:
        copied_vectors(settings, Path(folder))
        own = settings.model_copy(
            update={
                "data_dir": Path(folder),
                "database_url": "",
                "model": str(settings.model_dir.absolute()),
                "messages_per_minute": 10**9,
            }
        )
        await _prepare(own, contents)
        served = await asyncio.to_thread(_serve_once, own)
        ours, naive = await _answer_in_turns(own, contents, warming, texts)
        bound = _least_seconds(own, texts)
    return {"messages": len(texts), **beside(ours, naive, bound, "naive"), **served}


async def _prepare(settings: Settings, contents: Sequence[ArticleContent]) -> None:
    parts = build(settings)
    try:
        await parts.database.migrate()
        await load_articles(parts.database, list(contents))
        with progress("建索引 Indexing") as report:
            await parts.warm_up(report)
    finally:
        await parts.close()


async def _answer_in_turns(
    settings: Settings, contents: Sequence[ArticleContent], warming: Sequence[str], texts: Sequence[str]
) -> tuple[list[float], list[float]]:
    parts = build(settings)
    from scripts.commands.naive import NaiveBot  # imports torch, which nothing else here needs

    naive = NaiveBot(Path(settings.model), contents, parts.encoder, settings.data_dir / "naive.db")
    times: tuple[list[float], list[float]] = ([], [])
    try:
        await parts.warm_up()
        for text in warming:
            await parts.conversation.reply_to(message(text))
            naive.reply_to(text)
        with progress("作答 Answering") as report:
            for start in range(0, len(texts), _BLOCK):
                block = texts[start : start + _BLOCK]
                for text in block:
                    started = time.perf_counter()
                    await parts.conversation.reply_to(message(text))
                    times[0].append(time.perf_counter() - started)
                for text in block:
                    started = time.perf_counter()
                    naive.reply_to(text)
                    times[1].append(time.perf_counter() - started)
                report(start + len(block), len(texts))
    finally:
        await parts.close()
    return times


def _least_seconds(settings: Settings, texts: Sequence[str]) -> float:
    """What the message in the middle takes at the least: it is encoded, and compared with the wordings of one article.

    Searching takes little beside that, and a commit waits for no disk.
    """
    network = Network.of(settings.model_dir)
    encoder = load_encoder(settings.model_dir, threads=settings.encoder_threads)
    read = encoder.encode_queries(list(texts)).tokens
    least = statistics.median(network.encoding(tokens) + network.comparing(tokens) for tokens in read)
    return least / int8_multiply_adds_a_second()


def _serve_once(settings: Settings) -> dict[str, float]:
    """Seconds until a fresh process answers its first message, and its memory after a hundred."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "QIUZHEN_DATA_DIR": str(settings.data_dir),
        "QIUZHEN_MODEL": settings.model,
        "QIUZHEN_DATABASE_URL": "",
        "QIUZHEN_TELEGRAM_TOKEN": "",
        "QIUZHEN_MESSAGES_PER_MINUTE": "1000000",
    }
    command = [sys.executable, "-m", "scripts.qiuzhen", "serve", "--host", "127.0.0.1", "--port", str(port)]
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_ready(address, process)
        ready = time.perf_counter() - started
        with httpx.Client(base_url=address, headers={"Origin": address}, trust_env=False) as client:
            for number in range(100):
                body = {"id": f"bench-{number:032d}", "text": f"喝高度白酒能杀死病毒吗 {number}"}
                client.post("/chat/messages", json=body).raise_for_status()
        memory = _resident_megabytes(process.pid)
    finally:
        process.terminate()
        process.wait()
    return {"ready_seconds": round(ready, 2), "resident_megabytes": memory}


def _wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.perf_counter() + _READY_SECONDS
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{address}/health", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise RuntimeError("The server did not become ready.")


def _resident_megabytes(process: int) -> float:
    """Resident memory, from /proc where there is one and from ps elsewhere."""
    status = Path(f"/proc/{process}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return round(int(line.split()[1]) / 1024, 1)
    found = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return round(int(found.stdout) / 1024, 1)


def _messages(count: int) -> tuple[list[str], list[str]]:
    """A few messages to begin with, and as many others as wanted, as residents type them: the questions that the search
    is measured on. No two are the same."""
    texts = [
        json.loads(line)["text"]
        for path in sorted(_QUESTIONS.glob("questions-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    random.Random(0).shuffle(texts)  # noqa: S311 - the same every time
    warming, texts = texts[:_BLOCK], texts[_BLOCK:]
    return warming, [texts[i % len(texts)] + "？" * (i // len(texts)) for i in range(count)]
