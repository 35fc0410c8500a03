"""The English message of each code. A message names the user, what happened, and what to do next.

A message is made of its code and of named parameters only. The schema shows the parameters as `params`, so that a
frontend can build the message in another language.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

from rules.lifecycle.actions import ACTIONS, Action
from rules.refusals import Code

_BECAUSE = {
    Code.ALREADY_IN_STATE: "the user has that state already. Nothing to do.",
    Code.ALREADY_VERIFIED: "the address is verified already. Nothing to do.",
    Code.ALREADY_INVITED: "the invitation is still open. Ask for a new link to replace it.",
    Code.ALREADY_MEMBER: "this is a member of the portal already.",
    Code.NOT_INVITED: "there was no invitation yet. Invite first.",
    Code.NOT_CONFIRMED: "the invitation has not been accepted yet. Re-invite, or delete the user.",
    Code.UNVERIFIED: "the e-mail address is not verified yet. Re-invite the user.",
    Code.INACTIVE: "the user is inactive. Activate the user first.",
    Code.LOCKED_OUT: "the user is locked out after too many wrong passwords. Unlock the user first.",
    Code.NOT_LOCKED: "the user is not locked. Nothing to do.",
    Code.NO_EMAIL: "no e-mail address is on file. Add one first.",
    Code.INVALID_EMAIL: "the e-mail address is not valid. Correct it.",
    Code.INVALID_INPUT: "{field} is too long, or holds a character that cannot be stored. Correct it.",
    Code.EMAIL_TAKEN: "another user of the portal has this e-mail address.",
    Code.USERNAME_TAKEN: "another user of the portal has this username, or one that looks like it.",
    Code.REQUIRED_FIELD_MISSING: "the portal requires {field}, which is missing. Fill it in.",
    Code.COOLDOWN: "mails of this kind were sent a short time ago. Try again at {retryAt}.",
    Code.PASSWORD_SIGN_IN_OFF: "users of this portal do not sign in with passwords of their own.",
    Code.NO_MFA_ENROLLED: "the user has no MFA. Nothing to do.",
    Code.NO_SEAT_AVAILABLE: "every seat of {portal} is taken. Deactivate a user, or ask {support} for more seats.",
    Code.LICENSE_PACKAGE_INACTIVE: "no license package of {portal} runs now. Ask {support} for seats.",
    Code.CANNOT_TARGET_SELF: "this is not possible on one's own account. Ask another admin.",
    Code.LAST_ADMIN: "this is the last enabled admin of {portal}. Enable another admin first.",
    Code.ADMIN_LIMIT_REACHED: "{portal} may not have more admins.",
    Code.NOT_ALLOWED: "only admins of the portal and MSSP staff may do this. Ask one of them.",
    Code.HIGHER_ROLE: "the user's role is above yours. Ask an account with that role.",
    Code.ADMIN_ONLY_MODULE: "the module is for admins only.",
    Code.INTERNAL_USER_NOT_ALLOWED: "only external users may have this in production.",
    Code.DUPLICATE_IN_REQUEST: "the user is named more than once; the first mention counts.",
    Code.PORTAL_INACTIVE: "{portal} is inactive. Ask {support} to activate it.",
    Code.ABORTED_BY_POLICY: "another user could not be changed, and the call asked for all or nothing. Solve the other reasons first.",
    Code.INTERNAL_ERROR: "something went wrong on our side. Try again.",
}

RETRYABLE = frozenset(
    {
        Code.COOLDOWN,
        Code.NO_SEAT_AVAILABLE,
        Code.LICENSE_PACKAGE_INACTIVE,
        Code.PORTAL_INACTIVE,
        Code.ABORTED_BY_POLICY,
        Code.INTERNAL_ERROR,
    }
)
"""Codes after which the same call can succeed later without any change of the user, such as after a cooldown."""


UNKNOWN = {"portal": "the portal", "support": "your service provider", "field": "a field", "retryAt": "a later time"}
"""The text that a message contains in place of a parameter that `params` left out, by parameter."""


def params(
    code: Code,
    action: Action,
    *,
    user: str | None,
    portal: str | None,
    support: str | None,
    field: str | None = None,
    retry_at: str | None = None,
) -> dict[str, str]:
    """Return the parameters of the message that says why a user was not changed, by name.

    `user` and `portal` are names. `support` is the portal's support contact. `field` is the input field that caused the
    refusal. `retry_at` is an instant as the schema writes it. Each of these arguments is None if unknown.

    The result contains `user`, `action` and those known parameters that the message uses. The result is empty for
    NOT_FOUND, and for an unknown user. With INVITE, an unknown user is named "An invitee" instead.
    """
    if code is Code.NOT_FOUND:
        return {}
    if user is None and action is Action.INVITE:
        user = "An invitee"  # a stored operation keeps no names, and an invitee who was not added has no row
    if user is None:
        return {}
    named = {name for _, name, _, _ in Formatter().parse(_BECAUSE[code]) if name}
    known = {"portal": portal, "support": support, "field": field, "retryAt": retry_at}
    used = {name: value for name, value in known.items() if name in named and value}
    return {"user": user, "action": action.value, **used}


def render(code: Code, given: Mapping[str, str]) -> str:
    """Return the message of the code. `given` is what `params` returned; if empty, the user was not found."""
    if "user" not in given:
        return "No user with this id was found. Refresh the list."
    action = Action(given["action"])
    return (
        f"{given['user']} was not {ACTIONS[action].past_participle}: {_BECAUSE[code].format_map({**UNKNOWN, **given})}"
    )
