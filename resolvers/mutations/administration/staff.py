"""The mutations that invite, change and delete members of staff."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.duration_text import duration_text
from resolvers.core.errors import Refusable, UserError
from resolvers.core.global_ids import global_id, id_of
from resolvers.enums.roles import StaffRole
from resolvers.mutations.administration.staff_payload import StaffIdInput, StaffPayload, run_for_staff
from rules import user_fields
from rules.access import Role
from rules.mail.kinds import INVITATION_LIVES_FOR_STAFF
from rules.refusals import Refusal
from rules.user_fields import LONGEST_NAME
from services.administration.staff import staff_changes, staff_invitations
from services.administration.staff.staff_changes import StaffEdit

_LIVES = duration_text(INVITATION_LIVES_FOR_STAFF)


@strawberry.input(description="A new member of staff.")
class InviteStaffInput:
    email: str = strawberry.field(
        description=f"The e-mail address to sign in with, at most {user_fields.LONGEST['email']} characters. One account of"
        " staff has it, over all MSSPs: EMAIL_TAKEN."
    )
    name: str = strawberry.field(description=f"The name, at most {LONGEST_NAME} characters.")
    staff_role: StaffRole = strawberry.field(description="The role. assignPortals assigns a technician to portals.")


@strawberry.input(description="A member of staff who has not accepted the invitation.")
class ResendStaffInvitationInput(StaffIdInput):
    pass


@strawberry.input(description="The fields to change. An absent field and null keep the value.")
class UpdateStaffInput(StaffIdInput):
    name: str | None = strawberry.field(default=None, description=f"The name, at most {LONGEST_NAME} characters.")
    staff_role: StaffRole | None = strawberry.field(
        default=None,
        description="The role. A change ends the member's sessions; a technician who becomes an MSSP admin loses the"
        " assignment.",
    )
    is_active: bool | None = strawberry.field(
        default=None,
        description="Whether the member may sign in. False ends the member's sessions, and the links that were mailed stop"
        " working.",
    )


@strawberry.input(description="A member of staff.")
class DeleteStaffInput(StaffIdInput):
    pass


@strawberry.type(description="The result of deleteStaff.")
class DeleteStaffPayload(Refusable):
    deleted_staff_id: strawberry.ID | None = strawberry.field(
        default=None, description="The member's global id. Null on errors."
    )
    errors: list[UserError] = strawberry.field(description="Why nothing was deleted. Empty if the member is gone.")


@strawberry.type
class StaffMutations:
    @access_checked_field(
        f"Add a member of the MSSP's staff and mail an invitation, whose link is valid for {_LIVES}. The member sets a"
        " password with acceptInvitation and is then signed in. Only MSSP admins may call it. Errors: NOT_ALLOWED,"
        " INVALID_EMAIL, INVALID_INPUT, EMAIL_TAKEN, RATE_LIMITED."
    )
    async def invite_staff(
        self, info: Info, input: Annotated[InviteStaffInput, strawberry.argument(description="The new member.")]
    ) -> StaffPayload | None:
        context = info.context
        role = Role[input.staff_role.name]
        change = staff_invitations.invite(
            context.runtime, context.account, email=input.email, name=input.name, role=role
        )
        return await run_for_staff(info, change)

    @access_checked_field(
        f"Mail a new invitation, valid for {_LIVES}, to a member of staff who has not accepted. The earlier link stops working."
        " Only MSSP admins may call it. Errors: NOT_ALLOWED (also if the member has accepted or is inactive), NOT_FOUND,"
        " RATE_LIMITED."
    )
    async def resend_staff_invitation(
        self, info: Info, input: Annotated[ResendStaffInvitationInput, strawberry.argument(description="The member.")]
    ) -> StaffPayload | None:
        context = info.context
        staff_id = id_of("StaffMember", input.id)
        return await run_for_staff(info, staff_invitations.resend(context.runtime, context.account, staff_id))

    @access_checked_field(
        "Change a member of staff. Only MSSP admins may call it. Errors: NOT_ALLOWED, NOT_FOUND, INVALID_INPUT, LAST_ADMIN if"
        " no active MSSP admin who can sign in would be left."
    )
    async def update_staff(
        self, info: Info, input: Annotated[UpdateStaffInput, strawberry.argument(description="The new values.")]
    ) -> StaffPayload | None:
        context = info.context
        role = Role[input.staff_role.name] if input.staff_role else None
        edit = StaffEdit(input.name, role, input.is_active)
        change = staff_changes.update(context.runtime, context.account, id_of("StaffMember", input.id), edit)
        return await run_for_staff(info, change)

    @access_checked_field(
        "Delete a member of staff for good: the sessions end, and links and a second factor are deleted. The audit log keeps"
        " the events. Only MSSP admins may call it. Errors: NOT_ALLOWED, NOT_FOUND, LAST_ADMIN as in updateStaff."
    )
    async def delete_staff(
        self, info: Info, input: Annotated[DeleteStaffInput, strawberry.argument(description="The member.")]
    ) -> DeleteStaffPayload | None:
        context = info.context
        try:
            deleted = await staff_changes.delete(context.runtime, context.account, id_of("StaffMember", input.id))
        except Refusal as refusal:
            return DeleteStaffPayload.refused(refusal)
        finally:
            context.forget()
        return DeleteStaffPayload(deleted_staff_id=global_id("StaffMember", deleted), errors=[])
