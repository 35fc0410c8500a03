"""The settings of one portal."""

from __future__ import annotations

import strawberry

from models.portals import PortalRow
from resolvers.enums.users import UserField
from rules.lifecycle.licenses import SeatMode


@strawberry.type(description="The rules of one portal, as its admins see them.")
class PortalPolicy:
    password_sign_in_enabled: bool = strawberry.field(description="Whether users sign in with a password of their own.")
    password_reset_ttl_hours: int = strawberry.field(description="How long a reset link lives. Default 24.")
    invitation_ttl_hours: int = strawberry.field(description="How long an invitation's link lives. Default 168.")
    verification_code_ttl_minutes: int = strawberry.field(description="How long a mailed code lives. Default 10.")
    lockout_threshold: int = strawberry.field(
        description="Consecutive wrong passwords that lock a user out; five wrong second factors do, or as many as this if fewer."
        " Default 10."
    )
    lockout_minutes: int | None = strawberry.field(
        description="How long a lockout lasts. Null: only an admin or a new password ends it, as after 100 failures in a row."
        " Default 15."
    )
    idle_suspend_days: int | None = strawberry.field(
        description="Days without a sign-in after which a user is suspended. Null: never. Default 90."
    )
    deactivated_retention_days: int = strawberry.field(
        description="Days after which a deactivated user's data is erased. Default 30."
    )
    max_admins: int | None = strawberry.field(
        description="How many admins the portal may have. Null: no limit, the default. 1: the one-admin portal."
    )
    mfa_required: bool = strawberry.field(
        description="Whether users must set up a second factor: without one all else is FORBIDDEN. Default false."
    )
    password_max_age_days: int | None = strawberry.field(
        description="Days after which a new password is asked for. Null: never, the default."
    )
    seat_mode: SeatMode = strawberry.field(description="When a user takes a license seat. Default ON_ACTIVATION.")
    required_user_fields: list[UserField] = strawberry.field(
        description="What a user must have. Default FIRST_NAME, EMAIL."
    )

    @classmethod
    def of(cls, row: PortalRow) -> PortalPolicy:
        return cls(
            password_sign_in_enabled=row.password_sign_in_enabled,
            password_reset_ttl_hours=row.password_reset_ttl_hours,
            invitation_ttl_hours=row.invitation_ttl_hours,
            verification_code_ttl_minutes=row.verification_code_ttl_minutes,
            lockout_threshold=row.lockout_threshold,
            lockout_minutes=row.lockout_minutes,
            idle_suspend_days=row.idle_suspend_days,
            deactivated_retention_days=row.deactivated_retention_days,
            max_admins=row.max_admins,
            mfa_required=row.mfa_required,
            password_max_age_days=row.password_max_age_days,
            seat_mode=row.seat_mode,
            required_user_fields=[UserField(name) for name in row.required_user_fields],
        )
