"""The enums of refusal codes: for one user in a bulk action, and for a whole mutation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from typing import cast

from resolvers.core.duration_text import duration_text
from resolvers.enums.declare import declare
from rules.bulk_limits import MOST_USERS, PREVIEW_LIVES
from rules.lifecycle.actions import ACTIONS
from rules.mail.cooldown import COOLDOWN
from rules.messages import registry
from rules.messages.outcomes import ABOUT_NO_USER, BEGIN, OutcomeMessage
from rules.refusals import REASON_CODES, USER_ERROR_CODES, Code, WeakPasswordReason


def _enum_of(name: str, codes: Sequence[Code]) -> type[Enum]:
    return cast(type[Enum], StrEnum(name, {code.name: code.value for code in codes}))


_OF_A_FIELD = {
    "INVALID_EMAIL": "The e-mail address is not valid.",
    "EMAIL_TAKEN": "Another user of the portal has the e-mail address.",
    "USERNAME_TAKEN": "Another user of the portal has the username, or one that looks like it.",
}

_NOT_ON_SELF = ", ".join(spec.mutation for spec in ACTIONS.values() if not spec.allowed_on_self)

_HIGHER_ROLE = "The user's role is above the viewer's. Not returned in this version: admins manage each other."


def _with_message(descriptions: Mapping[str, str]) -> dict[str, str]:
    """Return the description of each code with the code's English message appended.

    The common beginning of the messages (BEGIN) is left out.
    """
    return {
        code: f'{text} Message: "{OutcomeMessage[code].text.removeprefix(BEGIN)}"'
        for code, text in descriptions.items()
    }


_IN_PORTAL = {
    "TOO_MANY_USERS": "The portal has more users than are erased with a portal. Returned in `Portal.availableActions` only, for"
    " DELETE_PORTAL; `UserErrorCode` has the message."
}

_NO_USER = " and ".join(sorted(ABOUT_NO_USER))

OutcomeReasonCode = declare(
    _enum_of("OutcomeReasonCode", REASON_CODES),
    "OutcomeReasonCode",
    "Why a user was not changed or cannot be changed, or why an action in a portal is not possible. Each description ends with the"
    " English message; a name in braces stands for the value of `OutcomeReason.params`. Before the message stands"
    f' "{BEGIN.strip()}", except for {_NO_USER}. If `params` has a `problem`, the message is that of `UserErrorCode`.',
    _IN_PORTAL
    | _with_message(
        {
            **_OF_A_FIELD,
            "ALREADY_IN_STATE": "The user already has the requested state.",
            "ALREADY_VERIFIED": "The e-mail address is already verified. No mail is sent.",
            "ALREADY_INVITED": "The user is already invited. Returned with delivery NONE only.",
            "ALREADY_MEMBER": "The user has already accepted an invitation.",
            "NOT_INVITED": "The user was never invited. Use inviteUsers.",
            "NOT_CONFIRMED": "The user has not accepted an invitation yet.",
            "UNVERIFIED": "The e-mail address was never verified. Accepting an invitation verifies it.",
            "INACTIVE": "The user is SUSPENDED or DEACTIVATED. Use activateUsers first.",
            "LOCKED_OUT": "The user is locked out after wrong passwords. Use unlockUsers.",
            "NOT_LOCKED": "The user is neither LOCKED_OUT nor SUSPENDED.",
            "NO_EMAIL": "The user has no e-mail address.",
            "INVALID_INPUT": "A field of the invitee is too long, or contains characters that cannot be stored. The parameter"
            " `field` names it. In `Portal.availableActions`: no admin can hand over the role.",
            "REQUIRED_FIELD_MISSING": "A field that the portal's policy requires is missing. The parameter `field` names it.",
            "COOLDOWN": f"A mail of this kind was sent to the user less than {duration_text(COOLDOWN)} ago, or the address"
            " has reached the limit of such mails per hour or per day. See `retryAt`.",
            "PASSWORD_SIGN_IN_OFF": "The portal's policy does not allow signing in with a password.",
            "NO_MFA_ENROLLED": "The user has no second factor.",
            "MUST_ENROLL_MFA": "The viewer must set up a second factor before anything else: see `Session.mustEnrollMfa`. Returned in"
            " `availableActions` only; the action's mutation is null, with the error FORBIDDEN.",
            "NO_SEAT_AVAILABLE": "All license seats are in use.",
            "LICENSE_PACKAGE_INACTIVE": "The portal has no license package that is active now.",
            "CANNOT_TARGET_SELF": f"These actions cannot be performed on the viewer's own account: {_NOT_ON_SELF}. Nor can changeAccess"
            " close the viewer's own access to the portal.",
            "LAST_ADMIN": "The user is the portal's last enabled admin whose access to the portal is not closed. Only MSSP staff may"
            " remove the last admin.",
            "ADMIN_LIMIT_REACHED": "The portal has as many admins as its policy allows: see `PortalPolicy.maxAdmins`.",
            "HIGHER_ROLE": _HIGHER_ROLE,
            "NOT_ALLOWED": "The viewer's role does not allow the action. Returned in `PortalUser.availableActions` and"
            " `Portal.availableActions` only. A mutation refuses such a viewer's whole call, with `UserErrorCode.NOT_ALLOWED`.",
            "NOT_IN_PORTAL": "The change of access names what the catalogue of the user's portal does not have, such as an entry of"
            " another portal. The parameter `field` names the input field.",
            "ADMIN_ONLY_MODULE": "The change of access gives a module with `adminOnly` to a user without the role PORTAL_ADMIN.",
            "INTERNAL_USER_NOT_ALLOWED": "The change of access adds an INTERNAL user to an app role of a portal in production. App roles"
            " that the user has already may stay in the list.",
            "NOT_FOUND": "The user does not exist, or is not visible to the viewer.",
            "DUPLICATE_IN_REQUEST": "The selection contains the user more than once. The first occurrence is processed.",
            "PORTAL_INACTIVE": "The portal is inactive. Only actions that remove access are possible.",
            "ABORTED_BY_POLICY": "The user could be changed, but another one could not, and `errorPolicy` is"
            " ALL_OR_NOTHING.",
            "INTERNAL_ERROR": "The server failed to change the user. Not returned in this version.",
        }
    ),
    is_open=True,
)


def _with_problems(descriptions: Mapping[str, str]) -> dict[str, str]:
    """Return the descriptions of codes, extended by the values that the parameter `problem` can have for the code.

    Each value is listed with its English message. `descriptions` maps codes to descriptions.
    """
    return {
        code: f"{text}\n\nValues of `problem`:\n{problems}" if (problems := _problems(Code[code])) else text
        for code, text in descriptions.items()
    }


def _problems(code: Code) -> str:
    declared = [message for message in registry.DECLARED.values() if message.code is code]
    return "\n".join(f"- {message.name}: {message.text}" for message in declared)


UserErrorCode = declare(
    _enum_of("UserErrorCode", USER_ERROR_CODES),
    "UserErrorCode",
    "Why a whole mutation was refused. Each description lists the values of the parameter `problem` with their English messages."
    " A name in braces stands for the value of `UserError.params`.",
    _with_problems(
        {
            **_OF_A_FIELD,
            "INVALID_INPUT": "The input is not valid, or the selection is empty. See `path` and `message`.",
            "TOO_MANY_USERS": f"The selection has more than {MOST_USERS:,} users. Split it into several calls.",
            "SELECTION_CHANGED": "The number of matching users is not `expectedCount`: read the list again. Or, with"
            " `onlyIfUnchanged`, an outcome would differ from the previewed one: preview again.",
            "PREVIEW_EXPIRED": f"The preview is older than {duration_text(PREVIEW_LIVES)}, or was already used. Make a new"
            " one.",
            "IDEMPOTENCY_KEY_REUSED": "The idempotency key was used with another input of this mutation. Use a new one.",
            "REASON_REQUIRED": "The policy of a selected user's portal requires a reason or a ticket of MSSP staff: give"
            " `options.reason` or `options.ticket`.",
            "SEATS_IN_USE": "The change would leave the portal's active license packages with fewer seats than are in use.",
            "CONFIRMATION_REQUIRED": "The deletion has to be confirmed: repeat the portal's slug in `confirmSlug`.",
            "NOT_FOUND": "An object that the input names does not exist, or is not visible to the viewer.",
            "NOT_ALLOWED": "The viewer does not have permission.",
            "LAST_ADMIN": "The change would leave the MSSP without an active admin who can sign in.",
            "HIGHER_ROLE": _HIGHER_ROLE,
            "RATE_LIMITED": "Too many attempts, or too soon after the last one. See `retryAt`.",
            "INVALID_CREDENTIALS": "The login, password or code is wrong, or the account cannot sign in now.",
            "INVALID_TOKEN": "The link or token is wrong, used or expired.",
            "WEAK_PASSWORD": "The new password is too short, too long, easily guessed, or the same as before. See"
            " `weakPasswordReasons`.",
            "VERSION_CONFLICT": "The user was changed since the given `version`. Read it again.",
            "REQUIRED_FIELD_MISSING": "A field that the portal requires is empty. `path` names it if the input has it.",
            "ADMIN_LIMIT_REACHED": "The portal has as many admins as its policy allows: see `PortalPolicy.maxAdmins`.",
        },
    ),
    is_open=True,
)

declare(
    WeakPasswordReason,
    "WeakPasswordReason",
    "Why a new password is refused.",
    {
        "TOO_SHORT": "Fewer characters than `PasswordRequirements.minLength`.",
        "TOO_LONG": "More characters than `PasswordRequirements.maxLength`.",
        "COMMON": "Easy to guess: a common password, or a pattern such as a row of keys.",
        "CONTAINS_PERSONAL_DATA": "Easy to guess with the user's name, username or e-mail address, or with the portal's"
        " name.",
        "SAME_AS_BEFORE": "Equal to the current password.",
    },
)
