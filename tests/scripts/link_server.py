"""A web server on this machine whose pages are fine, gone, elsewhere or in trouble; it remembers who asked for what."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from scripts.commands.link_check import is_public

STATUS = {"ok": 200, "gone": 404, "removed": 410, "login": 401, "forbidden": 403, "busy": 429, "down": 503, "odd": 412}
ELSEWHERE = {"moved": "/ok", "to-gone": "/gone", "loop": "/loop", "to-mail": "mailto:a@b.test", "slash": "/slash/"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request the server got."""

    method: str
    host: str
    path: str
    began: float
    """By `time.monotonic`."""
    ended: float


@dataclass(slots=True)
class Site:
    """A running server."""

    port: int
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    elsewhere: dict[str, str] = field(default_factory=lambda: dict(ELSEWHERE))
    """Path without its slash -> where it leads."""
    takes: float = 0.0
    """Seconds before it answers."""

    def url(self, path: str, host: str = "site.test") -> str:
        """The address of a page."""
        return f"{self.scheme}://{host}:{self.port}/{path}"

    def paths(self) -> list[tuple[str, str]]:
        """Method and path of every request, in order."""
        return [(one.method, one.path) for one in self.asked]

    async def answer(self, request: Request) -> Response:
        """What the page named by the path says."""
        began = time.monotonic()
        name = request.url.path.strip("/")
        if name == "slow":
            await asyncio.sleep(5)
        await asyncio.sleep(self.takes)
        host = request.headers["host"].partition(":")[0]
        self.asked.append(Asked(request.method, host, request.url.path, began, time.monotonic()))
        if name == "endless":
            return StreamingResponse(_endless(), 302, headers={"location": "/ok"})
        if name in self.elsewhere and not request.url.path.endswith("/"):
            return RedirectResponse(self.elsewhere[name], 302)
        if request.method == "HEAD" and name in ("no-head", "lying-head"):
            return Response(status_code={"no-head": 405, "lying-head": 404}[name])
        return Response("x" * 100, STATUS.get(name, 200))


@asynccontextmanager
async def serving(certificate: Path | None = None) -> AsyncIterator[Site]:
    """A site on a free port of 127.0.0.1; encrypted with the key and certificate in that file."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        site = Site(listener.getsockname()[1], "https" if certificate else "http")
        app = Starlette(routes=[Route("/{path:path}", site.answer, methods=["GET", "HEAD"])])
        config = uvicorn.Config(app, log_level="critical", ws="none", lifespan="off", ssl_certfile=certificate)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        # The socket takes connections from here on; they wait until the server looks at them.
        yield site
        server.should_exit = server.force_exit = True
        await running


async def resolve(host: str, port: int) -> Sequence[str]:
    """Names of the tests: `*.test` is this machine, `*.inside.test` lies in a private network, others are nowhere."""
    if host.replace(".", "").isdigit() or ":" in host:
        return [str(ip_address(host))]
    if host.endswith(".inside.test"):
        return ["10.1.2.3"]
    if host == "both.test":
        return ["93.184.216.34", "192.168.1.1"]
    if host.endswith(".test"):
        return ["127.0.0.1"]
    raise socket.gaierror(socket.EAI_NONAME, "unknown")


def here(address: IPv4Address | IPv6Address) -> bool:
    """This machine counts as public, and no private network does."""
    return address == IPv4Address("127.0.0.1") or is_public(address)


def certificate(folder: Path, name: str, now: datetime) -> tuple[Path, ssl.SSLContext]:
    """A key with a certificate for `name` in one file, and a context that believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    file = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + pem)
    return file, ssl.create_default_context(cadata=pem.decode())


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 1000
        await asyncio.sleep(0.001)
