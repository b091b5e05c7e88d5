"""Opens the pages that articles rest on, politely, and says which are gone.

Never asks anything inside a private network, whatever an address or a redirect says: every name is looked up here, and
the connection goes to the very address that was judged.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from types import TracebackType

import httpx

from knowledge.links import Checked, Problem
from knowledge.models import LinkState

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks a name up, for a port: the addresses as text. Raises: OSError, UnicodeError."""
MayAsk = Callable[[IPv4Address | IPv6Address], bool]

_AT_ONCE = 8
"""Servers that are asked at the same time."""
_REDIRECTS = 5
_ADDRESSES = 3
"""How many addresses of one server are tried."""
_IN_A_ROW = 3
"""After so many pages of a server that cannot be reached, its others are not tried."""
_NAT64 = IPv6Network("64:ff9b::/96")
_GONE = (404, 410)
_OF_THE_BODY = ("content-length", "content-encoding", "transfer-encoding")


class NotPublic(httpx.ConnectError):
    """The address lies in a private network."""


class LinkChecker:
    """Looks whether pages can be opened. Use it as a context manager."""

    def __init__(
        self,
        *,
        agent: str = "qiuzhen",
        pause: float = 1.0,
        timeout: float = 20.0,
        resolve: Resolve | None = None,
        trusted: ssl.SSLContext | None = None,
        may_ask: MayAsk | None = None,
    ) -> None:
        """`pause` and `timeout` are seconds, the one between two requests to a server, the other for one of them.

        For tests only: `resolve`, `trusted` (whose certificates are believed) and `may_ask` (instead of `is_public`).
        """
        inner = httpx.AsyncHTTPTransport(
            verify=trusted or httpx.create_ssl_context(),
            trust_env=False,
            # A connection is for one name: the next request to the same address may be for another.
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        manners = _Manners(inner, resolve or _resolve, may_ask or is_public, pause=pause, timeout=timeout)
        self._client = httpx.AsyncClient(
            transport=manners,
            timeout=timeout / 2,
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            headers={"user-agent": agent, "accept": "*/*", "accept-language": "zh-CN,zh;q=0.9,en;q=0.8"},
        )

    async def __aenter__(self) -> LinkChecker:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, traceback)

    async def check_all(self, urls: Iterable[str], found: Callable[[Checked], Awaitable[None]]) -> None:
        """Look at every address and tell `found` of each: few servers at once, one page of a server at a time."""
        by_host: dict[str, list[str]] = {}
        for url in urls:
            by_host.setdefault(host_of(url), []).append(url)
        free = asyncio.Semaphore(_AT_ONCE)

        async def visit(pages: Sequence[str]) -> None:
            async with free:
                await self._check_host(pages, found)

        try:
            async with asyncio.TaskGroup() as group:
                # The longest first, or they would keep everybody waiting at the end.
                for pages in sorted(by_host.values(), key=len, reverse=True):
                    group.create_task(visit(pages))
        except ExceptionGroup as several:
            # `found` failed; the rest was stopped because of it.
            raise several.exceptions[0] from None

    async def _check_host(self, pages: Sequence[str], found: Callable[[Checked], Awaitable[None]]) -> None:
        failed: list[Checked] = []
        for url in pages:
            if len(failed) >= _IN_A_ROW:
                await found(Checked(url=url, state=failed[-1].state, problem=failed[-1].problem))
                continue
            one = await self.check(url)
            failed = [*failed, one] if one.state is LinkState.UNREACHABLE else []
            await found(one)

    async def check(self, url: str) -> Checked:
        """Look at one address; what cannot be reached is tried twice."""
        if not host_of(url):
            return Checked(url=url, state=LinkState.UNCLEAR, problem=Problem.ADDRESS)
        first = await self._try(url)
        return first if first.state is not LinkState.UNREACHABLE else await self._try(url)

    async def _try(self, url: str) -> Checked:
        try:
            answer = await self._answer(url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = _problem_of(error)
            unclear = (Problem.ENCRYPTION, Problem.REDIRECTS, Problem.NOT_PUBLIC)
            return Checked(
                url=url, state=LinkState.UNCLEAR if problem in unclear else LinkState.UNREACHABLE, problem=problem
            )
        state = _state_of(answer.status_code)
        moved = _moved(url, answer.url) if state is LinkState.WORKS else None
        return Checked(url=url, state=state, status_code=answer.status_code, moved_to=moved)

    async def _answer(self, url: str) -> httpx.Response:
        """The answer to HEAD, or where that is refused or not understood, to GET."""
        try:
            answer = await self._client.head(url)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.is_success:
            return answer
        return await self._client.get(url)


class _Manners(httpx.AsyncBaseTransport):
    """Asks one thing of a server at a time, with a pause, in a limited time, and public servers only.

    Of an answer it reads the head and never the body, however long that would be.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        resolve: Resolve,
        may_ask: MayAsk,
        *,
        pause: float,
        timeout: float,
    ) -> None:
        self._inner = inner
        self._resolve = resolve
        self._may_ask = may_ask
        self._pause = pause
        self._timeout = timeout
        self._turns: dict[str, asyncio.Lock] = {}
        self._free_at: dict[str, float] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises: httpx.TransportError."""
        if request.url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol("Only web pages are asked for.")
        host = request.url.raw_host.decode("ascii")
        clock = asyncio.get_running_loop()
        async with self._turns.setdefault(host, asyncio.Lock()):
            await asyncio.sleep(max(0.0, self._free_at.get(host, 0.0) - clock.time()))
            try:
                async with asyncio.timeout(self._timeout):
                    answer = await self._ask(request, host)
                    await answer.aclose()
                    return httpx.Response(answer.status_code, headers=_without_body(answer.headers))
            except TimeoutError as error:
                raise httpx.ReadTimeout("The server took too long.") from error
            finally:
                self._free_at[host] = clock.time() + self._pause

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()

    async def _ask(self, request: httpx.Request, host: str) -> httpx.Response:
        addresses = await self._addresses(host, request.url.port or {"http": 80, "https": 443}[request.url.scheme])
        for address in addresses[:-1]:
            try:
                return await self._inner.handle_async_request(_at(request, host, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_at(request, host, addresses[-1]))

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            found = [ip_address(text.partition("%")[0]) for text in await self._resolve(host, port)]
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError("The name cannot be found.") from error
        if not all(self._may_ask(address) for address in found):
            raise NotPublic("The address lies in a private network.")
        # Those of the older sort first: they can be reached from anywhere.
        return [str(address) for address in sorted(found, key=lambda one: one.version)][:_ADDRESSES]


def host_of(url: str) -> str:
    """The server of a web address; empty when it is none."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return ""
    return parsed.host if parsed.scheme in ("http", "https") else ""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the public network, also where it carries another one inside."""
    if isinstance(address, IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
    return address.is_global and not address.is_multicast


async def _resolve(host: str, port: int) -> Sequence[str]:
    rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


def _at(request: httpx.Request, host: str, address: str) -> httpx.Request:
    """The same request to this very address; certificate and `Host` are still those of the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        extensions={**request.extensions, "sni_hostname": host},
    )


def _without_body(headers: httpx.Headers) -> list[tuple[str, str]]:
    return [(k, v) for k, v in headers.multi_items() if k not in _OF_THE_BODY]


def _state_of(status_code: int) -> LinkState:
    if 200 <= status_code < 300:
        return LinkState.WORKS
    return LinkState.DEAD if status_code in _GONE else LinkState.UNCLEAR


def _problem_of(error: BaseException) -> Problem:
    chain = list(_causes(error))
    kinds: Sequence[tuple[type[BaseException] | tuple[type[BaseException], ...], Problem]] = (
        (NotPublic, Problem.NOT_PUBLIC),
        ((httpx.TooManyRedirects, httpx.UnsupportedProtocol, httpx.InvalidURL), Problem.REDIRECTS),
        (ssl.SSLCertVerificationError, Problem.CERTIFICATE),
        (ssl.SSLError, Problem.ENCRYPTION),
        ((socket.gaierror, UnicodeError), Problem.DNS),
        (httpx.TimeoutException, Problem.TIMEOUT),
    )
    return next((problem for kind, problem in kinds if any(isinstance(one, kind) for one in chain)), Problem.CONNECTION)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _moved(url: str, final: httpx.URL) -> str | None:
    """Where an address leads to, if to another one; that it is encrypted now or ends in a slash is no move."""
    there = str(final.copy_with(fragment=None))
    if len(there) > 600 or _bare(there) == _bare(str(httpx.URL(url).copy_with(fragment=None))):
        return None
    return there


def _bare(url: str) -> str:
    return url.partition("://")[2].rstrip("/")
