"""The marks of these tests; a web site on this machine, and a link checker that may ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from scripts.commands.link_check import LinkChecker
from tests.scripts.link_server import Site, here, resolve, serving


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marks of these tests mean."""
    config.addinivalue_line("markers", "slow: takes half a minute; leave out with -m 'not slow'")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site that was just started."""
    async with serving() as site:
        yield site


@pytest.fixture
async def checker() -> AsyncIterator[LinkChecker]:
    """One that may ask this machine, and is in a hurry."""
    async with LinkChecker(pause=0.0, timeout=2.0, resolve=resolve, may_ask=here) as checker:
        yield checker
