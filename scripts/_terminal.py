"""What the commands of a checkout show a person: numbered steps, and one line that says what a long command is doing.

Standard library only. On a terminal the live line rewrites itself; into a file or a pipe it is an ordinary line now
and then.
"""

from __future__ import annotations

import io
import queue
import shutil
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TextIO

PLAIN_EVERY = 15.0  # seconds between two lines when the output is no terminal


def speak_utf8() -> None:
    """Let a Windows console and a C locale show Chinese instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)


def step(number: int, of: int, chinese: str, english: str) -> None:
    """Announce one numbered step."""
    print(f"{number}/{of} {chinese}  {english}", flush=True)


def done(text: str, since: float | None = None) -> None:
    """Say that a step is finished; `since` is the `time.monotonic()` it began at."""
    took = "" if since is None else f"，用时 {time.monotonic() - since:.0f} 秒"
    print(f"    ✓ {text}{took}", flush=True)


def fit(text: str, columns: int) -> str:
    """Return the start of `text` that fills at most `columns` of a terminal, where a Chinese character fills two."""
    used = 0
    for position, character in enumerate(text):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > columns:
            return text[:position]
    return text


class LiveLine:
    """One line that is rewritten while something long runs.

    No ANSI codes: an old Windows console prints them as they are, so a line is wiped with spaces.
    """

    def __init__(self, stream: TextIO | None = None, plain_every: float = PLAIN_EVERY) -> None:
        self._stream = stream or sys.stdout
        self._rewrites = self._stream.isatty()
        self._plain_every = plain_every
        self._began = self._last = time.monotonic()

    def show(self, text: str) -> None:
        """Show what is being done now, with the seconds since this line began."""
        now = time.monotonic()
        line = f"    {now - self._began:4.0f} 秒  {text}"
        if self._rewrites:
            self._rewrite(line)
        elif now - self._last >= self._plain_every:
            self._last = now
            print(line, file=self._stream, flush=True)

    def clear(self) -> None:
        """Wipe the line, so that what is printed next starts on an empty one."""
        if self._rewrites:
            self._rewrite("")

    def _rewrite(self, line: str) -> None:
        columns = shutil.get_terminal_size().columns - 1
        self._stream.write("\r" + " " * columns + "\r" + fit(line, columns))
        self._stream.flush()


def run_condensed(
    command: Sequence[str],
    log: Path,
    condense: Callable[[str], str | None],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    live: LiveLine | None = None,
) -> int:
    """Run a command with its output in `log` and the latest line that `condense` keeps on the terminal.

    Returns the command's exit code. The command is ended with us when we are interrupted.
    """
    live = live or LiveLine()
    with (
        log.open("a", encoding="utf-8") as log_file,
        subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        try:
            _follow(process, log_file, condense, live)
            return process.wait()
        except BaseException:
            process.terminate()
            raise
        finally:
            live.clear()


def _follow(
    process: subprocess.Popen[str], log_file: IO[str], condense: Callable[[str], str | None], live: LiveLine
) -> None:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    doing = "……"
    while True:
        try:
            line = lines.get(timeout=1.0)  # a silent download still shows its seconds
        except queue.Empty:
            live.show(doing)
            continue
        if line is None:
            return
        log_file.write(line)
        log_file.flush()
        doing = condense(line) or doing
        live.show(doing)
