from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marks of these tests mean."""
    config.addinivalue_line("markers", "slow: takes half a minute; leave out with -m 'not slow'")
