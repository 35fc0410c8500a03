"""The mutations about members of staff, each with the ways to call it (Recipe)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.isolation.members import Member
from tests.isolation.recipe import Recipe
from tests.isolation.scene import Place


def _changed(value: Any, place: Place) -> bool:
    return value["staff"] is not None


def _with_session(member: Member) -> dict[str, Any]:
    return {"input": {"id": member.id, "sessionId": member.session}}


_DELETE = (
    "mutation ($input: DeleteStaffInput!) { deleteStaff(input: $input)"
    " { deletedStaffId errors { code message path } } }"
)
_REVOKE = (
    "mutation ($input: RevokeStaffSessionsInput!) { revokeStaffSessions(input: $input)"
    " { staff { id } errors { code message path } } }"
)

STAFF_MUTATIONS: dict[str, list[Recipe]] = {
    "Mutation.assignPortals": [
        Recipe(
            by=f"input.{by}",
            audience="the MSSP's admins",
            document="mutation ($input: AssignPortalsInput!) { assignPortals(input: $input)"
            " { staff { id } errors { code message path } } }",
            variables=lambda place: {
                "input": {"staffId": place.ids["StaffMember"], "portalIds": [place.ids["Portal"]]}
            },
            shows=_changed,
        )
        for by in ("staffId", "portalIds")
    ],
    "Mutation.inviteStaff": [
        Recipe(
            by=None,
            audience="all",  # names no place: each admin's own MSSP
            document="mutation ($input: InviteStaffInput!) { inviteStaff(input: $input) { staff { id } errors { code } } }",
            variables=lambda place: {
                "input": {"email": f"{uuid4().hex}@new.test", "name": "New", "staffRole": "MSSP_TECHNICIAN"}
            },
            shows=_changed,
            places=("own",),
        )
    ],
    "Mutation.resendStaffInvitation": [
        Recipe(
            by="input.id",
            audience="the MSSP's admins",
            document="mutation ($input: ResendStaffInvitationInput!) { resendStaffInvitation(input: $input)"
            " { staff { id } errors { code message path } } }",
            variables=lambda place: {"input": {"id": place.invited_member().id}},
            shows=_changed,
        )
    ],
    "Mutation.updateStaff": [
        Recipe(
            by="input.id",
            audience="the MSSP's admins",
            document="mutation ($input: UpdateStaffInput!) { updateStaff(input: $input)"
            " { staff { id } errors { code message path } } }",
            variables=lambda place: {"input": {"id": place.ids["StaffMember"], "name": "Renamed"}},
            shows=_changed,
        )
    ],
    "Mutation.deleteStaff": [
        Recipe(
            by="input.id",
            audience="the MSSP's admins",
            document=_DELETE,
            variables=lambda place: {"input": {"id": place.member().id}},
            shows=lambda value, place: value["deletedStaffId"] is not None,
        ),
        Recipe(
            by="input.id",
            audience="none",  # the id is of another type
            document=_DELETE,
            variables=lambda place: {"input": {"id": place.ids["Portal"]}},
            shows=lambda value, place: value["deletedStaffId"] is not None,
        ),
    ],
    "Mutation.resetStaffPassword": [
        Recipe(
            by="input.id",
            audience="the MSSP's admins",
            document="mutation ($input: ResetStaffPasswordInput!) { resetStaffPassword(input: $input)"
            " { staff { id } errors { code message path } } }",
            variables=lambda place: {"input": {"id": place.ids["StaffMember"]}},
            shows=_changed,
        )
    ],
    "Mutation.resetStaffMfa": [
        Recipe(
            by="input.id",
            audience="the MSSP's admins",
            document="mutation ($input: ResetStaffMfaInput!) { resetStaffMfa(input: $input)"
            " { staff { id } errors { code message path } } }",
            variables=lambda place: {"input": {"id": place.member().id}},
            shows=_changed,
        )
    ],
    "Mutation.revokeStaffSessions": [
        Recipe(
            by="input.id",
            audience="the MSSP's admins",
            document=_REVOKE,
            variables=lambda place: {"input": {"id": place.ids["StaffMember"]}},
            shows=_changed,
        ),
        Recipe(
            by="input.sessionId",
            audience="the MSSP's admins",
            document=_REVOKE,
            variables=lambda place: _with_session(place.member()),
            shows=_changed,
        ),
    ],
    "Mutation.updateMsspPolicy": [
        Recipe(
            by=None,
            audience="all",  # names no place: each admin's own MSSP
            document="mutation { updateMsspPolicy(input: {}) { mssp { id } errors { code } } }",
            variables=lambda place: {},
            shows=lambda value, place: value["mssp"] is not None,
            places=("own",),
        )
    ],
}
