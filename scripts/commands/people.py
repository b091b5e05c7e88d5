"""`qiuzhen people`: who works in the console. Who can run this holds the database, so nobody is asked who they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from bot.settings import Settings
from knowledge import staff
from knowledge.database import Database
from knowledge.models import Person, Role
from scripts.commands.common import output, read_settings, run

app = typer.Typer(no_args_is_help=True, help="The people of the console.")

Result = TypeVar("Result")
Login = Annotated[str, typer.Argument(help="Login of the person.")]


@app.command()
def add(
    login: Annotated[str, typer.Argument(help="2 to 60 of a-z, 0-9, dot, hyphen, underscore.")],
    name: Annotated[str, typer.Option(help="Name shown to colleagues.")],
    role: Annotated[list[Role], typer.Option(help="What the person may do; can be given several times.")],
    region: Annotated[
        list[str] | None,
        typer.Option(help="Where the roles hold, except administrator; several times for several; none: everywhere."),
    ] = None,
) -> None:
    """Add a person and print the link with which they choose a password and set up their phone."""
    settings = read_settings()
    roles = [(each, place) for each in role for place in _places(each, region)]

    async def work(session: AsyncSession) -> str:
        now = datetime.now(UTC)
        person = await staff.add(session, None, login, name, roles, now)
        return await staff.invite(session, None, person.id, now)

    _print_link(settings, _change(settings, work))


@app.command()
def invite(login: Login) -> None:
    """Print a new link for somebody who lost password or phone; the old ones and all sign-ins end."""
    settings = read_settings()

    async def work(session: AsyncSession) -> str:
        person = await staff.by_login(session, login)
        return await staff.invite(session, None, person.id, datetime.now(UTC))

    _print_link(settings, _change(settings, work))


@app.command()
def deactivate(login: Login) -> None:
    """Sign a person out everywhere and let them in no more."""

    async def work(session: AsyncSession) -> None:
        person = await staff.by_login(session, login)
        await staff.deactivate(session, None, person.id, datetime.now(UTC))

    _change(read_settings(), work)
    output.print(f"{login} is deactivated and signed out everywhere.")


@app.command("list")
def list_people() -> None:
    """List everybody with their roles."""
    table = Table("Login", "Name", "Roles", "State")
    for person in _change(read_settings(), staff.everyone):
        roles = ", ".join(sorted(f"{row.role} ({row.region})" if row.region else row.role for row in person.roles))
        table.add_row(person.login, person.name, roles, _state(person))
    output.print(table)


def _places(role: Role, regions: list[str] | None) -> list[str]:
    return [""] if role is Role.ADMINISTRATOR or not regions else regions


def _state(person: Person) -> str:
    if not person.active:
        return "deactivated"
    return "active" if person.totp_step is not None else "invited"


def _print_link(settings: Settings, token: str) -> None:
    from bot.console.staff import invitation_link

    site = str(settings.public_url) if settings.public_url else f"http://{settings.host}:{settings.port}"
    hours = int(staff.INVITED_FOR.total_seconds() // 3600)
    output.print(invitation_link(site, token), soft_wrap=True)
    output.print(f"The link is good for {hours} hours and works once. Give it to nobody else.")


def _change(settings: Settings, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    async def go() -> Result:
        database = Database(settings.database)
        try:
            await database.check()
            async with database.transaction() as session:
                return await work(session)
        finally:
            await database.close()

    return run(go)
