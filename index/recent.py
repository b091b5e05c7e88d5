"""What was used last, and may be wanted again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Generic, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Recent(Generic[_Key, _Value]):
    """A mapping that forgets what was not used for longest. Safe to use from several threads."""

    def __init__(self, size: int) -> None:
        """`size`: how much it holds."""
        self._size = size
        self._found: OrderedDict[_Key, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: _Key) -> _Value | None:
        """What is known; none where nothing is."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, found: Mapping[_Key, _Value]) -> None:
        """Take in something new."""
        with self._lock:
            self._found.update(found)
            while len(self._found) > self._size:
                self._found.popitem(last=False)
