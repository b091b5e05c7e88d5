"""One's own account: password, browsers, keys of programs, language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from starlette.responses import Response

from bot.channels.web.requests import client_of
from bot.console.console import COOKIE, HOME, said
from bot.console.visit import Page, Visit
from knowledge import chats, credentials, people
from knowledge.errors import InvalidPerson, NotFound, TooManyAttempts, WeakPassword
from knowledge.people import hashed
from knowledge.protection import Vault

ACCOUNT = f"{HOME}/account"
_LARGEST_ID = 2**31 - 1


class AccountPages:
    """What everybody may look at and change of their own account."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def pages(self) -> Sequence[Page]:
        """Every page, with who may use it."""
        return [
            Page("GET", ACCOUNT, _show),
            Page("POST", f"{ACCOUNT}/password", self._change_password),
            Page("POST", f"{ACCOUNT}/browsers/{{id:int}}/sign-out", _sign_out_one),
            Page("POST", f"{ACCOUNT}/browsers/sign-out", _sign_out_others),
            Page("POST", f"{ACCOUNT}/chat", _link_chat),
            Page("POST", f"{ACCOUNT}/chat/unlink", _unlink_chat),
            Page("POST", f"{ACCOUNT}/keys", _make_key),
            Page("POST", f"{ACCOUNT}/keys/{{id:int}}/revoke", _revoke_key),
        ]

    async def _change_password(self, visit: Visit) -> Response:
        """With the old one and a code, so that a browser left open is not enough; every other one is signed out."""
        new = visit.value("new")
        if new != visit.value("again"):
            return await _account(visit, 422, password_trouble=visit.say("signin-different"))
        try:
            changed = await credentials.change_password(
                visit.session,
                self._vault,
                visit.person,
                visit.value("old"),
                visit.value("code"),
                new,
                client_of(visit.request),
                visit.now,
            )
        except (WeakPassword, TooManyAttempts) as error:
            status = 429 if isinstance(error, TooManyAttempts) else 422
            return await _account(visit, status, password_trouble=said(error, visit.words))
        if not changed:
            return await _account(visit, 422, password_trouble=visit.say("account-password-wrong"))
        await people.sign_out_others(visit.session, visit.person, _own_token(visit), visit.now)
        return await _account(visit, done=visit.say("account-password-done"))


async def _show(visit: Visit) -> Response:
    return await _account(visit)


async def _account(
    visit: Visit,
    status: int = 200,
    *,
    password_trouble: str = "",
    key_trouble: str = "",
    key: str = "",
    code: str = "",
    done: str = "",
) -> Response:
    return visit.page(
        "staff/account.html",
        status,
        browsers=await people.sign_ins(visit.session, visit.person.id, visit.now),
        this=hashed(_own_token(visit)),
        keys=await people.api_tokens(visit.session, visit.person.id),
        is_linked=await chats.is_linked(visit.session, visit.person.id),
        least=credentials.SHORTEST_PASSWORD,
        password_trouble=password_trouble,
        key_trouble=key_trouble,
        key=key,
        code=code,
        code_minutes=chats.CODE_GOOD_FOR // timedelta(minutes=1),
        done=done,
    )


async def _sign_out_one(visit: Visit) -> Response:
    await people.sign_out_one(visit.session, visit.person, id_of(visit), visit.now)
    return visit.to(ACCOUNT)


async def _sign_out_others(visit: Visit) -> Response:
    await people.sign_out_others(visit.session, visit.person, _own_token(visit), visit.now)
    return visit.to(ACCOUNT)


async def _link_chat(visit: Visit) -> Response:
    """The code is on this page and never again."""
    return await _account(visit, code=await chats.new_code(visit.session, visit.person, visit.now))


async def _unlink_chat(visit: Visit) -> Response:
    await chats.unlink(visit.session, visit.person, visit.now)
    return visit.to(ACCOUNT)


async def _make_key(visit: Visit) -> Response:
    """The key is on this page and never again."""
    try:
        key = await people.new_api_token(visit.session, visit.person.id, visit.value("name"), visit.now)
    except InvalidPerson as error:
        return await _account(visit, 422, key_trouble=said(error, visit.words))
    return await _account(visit, key=key)


async def _revoke_key(visit: Visit) -> Response:
    await people.revoke_api_token(visit.session, visit.person, id_of(visit), visit.now)
    return visit.to(ACCOUNT)


def id_of(visit: Visit) -> int:
    """The number in the address of the page.

    Raises: NotFound, when it is larger than any that the database could hold.
    """
    number = int(visit.request.path_params["id"])
    if number > _LARGEST_ID:
        raise NotFound("There is nothing with this number.")
    return number


def _own_token(visit: Visit) -> str:
    return visit.request.cookies.get(COOKIE, "")
