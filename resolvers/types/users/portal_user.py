"""Portal users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from models.portals.lookup import LicensedPortal
from models.users.table import UserRow
from resolvers.core.context import Info
from resolvers.core.field_costs import cost
from resolvers.core.row_fields import from_columns, shown, shows
from resolvers.enums.roles import PortalRole
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.sign_in_blockers import SignInBlocker
from resolvers.types.portals.portal import Portal
from resolvers.types.users.available_actions import DECISION_COST, ActionAvailability, available_actions
from resolvers.types.users.invitations import Invitation
from rules.auth.blocker_details import details
from rules.auth.sign_in_blockers import blockers, lock_ends_at
from rules.housekeeping import KEPT, Task
from rules.lifecycle.actions import ACTIONS, Action
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Category, Status, StatusReason
from rules.text.folding import display_name

MOST_BLOCKERS = 6
"""The maximum number of blockers of one user.

Two blockers concern the portal. Four concern the user: closed access, an unverified address, the status, and the status
to resume.
"""


@shows(
    UserRow,
    account_id=from_columns(None, "id"),
    name=from_columns(display_name, "first_name", "last_name", "email", "username"),
)
@strawberry.type(description="A user of a portal.")
class PortalUser(Account):
    row: strawberry.Private[UserRow]
    kind: UserKind = strawberry.field(
        description="Whether the user belongs to the tenant or the provider; decides about license seats."
    )
    username: str = strawberry.field(description="The username. Unique in the portal, without regard to case.")
    first_name: str | None = strawberry.field(description="The first name. Null if it is not set.")
    last_name: str | None = strawberry.field(description="The last name. Null if it is not set.")
    email_verified_at: datetime | None = strawberry.field(
        description="Time at which `email` was verified. Null: never."
    )
    pending_email: str | None = strawberry.field(
        description="A changed e-mail address that is to be verified (verifyEmail). If an admin changed it, the user cannot"
        " sign in before (EMAIL_UNVERIFIED); if the user did, the old address stays valid. Null if no change is pending."
    )
    status: Status = strawberry.field(description="The user's status.")
    status_reason: StatusReason | None = strawberry.field(
        description="Why the user has the status. Null for STAGED, PROVISIONED and ACTIVE."
    )
    status_changed_at: datetime = strawberry.field(description="Time of the last change of `status`.")
    category: Category = strawberry.field(description="The category of `status`.")
    role: PortalRole = strawberry.field(description="The user's role in the portal.")
    holds_seat: bool = strawberry.field(description="Whether the user holds a license seat.")
    last_sign_in_at: datetime | None = strawberry.field(description="Time of the last sign-in. Null: never.")
    added_at: datetime = strawberry.field(description="Time at which the user was added.")
    modified_at: datetime = strawberry.field(description="Time of the user's last change. Signing in is not a change.")
    version: int = strawberry.field(
        description="Incremented with every change of the user. Signing in is not a change. Pass it to updateUser to detect"
        " concurrent edits."
    )

    @classmethod
    def of(cls, row: UserRow) -> PortalUser:
        return shown(cls, row, row=row)

    @strawberry.field(description="The user's portal.")
    async def portal(self, info: Info) -> Portal:
        return Portal.of(await self._portal(info))

    async def _portal(self, info: Info) -> LicensedPortal:
        licensed = await info.context.loaders.portals.load(self.row.portal_id)
        assert licensed is not None  # noqa: S101  # a viewer who sees a user sees the portal
        return licensed

    @strawberry.field(
        description="Time of the last failed sign-in: a wrong password or code, or a sign-in during a lockout. Null if none"
        f" failed in the last {KEPT[Task.DROP_FAILED_SIGN_INS].days} days. A later success does not delete it."
    )
    async def last_failed_sign_in_at(self, info: Info) -> datetime | None:
        return await info.context.loaders.last_failures.load(self.row.id)

    @strawberry.field(
        description="Time at which a lockout (status LOCKED_OUT) ends by itself. Null if the user is not locked out, and if"
        " only an admin or a new password ends the lockout."
    )
    async def locked_until(self, info: Info) -> datetime | None:
        if self.row.status is not Status.LOCKED_OUT:
            return None
        ends_at = lock_ends_at(self.row, (await self._portal(info)).row)
        return ends_at if ends_at is not None and ends_at > info.context.now() else None

    @strawberry.field(
        description="All reasons why the user cannot sign in now. Empty if there are none: the user can sign in. A second factor"
        " that the portal requires and the user has not set up is no reason: signIn succeeds, and the user sets it up then.",
        metadata=cost(entries=MOST_BLOCKERS),
    )
    async def sign_in_blockers(self, info: Info) -> list[SignInBlocker]:
        portal = (await self._portal(info)).row
        found = blockers(self.row, portal, info.context.now())
        return [SignInBlocker.of(blocker) for blocker in details(found, self.row, portal)]

    @strawberry.field(description="The newest invitation. Null if the user was never invited.")
    async def invitation(self, info: Info) -> Invitation | None:
        row = await info.context.loaders.invitations.load(self.row.id)
        return Invitation.of(row, info.context.now()) if row else None

    @strawberry.field(
        description="Whether the viewer may perform each action on the user now, and if not, why. The action's mutation decides by"
        " the same rules: a dry run has the same reasons. Four actions depend on"
        " more than the user. INVITE is evaluated for delivery EMAIL: for LINK, make a dry run. CHANGE_ROLE is evaluated for"
        " the role that the user does not have, CHANGE_ACCESS for a change that no rule forbids, such as of groups, and UPDATE of the viewer's own account for the names. Each action counts as"
        f" {DECISION_COST} values towards TOO_COMPLEX: for a list of users, name the actions in `only`.",
        metadata=cost(entries=len(ACTIONS), chosen_by="only", each=DECISION_COST),
    )
    async def available_actions(
        self,
        info: Info,
        only: Annotated[
            list[Action] | None,
            strawberry.argument(
                description="The actions to evaluate, in this order, without duplicates. Default: all. An empty list"
                " evaluates none."
            ),
        ] = None,
    ) -> list[ActionAvailability]:
        asked = ACTIONS if only is None else dict.fromkeys(only)
        return await available_actions(info, self.row, list(asked))
