"""The ASGI app: web chat, article pages, Telegram's webhook, health; start and stop of everything behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot import wiring
from bot.channels.telegram import TelegramChannel
from bot.telling import keep_telling
from bot.wiring import Parts
from knowledge import notices, originals, staff, turns
from knowledge.desk import verdicts
from knowledge.errors import DatabaseNotReady

_HOUSEKEEPING_SECONDS = 600
_log = structlog.get_logger(__name__)


def create_app(parts: Parts) -> Starlette:
    """The app over these parts, which are warm already."""
    telegram = wiring.telegram(parts)
    pages = wiring.pages(parts)
    routes = [
        Route("/health", _health(parts, telegram)),
        *wiring.web_chat(parts).routes(),
        *pages.routes(),
        *wiring.console(parts).routes(),
        *wiring.api(parts).routes(),
    ]
    if telegram:
        routes.extend(telegram.routes())

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        telling = (keep_telling(teller) for teller in (parts.notifier, parts.alerter))
        background = [asyncio.create_task(task) for task in (parts.refresher.follow(), *telling, _keep_house(parts))]
        if telegram:
            await telegram.start()
        try:
            yield
        finally:
            if telegram:
                await telegram.stop()
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await parts.close()

    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=pages.refusals())


def _health(parts: Parts, telegram: TelegramChannel | None) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def health(_request: Request) -> JSONResponse:
        """What works; 503 when messages cannot be answered."""
        try:
            await parts.database.check()
            problem = None
        except DatabaseNotReady as error:
            problem = type(error).__name__
        body = {
            "ok": problem is None,
            "articles": len(parts.searcher),
            "database": problem or "ok",
            "telegram": "off" if telegram is None else (telegram.problem or "ok"),
        }
        return JSONResponse(body, status_code=200 if problem is None else 503)

    return health


async def _keep_house(parts: Parts) -> None:
    """Forget what is kept no longer, and put answers that disappoint back on the desk."""
    while True:
        try:
            now = datetime.now(UTC)
            async with parts.database.transaction() as session:
                await turns.forget_replies(session, now - timedelta(hours=parts.settings.keep_replies_hours))
                await originals.let_go(session, now)
                await staff.let_go(session, now)
                await notices.let_go(session, now)
                await verdicts.reopen_disappointing(session, now)
        except Exception as error:
            _log.error("housekeeping failed", error=type(error).__name__)
        await asyncio.sleep(_HOUSEKEEPING_SECONDS)
