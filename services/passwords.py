"""Choosing a password: checked and hashed before the transaction that stores it."""

from __future__ import annotations

from dataclasses import dataclass

from models.portals import PortalRow
from models.users import UserRow
from rules.passwords import Chooser, check_length, is_short
from rules.refusals import Code, Refusal
from services.desk import SignInDesk


@dataclass(frozen=True, slots=True)
class NewPassword:
    """What is stored of a password. One that is short is good with a second factor only."""

    hash: str
    is_short: bool


def chooser(user: UserRow, portal: PortalRow) -> Chooser:
    """The user as somebody who chooses a password: the shorter one is for those who have, or must have, a second factor."""
    names = (user.first_name, user.last_name, user.username, user.email, portal.name, portal.slug)
    return Chooser(tuple(name for name in names if name), user.mfa_enrolled or portal.mfa_required)


async def chosen(desk: SignInDesk, password: str, who: Chooser, path: tuple[str, ...] = ("password",)) -> NewPassword:
    """The password as it is stored; Refusal WEAK_PASSWORD when it is too short, too long or easy to guess."""
    check_length(password, who, path)
    if await desk.passwords.is_guessable(password, who.words):
        raise Refusal(
            Code.WEAK_PASSWORD,
            "This password is easy to guess: it is common, or made of names that others know. Take another one.",
            path=path,
        )
    return NewPassword(await desk.passwords.hash(password), is_short(password))
