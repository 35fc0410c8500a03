"""The input of updatePortalPolicy and previewPortalPolicy: the new settings of a portal's policy."""

from __future__ import annotations

from typing import Any

import strawberry

from resolvers.enums.users import UserField
from rules.lifecycle.licenses import SeatMode
from rules.policies.policy_settings import SETTINGS, field_name
from rules.policies.presets import PolicyPreset


def _setting(column: str) -> Any:
    """Return the input field of a setting. Its description contains the setting's bounds."""
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

    def sent_values(self) -> dict[str, Any]:
        """Return the settings that the client sent, by column, in the form that rules/policies takes."""
        sent = {column: field.value for column in SETTINGS if (field := getattr(self, column)) is not None}
        if sent.get("required_user_fields") is not None:
            sent["required_user_fields"] = [field.value for field in sent["required_user_fields"]]
        return sent
