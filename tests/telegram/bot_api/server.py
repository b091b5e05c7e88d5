"""The HTTP side of the fake Bot API."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.telegram.bot_api.faults import ApiError, Fault
from tests.telegram.bot_api.methods import Methods, decoded
from tests.telegram.bot_api.state import TOKEN, Call, Json, State
from tests.telegram.bot_api.webhook import Courier


class FakeBotApi(State):
    """The server and everything in it. It keeps its state and its port while stopped, like an API that was away."""

    def __init__(self, *, token: str = TOKEN, port: int = 0) -> None:
        super().__init__()
        self.token = token
        self.port = port
        self._methods = Methods(self)
        self._faults: dict[str, list[Fault]] = {}
        self._server: EmbeddedServer | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """The address to give the bot as its API server."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        listener = listen(self.port)
        self.port = listener.getsockname()[1]
        self.open = True
        self._server = EmbeddedServer(
            uvicorn.Config(
                self.app(), log_config=None, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
            )
        )
        self._tasks = [
            asyncio.create_task(self._server.serve([listener])),
            asyncio.create_task(Courier(self).run()),
        ]
        while not self._server.started:  # noqa: ASYNC110  uvicorn offers nothing to wait for
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Stop listening: connections are refused from now on."""
        if self._server is None:
            return
        self.open = False
        self.notify()
        self._server.leave()
        serving, courier = self._tasks
        courier.cancel()
        await asyncio.gather(serving, courier, return_exceptions=True)
        self._server = None

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next calls of `method` go wrong, one fault a call, in this order."""
        self._faults.setdefault(method, []).extend(faults)

    def app(self) -> Starlette:
        """The ASGI application alone."""
        return Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/files/{file_id}", self._download),
                Route("/control/send", self._control_send, methods=["POST"]),
                Route("/control/sent", self._control_sent),
            ]
        )

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        try:
            if request.path_params["token"] != self.token:
                raise ApiError(401, "Unauthorized")
            fields = decoded(await _fields(request))
            self.calls.append(Call(method, fields))
            return await self._answer(method, fields, request)
        except ApiError as error:
            return _refusal(error)

    async def _answer(self, method: str, fields: Json, request: Request) -> Response:
        fault = self._next_fault(method, fields)
        if fault.error is not None:
            raise ApiError(*fault.error)
        if fault.body is not None:
            return Response(fault.body)
        if fault.drop and not fault.accepted:
            return _Broken()
        result = await self._methods.call(method, fields, request.is_disconnected)
        if fault.drop:
            return _Broken()
        waited = 0.0
        while waited < fault.delay and self.open and not await request.is_disconnected():
            await asyncio.sleep(0.05)
            waited += 0.05
        return _json({"ok": True, "result": result})

    def _next_fault(self, method: str, fields: Json) -> Fault:
        waiting = self._faults.get(method, [])
        chat = str(fields.get("chat_id", ""))
        for fault in waiting:
            if fault.chat is None or str(fault.chat) == chat:
                waiting.remove(fault)
                return fault
        return Fault()

    async def _download(self, request: Request) -> Response:
        content = self.files.get(request.path_params["file_id"])
        if request.path_params["token"] != self.token or content is None:
            return _refusal(ApiError(404, "Not Found"))
        return Response(content, media_type="application/octet-stream")

    # Driving by hand

    async def _control_send(self, request: Request) -> Response:
        """``{"chat": 7, "text": ..., "forwarded": true}``, or ``photo`` (a caption), ``edit`` (a message id, with
        ``text``) or ``press`` (a token, with ``message``) instead."""
        order = await request.json()
        chat = int(order["chat"])
        try:
            if "press" in order:
                return JSONResponse({"query": self.press(chat, int(order["message"]), order["press"])})
            if "edit" in order:
                self.edit(chat, int(order["edit"]), order["text"])
                return JSONResponse({"message_id": int(order["edit"])})
        except LookupError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        if "photo" in order:
            return JSONResponse({"message_id": self.send_photo(chat, order["photo"])})
        return JSONResponse({"message_id": self.send_text(chat, order["text"], forwarded=bool(order.get("forwarded")))})

    async def _control_sent(self, request: Request) -> Response:
        """What the bot sent to ``?chat=``, only after message ``&after=`` if given."""
        after = int(request.query_params.get("after", 0))
        sent = [m for m in self.sent(int(request.query_params["chat"])) if m.message_id > after]
        return _json([{"message_id": m.message_id, "text": m.text, "bold": m.bold, "buttons": m.buttons} for m in sent])


class EmbeddedServer(uvicorn.Server):
    """A server inside somebody else's event loop, who keeps the signal handlers; it leaves when told to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Stop, at once and not at the next tick."""
        self._leaving.set()

    async def main_loop(self) -> None:
        await self._leaving.wait()
        # Clients that have just hung up are gone by then; uvicorn would otherwise wait ten times longer for them.
        await asyncio.sleep(0.01)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(port: int = 0) -> socket.socket:
    """A socket on 127.0.0.1 for a server."""
    # Only where the protocol is named does asyncio switch Nagle's algorithm off; with it each answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


class _Broken(Response):
    """A connection that breaks before the answer is complete."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})


async def _fields(request: Request) -> Json:
    """Query, form or JSON fields; files appear under their name as bytes."""
    fields: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        async with request.form() as form:
            for name, value in form.items():
                fields[name] = value if isinstance(value, str) else await value.read()
    elif kind.startswith("application/json"):
        fields |= await request.json()
    else:
        fields |= dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, errors="strict"))
    return fields


def _json(content: Any, status_code: int = 200) -> Response:
    # Escaped, unlike JSONResponse's, so that half characters get through as they are.
    return Response(json.dumps(content), status_code=status_code, media_type="application/json")


def _refusal(error: ApiError) -> Response:
    parameters = {"parameters": {"retry_after": error.retry_after}} if error.retry_after is not None else {}
    answer = {"ok": False, "error_code": error.code, "description": error.description, **parameters}
    return _json(answer, status_code=error.code)
