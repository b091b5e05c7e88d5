"""`qiuzhen serve` as an operator starts it, and as a power cut ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.bot.conftest import SECRET
from tests.conftest import REPOSITORY
from tests.telegram.bot_api import TOKEN
from tests.telegram.bot_api.server import listen

READY_WITHIN = 60.0


class Server:
    """One server process at a time, always on the same port and the same data."""

    def __init__(self, data: Path, model_dir: Path) -> None:
        self.data = data
        with listen() as free:
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "QIUZHEN_DATA_DIR": str(data),
            "QIUZHEN_MODEL": str(model_dir),
            "QIUZHEN_SECRET": SECRET,
            "QIUZHEN_PORT": str(self.port),
            "QIUZHEN_MESSAGES_PER_MINUTE": "100000",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.log = data.parent / "server.log"

    def telegram(self, api_url: str, **more: str) -> None:
        """Let it speak to this Bot API from the next start on."""
        self.environment |= {"QIUZHEN_TELEGRAM_TOKEN": TOKEN, "QIUZHEN_TELEGRAM_API_URL": api_url, **more}

    def spawn(self) -> None:
        """Start it, without waiting for anything."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("QIUZHEN_")}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scripts.qiuzhen", "serve"],
                cwd=self.data,  # no `.env` of a developer
                env=clean | {"PYTHONPATH": str(REPOSITORY), **self.environment},
                stdout=log,
                stderr=log,
            )

    async def start(self) -> None:
        """Start it and wait until it answers. Raises: AssertionError with its log, when it does not."""
        self.spawn()
        await self.ready()

    async def ready(self) -> None:
        """Wait until it answers. Raises: AssertionError with its log, when it does not."""
        deadline = asyncio.get_running_loop().time() + READY_WITHIN
        async with httpx.AsyncClient(trust_env=False) as client:
            while asyncio.get_running_loop().time() < deadline:
                assert self._process is not None
                assert self._process.poll() is None, self.written()
                try:
                    if (await client.get(f"{self.url}/health", timeout=5)).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        raise AssertionError(self.written())

    def kill(self) -> None:
        """End it as a power cut would: it gets no chance to tidy up."""
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """Ask it to stop, as a service manager does; its exit code."""
        return self._end(signal.SIGTERM)

    def written(self) -> str:
        """Everything it wrote to the terminal."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        code = self._process.wait(timeout=30)
        self._process = None
        return code
