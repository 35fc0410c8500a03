"""The messages that say why one user was not changed, one for each code of OUTCOME_CODES.

A message names the user, what happened, and what to do next. Frontends translate messages by their codes. The text
therefore depends only on the code and the parameters, which the schema shows as `params`.
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.lifecycle.actions import ACTIONS, Action
from rules.refusals import Code, Message

ABOUT_NO_USER = frozenset({Code.NOT_FOUND, Code.MUST_ENROLL_MFA})
BEGIN = "{user} was not {action}: "
"""The beginning of each message, except the messages of ABOUT_NO_USER.

The parameter `action` is a value of the enum UserAction. In the text, it is replaced by the action's
`past_participle`.
"""


class OutcomeMessage(Message):
    """Why a user was not changed. Each member has the name of a refusal code, and the code's message as its value.

    The message is shown after BEGIN ("{user} was not {action}: "), except for the codes in ABOUT_NO_USER, such as
    NOT_FOUND.
    """

    NOT_FOUND = "No user with this id was found. Refresh the list."
    ALREADY_IN_STATE = "the user has that state already. Nothing to do."
    ALREADY_VERIFIED = "the address is verified already. Nothing to do."
    ALREADY_INVITED = "the invitation is still open. Ask for a new link to replace it."
    ALREADY_MEMBER = "this is a member of the portal already."
    NOT_INVITED = "there was no invitation yet. Invite first."
    NOT_CONFIRMED = "the invitation has not been accepted yet. Re-invite, or delete the user."
    UNVERIFIED = "the e-mail address is not verified yet. Re-invite the user."
    INACTIVE = "the user is inactive. Activate the user first."
    LOCKED_OUT = "the user is locked out after too many wrong passwords. Unlock the user first."
    NOT_LOCKED = "the user is not locked. Nothing to do."
    NO_EMAIL = "no e-mail address is on file. Add one first."
    INVALID_EMAIL = "the e-mail address is not valid. Correct it."
    INVALID_INPUT = "{field} is too long, holds a character that cannot be stored, or is no known value. Correct it."
    EMAIL_TAKEN = "another user of the portal has this e-mail address."
    USERNAME_TAKEN = "another user of the portal has this username, or one that looks like it."
    REQUIRED_FIELD_MISSING = "the portal requires {field}, which is missing. Fill it in."
    COOLDOWN = "mails of this kind were sent a short time ago. Try again at {retryAt}."
    PASSWORD_SIGN_IN_OFF = "users of this portal do not sign in with passwords of their own."
    NO_MFA_ENROLLED = "the user has no MFA. Nothing to do."
    MUST_ENROLL_MFA = "Your own account needs a second factor first. Set it up: enrollMfa."
    NO_SEAT_AVAILABLE = (
        "every seat of {portal} is taken (seats: {seats}). Deactivate a user, or ask {support} for more seats."
    )
    LICENSE_PACKAGE_INACTIVE = "no license package of {portal} runs now. Ask {support} for seats."
    CANNOT_TARGET_SELF = "this is not possible on one's own account. Ask another admin."
    LAST_ADMIN = "this is the last enabled admin of {portal}. Enable another admin first."
    ADMIN_LIMIT_REACHED = "{portal} has as many admins as its policy allows (maxAdmins: {maximum}). Take the role from another admin first."
    NOT_ALLOWED = "your role does not allow this. Ask an admin of the portal or MSSP staff."
    HIGHER_ROLE = "the user's role is above yours. Ask an account with that role."
    NOT_IN_PORTAL = "{field} names what {portal} does not have. Choose entries of the user's portal."
    ADMIN_ONLY_MODULE = "a module of the change is for admins only. Leave it out, or make the user an admin first."
    INTERNAL_USER_NOT_ALLOWED = (
        "{portal} is in production, where only external users are added to app roles. Leave the app roles out."
    )
    DUPLICATE_IN_REQUEST = "the user is named more than once; the first mention counts."
    PORTAL_INACTIVE = "{portal} is inactive. Ask {support} to activate it."
    ABORTED_BY_POLICY = (
        "another user could not be changed, and the call asked for all or nothing. Solve the other reasons first."
    )
    INTERNAL_ERROR = "something went wrong on our side. Try again."

    def __init__(self, ending: str) -> None:
        code = Code[self.name]
        super().__init__(code, ending if code in ABOUT_NO_USER else BEGIN + ending)

    def render(self, params: Mapping[str, str]) -> str:
        """Return the text with the values of `params`. Missing values are replaced by WORDS_FOR_UNKNOWN."""
        action = {"action": ACTIONS[Action(params["action"])].past_participle} if "action" in params else {}
        return super().render({**params, **action})


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
"""Codes of temporary reasons, such as a cooldown. The same call can succeed later without any change of the user."""


def params(
    code: Code,
    action: Action,
    *,
    user: str | None,
    portal: str | None,
    support: str | None,
    seats: int | None = None,
    field: str | None = None,
    retry_at: str | None = None,
    max_admins: int | None = None,
) -> dict[str, str]:
    """Return the parameters of the message that says why a user was not changed, keyed by name.

    - `user` and `portal`: names.
    - `support`: the portal's support contact.
    - `seats`: the number of the portal's license seats.
    - `field`: the input field that caused the refusal.
    - `retry_at`: an instant as the schema writes it.
    - `max_admins`: the portal's maximum number of admins.

    Pass None for an unknown value. Unknown values, and values that the message does not use, are left out.
    """
    given = {
        "user": user,
        "action": action.value,
        "portal": portal,
        "support": support,
        "seats": seats,
        "field": field,
        "retryAt": retry_at,
        "maximum": max_admins,
    }
    return {name: str(given[name]) for name in OutcomeMessage[code.name].placeholders if given[name] not in (None, "")}


def message_of(code: Code, params: Mapping[str, str]) -> str:
    """Return the message for the code of a reason. `params` are the values that the message quotes, by name."""
    return OutcomeMessage[code.name].render(params)
