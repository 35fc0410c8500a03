"""Check that no other user of the portal has the username or the e-mail address of an edit."""

from __future__ import annotations

from collections.abc import Mapping

from models.portals.table import PortalRow
from models.users import taken_logins
from models.users.table import UserRow
from rules.messages.edits import FieldMessage
from rules.refusals import Faults, Refusal
from rules.text.folding import login_key
from rules.text.lookalikes import skeleton


async def check_logins(user: UserRow, portal: PortalRow, wanted: Mapping[str, str | None]) -> None:
    """Refuse an edit if another user of the portal has the new username or e-mail.

    `wanted` holds the new values by column. Another user's pending e-mail counts too. Raise Refusal with one or both of
    these faults:

    - EMAIL_TAKEN if the e-mail is in use.
    - USERNAME_TAKEN if the username is in use, or looks like another user's username.
    """
    with Faults() as faults:
        with faults.collect():
            await _check_free(user, portal, wanted, "username", FieldMessage.USERNAME_IN_USE)
            await _check_look(user, portal, wanted)
        with faults.collect():
            await _check_free(user, portal, wanted, "email", FieldMessage.EMAIL_IN_USE)


async def _check_free(
    user: UserRow, portal: PortalRow, wanted: Mapping[str, str | None], name: str, message: FieldMessage
) -> None:
    text = wanted.get(name)
    if text and text != getattr(user, name) and await taken_logins.is_taken(user, login_key(text)):
        raise Refusal(message, path=(name,), portal=portal.name, value=text)


async def _check_look(user: UserRow, portal: PortalRow, wanted: Mapping[str, str | None]) -> None:
    """Raise Refusal(USERNAME_TAKEN) if the new username looks like the username of another user of the portal.

    A username that is one of the user's own addresses is not checked.
    """
    key = login_key(wanted.get("username") or "")
    addresses = (wanted.get("email"), user.email, user.pending_email)
    if not key or key in (login_key(text or "") for text in (user.username, *addresses)):
        return
    if await taken_logins.is_lookalike_taken(user, skeleton(key)):
        raise Refusal(
            FieldMessage.LOOKS_ALIKE,
            path=("username",),
            portal=portal.name,
            value=wanted["username"],
        )
