"""Refusals as problem documents (RFC 9457): a status and a sentence, and nothing of how it works inside."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi import HTTPException as Refusal
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api.schemas import Problem
from knowledge.errors import ArticleNotFound, ArticleOverdue, ArticleRetired, KnowledgeError, NotAllowed, RumourNotFound

MEDIA_TYPE = "application/problem+json"
_KNOWN: Sequence[tuple[type[KnowledgeError], int, str]] = (
    (ArticleRetired, 410, "This article has been withdrawn for good."),
    (ArticleOverdue, 404, "This article is due for review and not shown until that is done."),
    (ArticleNotFound, 404, "There is no article with this slug."),
    (RumourNotFound, 404, "There is no rumour with this number, or it is another region's."),
    (NotAllowed, 403, "The roles of this token's person do not allow this, or not in this rumour's region."),
)
"""The sentences of `knowledge` are written for whoever looks after this server; these are for a stranger."""
_log = structlog.get_logger(__name__)


class SmallBodies:
    """Reads no more of a body than anybody needs; FastAPI's own limit answers in plain text."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self.app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and stop it when it grows too large."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._largest:
                raise Refusal(413, f"The body is larger than {self._largest} bytes.")
            return message

        await self.app(scope, counted, send)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How refusals with these statuses look, for the description of an operation."""
    schema = Problem.model_json_schema()
    return {status: {"content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


def answer_with_problems(app: FastAPI) -> None:
    """Let the app refuse in problem documents, whatever goes wrong."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(KnowledgeError, _known)
    app.add_exception_handler(Exception, _broken)


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(problem.model_dump(), status, headers, media_type=MEDIA_TYPE)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return _problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    # Where and why, never what was sent: it may be a message of a resident.
    told = (f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in error.errors())
    return _problem(422, "; ".join(told))


async def _known(request: Request, error: Exception) -> Response:
    for kind, status, sentence in _KNOWN:
        if isinstance(error, kind):
            return _problem(status, sentence)
    return await _broken(request, error)


async def _broken(_request: Request, error: Exception) -> Response:
    _log.error("API request failed", error=type(error).__name__)
    return _problem(500, "Something went wrong here; try again later.")
