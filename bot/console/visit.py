"""One request to the console: who makes it, in which language, with which form, inside which transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jinja2 import Environment
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.console.words import ConsoleWords
from knowledge.models import Role
from knowledge.people import Actor

EVERYBODY: frozenset[Role] = frozenset()
"""The roles of a page that needs no sign-in."""
STAFF = frozenset(Role)


@dataclass(slots=True)
class Visit:
    """What an endpoint of the console is given."""

    request: Request
    session: AsyncSession
    """For a POST a transaction, committed when the endpoint returns, rolled back when it raises; else for reading."""
    now: datetime
    words: ConsoleWords
    actor: Actor | None
    csrf: str
    """What every form of the page must carry in its field `csrf`."""
    fields: Mapping[str, list[str]]
    """What a form sent, each name with its values."""
    files: Mapping[str, UploadFile]
    templates: Environment
    shared: Mapping[str, Any]
    """What every template is given."""
    after: list[Callable[[], Awaitable[None] | None]] = field(default_factory=list)
    """What to do once the transaction is committed."""

    @property
    def person(self) -> Actor:
        """Who makes the request; only for pages that need a sign-in."""
        assert self.actor is not None, "this page needs no sign-in"  # noqa: S101 - a page declared wrongly
        return self.actor

    def value(self, name: str) -> str:
        """The (last) value of a form field, without spaces around it; empty when it was not sent."""
        values = self.fields.get(name)
        return values[-1].strip() if values else ""

    def say(self, name: str, **values: str | int | float) -> str:
        """A sentence of the console in the reader's language."""
        return self.words.say(name, **values)

    def page(self, template: str, status: int = 200, /, **values: Any) -> Response:
        """A page, or the part of one that htmx asked for."""
        html = self.templates.get_template(template).render(
            **self.shared,
            say=self.words.say,
            shown=self.words.shown,
            moment=self.words.moment,
            day=self.words.day,
            language=self.words.language.value,
            actor=self.actor,
            csrf=self.csrf,
            path=self.request.url.path,
            now=self.now,
            **values,
        )
        return HTMLResponse(html, status, headers={"content-language": self.words.language.value})

    def to(self, path: str) -> Response:
        """Go on to another page of the console after a form was taken."""
        return RedirectResponse(path, status_code=303)


@dataclass(frozen=True, slots=True)
class Page:
    """One address of the console, and who may use it. Declared, so that a test can try every one with every role."""

    method: str
    path: str
    endpoint: Callable[[Visit], Awaitable[Response]]
    roles: frozenset[Role] = STAFF
    """Whoever holds one of them may use it; administrators may use all. `EVERYBODY` needs no sign-in."""
    largest_body: int = 1024 * 1024
    """In bytes."""
    writes: bool = True
    """Whether a POST may change anything; one that only looks something up keeps no other writer waiting."""
