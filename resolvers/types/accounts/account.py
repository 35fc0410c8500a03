"""The interface that portal users and MSSP staff share."""

from __future__ import annotations

from uuid import UUID

import strawberry

from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.types.accounts.sessions import AccountSession, sessions_of


@strawberry.interface(description="An account that can sign in: a portal user or a member of an MSSP's staff.")
class Account(Node):
    account_id: strawberry.Private[UUID]
    name: str = strawberry.field(
        description="The first and the last name, else the e-mail address, else the username. Never empty."
    )
    email: str | None = strawberry.field(description="The e-mail address. Null if the account has none.")
    mfa_enrolled: bool = strawberry.field(description="Whether a second factor is set up and confirmed.")

    @strawberry.field(
        description="The account's active sessions, newest first. Null unless the account is the viewer's own, a portal"
        " user that the viewer manages, or, for an MSSP admin, a member of the MSSP's staff."
    )
    async def sessions(self, info: Info) -> list[AccountSession] | None:
        return await sessions_of(info, self.account_id)

    @strawberry.field(
        description="Whether the account must set up a second factor before it can do anything else; see"
        " `Session.mustEnrollMfa`. Null for every account that is not the viewer's own."
    )
    async def must_enroll_mfa(self, info: Info) -> bool | None:
        actor = info.context.account
        if actor.id != self.account_id:
            return None
        # Not `actor.must_enroll`: confirmMfa and disableMfa change it during the request.
        if self.mfa_enrolled:
            return False
        if actor.portal_id is None:
            mssp = await info.context.loaders.providers.load(actor.mssp_id)
            return mssp is not None and bool(mssp.staff_mfa_required)
        licensed = await info.context.loaders.portals.load(actor.portal_id)
        return licensed is not None and licensed.row.mfa_required

    @strawberry.field(
        description="Number of unused recovery codes of the second factor. regenerateRecoveryCodes replaces all of them."
        " Null if `mfaEnrolled` is false, and unless the account is the viewer's own."
    )
    async def recovery_codes_left(self, info: Info) -> int | None:
        return await info.context.loaders.recovery_codes.load(self.account_id) if self.mfa_enrolled else None
