"""The mutation updatePortalPolicy."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.core.global_ids import id_of
from resolvers.enums.users import UserField
from resolvers.query import Query
from resolvers.shared_descriptions import READ_AGAIN
from resolvers.types.portals.portal import Portal
from rules.lifecycle.licenses import SeatMode
from rules.policies.policy_settings import SETTINGS, field_name
from rules.policies.presets import PolicyPreset
from rules.refusals import Refusal
from services.administration.policies import update_policy


def _setting(column: str) -> Any:
    """Return the field of the input that changes the setting. Its description has the bounds of the setting."""
    bounds = f" Takes {SETTINGS[column].bounds}." if SETTINGS[column].least is not None else ""
    return strawberry.field(description=f"The new `PortalPolicy.{field_name(column)}`.{bounds}")


@strawberry.input(
    description="The settings to change. An absent setting is kept. Null is a value of the settings whose description"
    " says so, and refused with INVALID_INPUT in the others. With `preset`, the values of the preset are written first,"
    " then the given ones."
)
class UpdatePortalPolicyInput:
    portal_id: strawberry.ID = strawberry.field(description="The portal's global id.")
    preset: PolicyPreset | None = strawberry.field(default=None, description="A preset to begin with. Default: none.")
    password_sign_in_enabled: strawberry.Maybe[bool | None] = _setting("password_sign_in_enabled")
    password_reset_ttl_hours: strawberry.Maybe[int | None] = _setting("password_reset_ttl_hours")
    invitation_ttl_hours: strawberry.Maybe[int | None] = _setting("invitation_ttl_hours")
    verification_code_ttl_minutes: strawberry.Maybe[int | None] = _setting("verification_code_ttl_minutes")
    lockout_threshold: strawberry.Maybe[int | None] = _setting("lockout_threshold")
    lockout_minutes: strawberry.Maybe[int | None] = _setting("lockout_minutes")
    idle_suspend_days: strawberry.Maybe[int | None] = _setting("idle_suspend_days")
    deactivated_retention_days: strawberry.Maybe[int | None] = _setting("deactivated_retention_days")
    max_admins: strawberry.Maybe[int | None] = _setting("max_admins")
    mfa_required: strawberry.Maybe[bool | None] = _setting("mfa_required")
    password_max_age_days: strawberry.Maybe[int | None] = _setting("password_max_age_days")
    seat_mode: strawberry.Maybe[SeatMode | None] = _setting("seat_mode")
    required_user_fields: strawberry.Maybe[list[UserField] | None] = _setting("required_user_fields")
    reason_required: strawberry.Maybe[bool | None] = _setting("reason_required")
    deleted_name_retention_days: strawberry.Maybe[int | None] = _setting("deleted_name_retention_days")

    def given(self) -> dict[str, Any]:
        """Return the settings that the client sent, by column, as the rules take them."""
        sent = {column: field.value for column in SETTINGS if (field := getattr(self, column)) is not None}
        if sent.get("required_user_fields") is not None:
            sent["required_user_fields"] = [field.value for field in sent["required_user_fields"]]
        return sent


@strawberry.type(description="The result of a change of a portal's policy.")
class PortalPolicyPayload:
    portal: Portal | None = strawberry.field(
        description="The portal with its new policy. Null if `errors` is not empty."
    )
    errors: list[UserError] = strawberry.field(
        description="Why the change was refused: INVALID_INPUT with one error for each wrong setting, NOT_FOUND, or"
        " NOT_ALLOWED unless the viewer is an MSSP admin. Empty if the policy was changed."
    )

    @classmethod
    def refused(cls, refusal: Refusal) -> PortalPolicyPayload:
        return cls(portal=None, errors=UserError.all_of(refusal))

    @strawberry.field(description=READ_AGAIN)
    async def query(self) -> Query:
        return Query()


@strawberry.type
class PolicyMutations:
    @access_checked_field(
        "Change settings of a portal's policy, for MSSP admins. The new settings apply from now on: links and codes that"
        " were sent keep their end, names of users deleted before are kept as long as the policy said then, and no session"
        " ends. A change of `seatMode` gives and takes license seats at once; no user loses access by it. With a shorter"
        " `idleSuspendDays`, users are warned a week before they are suspended. With `maxAdmins` below the number of"
        " admins, admins stay, and no further one is added. `previewPortalPolicy` counts the users that a change affects."
    )
    async def update_portal_policy(
        self,
        info: Info,
        input: Annotated[UpdatePortalPolicyInput, strawberry.argument(description="The portal, and its new settings.")],
    ) -> PortalPolicyPayload | None:
        context = info.context
        try:
            portal = await update_policy(
                context.runtime, context.account, id_of("Portal", input.portal_id), input.preset, input.given()
            )
        except Refusal as refusal:
            return PortalPolicyPayload.refused(refusal)
        finally:
            context.forget()
        return PortalPolicyPayload(portal=Portal.of(portal), errors=[])
