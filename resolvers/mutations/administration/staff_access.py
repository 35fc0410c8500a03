"""Mutations of MSSP admins that end or reset the access of staff, or require second factors of staff."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.duration_text import duration_text
from resolvers.core.errors import Refusable, UserError
from resolvers.core.global_ids import id_of
from resolvers.mutations.administration.staff_payload import StaffIdInput, StaffPayload, run_for_staff
from resolvers.types.accounts.staff import Mssp
from rules.mail.kinds import LIVES_FOR_STAFF
from rules.refusals import Refusal
from services.administration import mssp_policy
from services.administration.staff import staff_access


@strawberry.input(description="Sessions of a member of staff.")
class RevokeStaffSessionsInput(StaffIdInput):
    session_id: strawberry.ID | None = strawberry.field(
        default=None, description="The global id of the session to end. Null: all sessions of the member."
    )


@strawberry.input(description="A member of staff who needs a new password.")
class ResetStaffPasswordInput(StaffIdInput):
    pass


@strawberry.input(description="A member of staff who needs a new second factor.")
class ResetStaffMfaInput(StaffIdInput):
    pass


@strawberry.input(description="The settings to change. An absent field and null keep the value.")
class UpdateMsspPolicyInput:
    staff_mfa_required: bool | None = strawberry.field(
        default=None,
        description="Whether the MSSP's staff must have a second factor. True is refused with NOT_ALLOWED until the viewer"
        " has one.",
    )


@strawberry.type(description="The result of a change of the MSSP's settings.")
class MsspPayload(Refusable):
    mssp: Mssp | None = strawberry.field(default=None, description="The MSSP after the change. Null on errors.")
    errors: list[UserError] = strawberry.field(description="Why the change was refused. Empty if it was made.")


@strawberry.type
class StaffAccessMutations:
    @access_checked_field(
        "End one or all sessions of a member of staff. An ended session is refused at its next request. Only MSSP admins may"
        " call it. Errors: NOT_ALLOWED, NOT_FOUND (`path` names the id)."
    )
    async def revoke_staff_sessions(
        self, info: Info, input: Annotated[RevokeStaffSessionsInput, strawberry.argument(description="The sessions.")]
    ) -> StaffPayload | None:
        context = info.context
        change = staff_access.revoke_sessions(
            context.runtime,
            context.account,
            id_of("StaffMember", input.id),
            id_of("AccountSession", input.session_id),
            every=input.session_id is None,
        )
        return await run_for_staff(info, change)

    @access_checked_field(
        "Take the password of a member of staff away and mail a link for a new one, which is valid for"
        f" {duration_text(LIVES_FOR_STAFF)}. The old password is not accepted any more, and the member's sessions end. Only"
        " MSSP admins may call it, and not for themselves. Errors: NOT_ALLOWED (also if the member is inactive or has not"
        " accepted the invitation), NOT_FOUND, RATE_LIMITED."
    )
    async def reset_staff_password(
        self, info: Info, input: Annotated[ResetStaffPasswordInput, strawberry.argument(description="The member.")]
    ) -> StaffPayload | None:
        context, staff_id = info.context, id_of("StaffMember", input.id)
        return await run_for_staff(info, staff_access.reset_password(context.runtime, context.account, staff_id))

    @access_checked_field(
        "Delete the second factor of a member of staff, who can then set up a new one. The member's sessions end, and a mail"
        " tells the member. Only MSSP admins may call it, and not for themselves. Errors: NOT_ALLOWED (also if the member has"
        " no second factor), NOT_FOUND."
    )
    async def reset_staff_mfa(
        self, info: Info, input: Annotated[ResetStaffMfaInput, strawberry.argument(description="The member.")]
    ) -> StaffPayload | None:
        context, staff_id = info.context, id_of("StaffMember", input.id)
        return await run_for_staff(info, staff_access.reset_second_factor(context.runtime, context.account, staff_id))

    @access_checked_field("Change settings of the viewer's MSSP. Only MSSP admins may call it. Errors: NOT_ALLOWED.")
    async def update_mssp_policy(
        self, info: Info, input: Annotated[UpdateMsspPolicyInput, strawberry.argument(description="The new values.")]
    ) -> MsspPayload | None:
        context = info.context
        try:
            row = await mssp_policy.change(
                context.runtime, context.account, staff_mfa_required=input.staff_mfa_required
            )
        except Refusal as refusal:
            return MsspPayload.refused(refusal)
        finally:
            context.forget()
        return MsspPayload(mssp=Mssp.of(row), errors=[])
