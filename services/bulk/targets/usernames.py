"""The usernames of new users: the given username, else the e-mail address, else a username generated from the name."""

from __future__ import annotations

from uuid import UUID

from models.users.taken_logins import TakenLogins
from rules.refusals import Code, Refusal
from rules.text.folding import login_key, sort_key
from rules.text.lookalikes import skeleton
from services.bulk.targets.invitees import Invitee

LONGEST_GENERATED = 100


def wanted_logins(invitee: Invitee, user_id: UUID) -> set[str]:
    """Return the login keys of the invitee's address and of each username that `take` can choose."""
    logins = [invitee.username or invitee.email, invitee.email]
    if not any(logins):
        logins = [*_generated(invitee, user_id)]
    return {login_key(login) for login in logins if login}


def wanted_skeletons(invitee: Invitee, user_id: UUID) -> set[str]:
    """Return the skeletons of the usernames that the function `take` can choose for the invitee.

    If the username is the invitee's e-mail address, return an empty set: such a username may look like another one.
    """
    if _is_chosen(invitee):
        return {skeleton(login_key(invitee.username or ""))}
    if invitee.username or invitee.email:
        return set()
    return {skeleton(login_key(username)) for username in _generated(invitee, user_id)}


def take(invitee: Invitee, user_id: UUID, taken: TakenLogins) -> str:
    """Choose and return the invitee's username. Add the username and the address to `taken`.

    Raise Refusal(EMAIL_TAKEN) if the address is taken. Raise Refusal(USERNAME_TAKEN) if the username is taken, or if a
    given username looks like a taken one. If the username is the address, its look is not checked.
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


def _free(invitee: Invitee, user_id: UUID, taken: TakenLogins) -> str:
    short, longer = _generated(invitee, user_id)
    key = login_key(short)
    return longer if key in taken.logins or skeleton(key) in taken.looks else short


def _is_chosen(invitee: Invitee) -> bool:
    """Return whether the username is given and differs from the invitee's address.

    Only such a username can imitate the username of another user.
    """
    if invitee.username is None:
        return False
    return invitee.email is None or login_key(invitee.username) != login_key(invitee.email)


def _generated(invitee: Invitee, user_id: UUID) -> tuple[str, str]:
    """Return two usernames generated from the name, such as `ann.lee` and `ann.lee.3f9c01d2`."""
    name = sort_key(f"{invitee.first_name or ''} {invitee.last_name or ''}")
    words = "".join(c if c.isalnum() else " " for c in name).split()
    short = ".".join(words)[:LONGEST_GENERATED] or "user"
    return short, f"{short}.{user_id.hex[-8:]}"
