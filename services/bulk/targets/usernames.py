"""Usernames of new users: given by the caller, else the address, else made of the name."""

from __future__ import annotations

from uuid import UUID

from models.users.logins import Taken
from rules.refusals import Code, Refusal
from rules.text.folding import login_key, sort_key
from rules.text.lookalikes import skeleton
from services.bulk.targets.invitees import Invitee

LONGEST_GENERATED = 100


def wanted(invitee: Invitee, user_id: UUID) -> set[str]:
    """Return the login keys that the invitee may get."""
    logins = [invitee.username or invitee.email, invitee.email]
    if not any(logins):
        logins = [*_generated(invitee, user_id)]
    return {login_key(login) for login in logins if login}


def wanted_looks(invitee: Invitee, user_id: UUID) -> set[str]:
    """Return the looks of the usernames that the invitee may get and that must not imitate another username."""
    if _is_chosen(invitee):
        return {skeleton(login_key(invitee.username or ""))}
    if invitee.username or invitee.email:
        return set()
    return {skeleton(login_key(username)) for username in _generated(invitee, user_id)}


def take(invitee: Invitee, user_id: UUID, taken: Taken) -> str:
    """Return the invitee's username, and add its logins to `taken`.

    Raise Refusal(EMAIL_TAKEN), or Refusal(USERNAME_TAKEN) for a username that is taken or looks like one that is.
    """
    if invitee.email and login_key(invitee.email) in taken.logins:
        raise Refusal(Code.EMAIL_TAKEN)
    username = invitee.username or invitee.email or _free(invitee, user_id, taken)
    key = login_key(username)
    look = skeleton(key)
    if key in taken.logins or (_is_chosen(invitee) and look in taken.looks):
        raise Refusal(Code.USERNAME_TAKEN)

    taken.logins.update(login_key(login) for login in (username, invitee.email) if login)
    taken.looks.add(look)
    return username


def _free(invitee: Invitee, user_id: UUID, taken: Taken) -> str:
    short, longer = _generated(invitee, user_id)
    key = login_key(short)
    return longer if key in taken.logins or skeleton(key) in taken.looks else short


def _is_chosen(invitee: Invitee) -> bool:
    """Return whether the caller chose a username that is not the invitee's address: only such a one can imitate."""
    if invitee.username is None:
        return False
    return invitee.email is None or login_key(invitee.username) != login_key(invitee.email)


def _generated(invitee: Invitee, user_id: UUID) -> tuple[str, str]:
    """Return a username made of the name, and a longer one for when that is taken."""
    name = sort_key(f"{invitee.first_name or ''} {invitee.last_name or ''}")
    words = "".join(c if c.isalnum() else " " for c in name).split()
    short = ".".join(words)[:LONGEST_GENERATED] or "user"
    return short, f"{short}.{user_id.hex[-8:]}"
