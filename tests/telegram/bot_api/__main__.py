"""Run the fake Bot API by hand: ``python -m tests.telegram.bot_api --port 8081``."""

import argparse
import asyncio
import contextlib

from tests.telegram.bot_api import FakeBotApi


async def _serve(port: int) -> None:
    server = FakeBotApi(port=port)
    await server.start()
    print(f"Bot API: {server.url}\ntoken:   {server.token}", flush=True)  # noqa: T201  for the person who started it
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args().port))
