"""The reasons why an account cannot sign in."""

from __future__ import annotations

from datetime import datetime

import strawberry

from rules.auth.blocker_details import BLOCKER_TEXTS, BlockerDetails
from rules.auth.sign_in_blockers import Blocker
from rules.lifecycle.actions import Action


@strawberry.type(description="A reason why an account cannot sign in, and what removes it.")
class SignInBlocker:
    code: Blocker = strawberry.field(description="The machine-readable code. Translate by it.")
    message: str = strawberry.field(description="The reason in English. Use it as a fallback.")
    since: datetime | None = strawberry.field(
        description="Time at which the reason began. Null if it is not stored: for EMAIL_UNVERIFIED and"
        " PORTAL_ACCESS_CLOSED, for reasons that concern the portal, and, of a user who is LOCKED_OUT, SUSPENDED or DEACTIVATED,"
        " for RESET_PENDING and NEW_PASSWORD_REQUIRED."
    )
    until: datetime | None = strawberry.field(
        description="Time at which the reason ends by itself: only a lockout does (LOCKED_OUT). Null for all other codes, and for"
        " a lockout that only an admin or a new password ends."
    )
    suggested_action: Action | None = strawberry.field(
        description="The action with which an admin removes the reason, or sends the user the mail that does. Null if"
        " there is none. Whether the viewer may perform it: see `availableActions`."
    )

    @classmethod
    def of(cls, blocker: BlockerDetails) -> SignInBlocker:
        text = BLOCKER_TEXTS[blocker.code]
        return cls(
            code=blocker.code,
            message=text.message,
            since=blocker.since,
            until=blocker.until,
            suggested_action=text.suggested,
        )
