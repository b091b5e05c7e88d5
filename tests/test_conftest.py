"""The guard and the fixtures keep what they promise."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.conftest import OutsideConnection
from tests.factories import article_content


def test_nothing_beyond_this_machine_can_be_reached(outside_connections: list[str]) -> None:
    with socket.socket() as outside, pytest.raises(OutsideConnection, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))
    with socket.socket(type=socket.SOCK_DGRAM) as outside, pytest.raises(OutsideConnection):
        outside.sendto(b"x", ("192.0.2.2", 53))
    assert outside_connections == ["192.0.2.1", "192.0.2.2"]
    outside_connections.clear()


async def test_no_outside_name_is_looked_up(outside_connections: list[str]) -> None:
    with pytest.raises(OutsideConnection, match=r"api\.telegram\.org"):
        await asyncio.get_running_loop().getaddrinfo("api.telegram.org", 443)
    assert outside_connections == ["api.telegram.org"]
    outside_connections.clear()


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_each_article_has_a_slug_of_its_own() -> None:
    assert article_content().slug != article_content().slug
    assert article_content(kind="guide").verdict is None
