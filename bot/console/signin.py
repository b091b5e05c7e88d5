"""Into the console and out of it: password, code, and the first room."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from bot.console.console import HOME
from bot.console.rooms import ROOMS
from bot.console.visit import Page, Visit


class SignInPages:
    """The pages with which somebody comes in."""

    def pages(self) -> Sequence[Page]:
        """Every page, with who may use it."""
        return [Page("GET", HOME, _first_room)]


async def _first_room(visit: Visit) -> Response:
    place = next((place for _, place, roles in ROOMS if visit.person.may(roles)), "/account")
    return visit.to(f"{HOME}{place}")
