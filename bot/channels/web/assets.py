"""The page's static files, held in memory and named by their content so that browsers may keep them for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file."""

    name: str
    content: bytes
    media_type: str

    @classmethod
    def read(cls, path: Path) -> Asset:
        """Load a file whose suffix is .css, .js or .svg."""
        return cls(path.name, path.read_bytes(), _TYPES[path.suffix])

    @property
    def url(self) -> str:
        """Where it is served; another content has another address."""
        stem, _, suffix = self.name.rpartition(".")
        return f"/static/{stem}.{sha256(self.content).hexdigest()[:12]}.{suffix}"

    def serving(self, cache: str = _FOR_EVER) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint that answers with the file."""

        async def serve(request: Request) -> Response:
            return Response(self.content, media_type=self.media_type, headers={"cache-control": cache})

        return serve


def read_assets(folder: Path) -> Sequence[Asset]:
    """Every static file of `folder`, by name."""
    return [Asset.read(path) for path in sorted(folder.iterdir()) if path.suffix in _TYPES]
