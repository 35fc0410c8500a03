"""The actions on users."""

from __future__ import annotations

from resolvers.enums.declare import declare
from rules.lifecycle.actions import Action

declare(
    Action,
    "UserAction",
    "An action on a user. Open: have a default branch.",
    {
        "INVITE": "Performed by inviteUsers.",
        "ACTIVATE": "Performed by activateUsers.",
        "DEACTIVATE": "Performed by deactivateUsers.",
        "LOCK": "Performed by lockUsers.",
        "UNLOCK": "Performed by unlockUsers.",
        "DELETE": "Performed by deleteUsers.",
        "RESEND_VERIFICATION": "Performed by resendVerifications.",
        "RESET_PASSWORD": "Performed by resetPasswords.",
        "RESET_MFA": "Performed by resetMfa.",
        "REVOKE_SESSIONS": "Performed by revokeSessions.",
        "UPDATE": "Performed by updateUser.",
        "CHANGE_ROLE": "Not available in this version.",
        "CHANGE_ACCESS": "Not available in this version.",
    },
)
