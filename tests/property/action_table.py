"""The effect of each mutation on each status, copied by hand from docs/requirements.md#actions."""

from __future__ import annotations

TABLE = {
    mutation: dict(
        zip(
            [
                "STAGED",
                "PROVISIONED",
                "ACTIVE",
                "AWAITING_NEW_PASSWORD",
                "RECOVERY",
                "LOCKED_OUT",
                "SUSPENDED",
                "DEACTIVATED",
            ],
            cells,
            strict=True,
        )
    )
    for mutation, *cells in map(
        str.split,
        """
activateUsers   NOT_CONFIRMED NOT_CONFIRMED ALREADY_IN_STATE ALREADY_IN_STATE ALREADY_IN_STATE LOCKED_OUT  resume      resume
deactivateUsers NOT_CONFIRMED NOT_CONFIRMED deactivated      deactivated      deactivated      deactivated deactivated ALREADY_IN_STATE
lockUsers       NOT_CONFIRMED NOT_CONFIRMED suspended        suspended        suspended        suspended   ALREADY_IN_STATE INACTIVE
unlockUsers     NOT_LOCKED    NOT_LOCKED    NOT_LOCKED       NOT_LOCKED       NOT_LOCKED       resume      resume      INACTIVE
revokeSessions  NOT_CONFIRMED NOT_CONFIRMED done             done             done             done        done        done
inviteUsers     provisioned   done          ALREADY_MEMBER   ALREADY_MEMBER   ALREADY_MEMBER   ALREADY_MEMBER INACTIVE  INACTIVE
deleteUsers     gone          gone          gone             gone             gone             gone        gone        gone
changeRoles     done          done          done             done             done             done        done        done
closePortal     done          done          done             done             done             done        done        done
openPortal      done          done          done             done             done             done        done        done
""".strip().splitlines(),
    )
}
"""For each mutation and status, a code in capitals if the mutation is refused, otherwise its effect in small letters.
"""

ENABLED = ("ACTIVE", "AWAITING_NEW_PASSWORD", "RECOVERY", "LOCKED_OUT")
DISABLED = ("SUSPENDED", "DEACTIVATED")
UNCONFIRMED = ("STAGED", "PROVISIONED")
RESUMED = ("ACTIVE", "AWAITING_NEW_PASSWORD", "RECOVERY")
ENDS_SESSIONS = ("deactivateUsers", "lockUsers", "deleteUsers", "revokeSessions", "changeRoles", "closePortal")
NOT_ONESELF = ("deactivateUsers", "lockUsers", "deleteUsers", "closePortal")
GIVES_ACCESS = ("activateUsers", "unlockUsers", "inviteUsers")
OTHER_ROLE = {"PORTAL_ADMIN": "PORTAL_USER", "PORTAL_USER": "PORTAL_ADMIN"}
PORTAL_ACCESS = {"closePortal": False, "openPortal": True}
"""The two names under which this table lists the mutation changeAccess, each with the value of `portalAccess` (E19)."""
