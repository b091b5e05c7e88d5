"""The people, for administrators: added, given roles, invited anew, shut out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from starlette.responses import Response

from bot.console.account import id_of
from bot.console.console import HOME, said
from bot.console.visit import Page, Visit
from knowledge import staff
from knowledge.errors import InvalidPerson, LastAdministrator, LoginTaken
from knowledge.models import Person, Role

PEOPLE = f"{HOME}/people"
_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
_BETWEEN_REGIONS = re.compile(r"[、，,;；\s]+")


class StaffPages:
    """The room of the administrators."""

    def __init__(self, public_url: str | None) -> None:
        """Links are made with `public_url`; without one, with the address the administrator's own browser uses."""
        self._public_url = public_url

    def pages(self) -> Sequence[Page]:
        """Every page, with who may use it."""
        person = f"{PEOPLE}/{{id:int}}"
        return [
            Page("GET", PEOPLE, _show_people, _ADMINISTRATORS),
            Page("POST", PEOPLE, self._add, _ADMINISTRATORS),
            Page("GET", person, _show_person, _ADMINISTRATORS),
            Page("POST", person, _change, _ADMINISTRATORS),
            Page("POST", f"{person}/deactivate", _deactivate, _ADMINISTRATORS),
            Page("POST", f"{person}/activate", _activate, _ADMINISTRATORS),
            Page("POST", f"{person}/invite", self._invite, _ADMINISTRATORS),
        ]

    async def _add(self, visit: Visit) -> Response:
        login, name, regions = visit.value("login"), visit.value("name"), _regions_given(visit)
        try:
            # A login that is taken is found by the database, which then undoes all since here.
            async with visit.session.begin_nested():
                person = await staff.add(visit.session, visit.person, login, name, _roles(regions), visit.now)
        except (InvalidPerson, LoginTaken) as error:
            status = 409 if isinstance(error, LoginTaken) else 422
            return await _people(visit, status, login, name, regions, said(error, visit.words))
        return await self._link(visit, person)

    async def _invite(self, visit: Visit) -> Response:
        return await self._link(visit, await staff.by_id(visit.session, id_of(visit)))

    async def _link(self, visit: Visit, person: Person) -> Response:
        """The link is on this page and never again."""
        token = await staff.invite(visit.session, visit.person, person.id, visit.now)
        link = invitation_link(self._public_url or str(visit.request.base_url), token)
        hours = int(staff.INVITED_FOR.total_seconds() // 3600)
        return visit.page("staff/link.html", person=person, link=link, hours=hours)


def invitation_link(site: str, token: str) -> str:
    """Where somebody who was invited chooses a password."""
    return f"{site.rstrip('/')}{HOME}/invited/{token}"


async def _show_people(visit: Visit) -> Response:
    return await _people(visit)


async def _people(
    visit: Visit,
    status: int = 200,
    login: str = "",
    name: str = "",
    regions: Mapping[Role, str] | None = None,
    trouble: str = "",
) -> Response:
    return visit.page(
        "staff/people.html",
        status,
        people=await staff.everyone(visit.session),
        all_roles=list(Role),
        login=login,
        name=name,
        regions=regions or {},
        trouble=trouble,
    )


async def _show_person(visit: Visit) -> Response:
    person = await staff.by_id(visit.session, id_of(visit))
    return _person(visit, person, person.name, _regions_of(person))


def _person(
    visit: Visit, person: Person, name: str, regions: Mapping[Role, str], status: int = 200, trouble: str = ""
) -> Response:
    return visit.page(
        "staff/person.html", status, person=person, all_roles=list(Role), name=name, regions=regions, trouble=trouble
    )


async def _change(visit: Visit) -> Response:
    name, regions = visit.value("name"), _regions_given(visit)
    try:
        await staff.change(visit.session, visit.person, id_of(visit), name, _roles(regions), visit.now)
    except (InvalidPerson, LastAdministrator) as error:
        status = 409 if isinstance(error, LastAdministrator) else 422
        person = await staff.by_id(visit.session, id_of(visit))
        return _person(visit, person, name, regions, status, said(error, visit.words))
    return visit.to(PEOPLE)


async def _deactivate(visit: Visit) -> Response:
    await staff.deactivate(visit.session, visit.person, id_of(visit), visit.now)
    return visit.to(PEOPLE)


async def _activate(visit: Visit) -> Response:
    await staff.activate(visit.session, visit.person, id_of(visit), visit.now)
    return visit.to(PEOPLE)


def _regions_given(visit: Visit) -> dict[Role, str]:
    """The roles that are ticked, each with its regions as they were written."""
    ticked = visit.fields.get("role", [])
    return {role: visit.value(f"region-{role}") for role in Role if role.value in ticked}


def _regions_of(person: Person) -> dict[Role, str]:
    """The roles somebody holds, each with its regions as they would be written."""
    held: dict[Role, list[str]] = {}
    for row in person.roles:
        held.setdefault(row.role, []).append(row.region)
    return {role: "、".join(sorted(filter(None, regions))) for role, regions in held.items()}


def _roles(regions: Mapping[Role, str]) -> list[tuple[Role, str]]:
    """Each role in each of its regions; everywhere where none is written."""
    return [
        (role, region)
        for role, written in regions.items()
        for region in (list(filter(None, _BETWEEN_REGIONS.split(written))) or [""])
    ]
