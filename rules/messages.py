"""The English message of each code. A message names the user, what happened, and what to do next.

Frontends translate by code.
"""

from __future__ import annotations

from rules.lifecycle.actions import ACTIONS, PLANNED, Action
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
    Code.REQUIRED_FIELD_MISSING: "a field that the portal requires is missing.",
    Code.COOLDOWN: "mails of this kind were sent a short time ago. Try again at retryAt.",
    Code.PASSWORD_SIGN_IN_OFF: "users of this portal do not sign in with passwords of their own.",
    Code.NO_MFA_ENROLLED: "the user has no MFA. Nothing to do.",
    Code.NO_SEAT_AVAILABLE: "every seat of {portal} is taken. Deactivate a user, or ask {support} for more seats.",
    Code.LICENSE_PACKAGE_INACTIVE: "no license package of {portal} runs now. Ask {support} for seats.",
    Code.CANNOT_TARGET_SELF: "this is not possible on one's own account. Ask another admin.",
    Code.LAST_ADMIN: "this is the last enabled admin of {portal}. Enable another admin first.",
    Code.ADMIN_LIMIT_REACHED: "{portal} may not have more admins.",
    Code.HIGHER_ROLE: "only admins of the portal and MSSP staff may do this. Ask one of them.",
    Code.ADMIN_ONLY_MODULE: "the module is for admins only.",
    Code.INTERNAL_USER_NOT_ALLOWED: "only external users may have this in production.",
    Code.DUPLICATE_IN_REQUEST: "the user is named more than once; the first mention counts.",
    Code.PORTAL_INACTIVE: "{portal} is inactive. Ask {support} to activate it.",
    Code.ABORTED_BY_POLICY: "another user could not be changed, and the call asked for all or nothing. Solve the other reasons first.",
    Code.INTERNAL_ERROR: "something went wrong on our side. Try again.",
    Code.NOT_SUPPORTED: "this server has no such action yet.",
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
"""Codes after which the same call can succeed later, even if the user does not change."""


def explain(
    code: Code, action: Action, *, user: str | None, portal: str | None, support: str | None, field: str | None = None
) -> str:
    """Return the sentence that says why a user was not changed.

    `user` and `portal` are names. `support` is the portal's support contact. `field` is the input field that caused the
    refusal. Each argument is None if unknown.
    """
    if user is None and action is Action.INVITE and code is not Code.NOT_FOUND:
        user = "An invitee"  # a stored operation keeps no names, and an invitee who was not added has no row
    if code is Code.NOT_FOUND or user is None:
        return "No user with this id was found. Refresh the list."
    because = _BECAUSE[code].format(
        portal=portal or "the portal", support=support or "your service provider", field=field or "a field"
    )
    row = PLANNED.get(action) or ACTIONS[action]
    return f"{user} was not {row.past_participle}: {because}"
