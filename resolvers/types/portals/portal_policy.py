"""The settings of one portal."""

from __future__ import annotations

import strawberry

from models.portals.table import PortalRow, column_default
from resolvers.core.row_fields import from_columns, shown, shows
from resolvers.enums.users import UserField
from rules.auth.lockout import MOST_IN_A_ROW, SECOND_FACTOR_ATTEMPTS
from rules.lifecycle.licenses import SeatMode
from rules.policies.policy_settings import SETTINGS


def _default(field: str) -> str:
    """Return a column's default in the syntax of GraphQL, such as `true`. A list is written without brackets."""
    default = column_default(field)
    if isinstance(default, list):
        return ", ".join(default)
    return "null" if default is None else str(default).lower() if isinstance(default, bool) else str(default)


def _number(field: str) -> str:
    """Return the default and the bounds of a numeric setting, as sentences."""
    return f"Default {_default(field)}; takes {SETTINGS[field].bounds}."


def _user_fields(names: list[str]) -> list[UserField]:
    return [UserField(name) for name in names]


def _is_set(flag: bool | None) -> bool:
    return bool(flag)


def _days(days: int | None) -> int:
    return days or 0


@shows(
    PortalRow,
    deleted_name_retention_days=from_columns(_days, "deleted_name_retention_days"),
    reason_required=from_columns(_is_set, "reason_required"),
    required_user_fields=from_columns(_user_fields, "required_user_fields"),
)
@strawberry.type(description="The settings of a portal, which apply to all of its users.")
class PortalPolicy:
    password_sign_in_enabled: bool = strawberry.field(
        description=f"Whether users sign in with a password. Default {_default('password_sign_in_enabled')}."
    )
    password_reset_ttl_hours: int = strawberry.field(
        description=f"Hours for which a password reset link is valid. {_number('password_reset_ttl_hours')}"
    )
    invitation_ttl_hours: int = strawberry.field(
        description=f"Hours for which an invitation's link is valid. {_number('invitation_ttl_hours')}"
    )
    verification_code_ttl_minutes: int = strawberry.field(
        description=f"Minutes for which a mailed registration code is valid. {_number('verification_code_ttl_minutes')}"
    )
    lockout_threshold: int = strawberry.field(
        description="Consecutive wrong passwords after which a user is locked out. Consecutive wrong codes of a second factor lock"
        f" out after {SECOND_FACTOR_ATTEMPTS}, or after this number if it is smaller. "
        f"{_number('lockout_threshold')}"
    )
    lockout_minutes: int | None = strawberry.field(
        description="Minutes until a lockout ends. Null: only an admin or a new password ends it. The same applies"
        f" after {MOST_IN_A_ROW} consecutive failures. {_number('lockout_minutes')}"
    )
    idle_suspend_days: int | None = strawberry.field(
        description="Days without a sign-in after which a user is suspended. Null: never. "
        f"{_number('idle_suspend_days')}"
    )
    deactivated_retention_days: int = strawberry.field(
        description="Days after which the data of a deactivated user is erased. "
        f"{_number('deactivated_retention_days')}"
    )
    max_admins: int | None = strawberry.field(
        description="Maximum number of admins. Admins count in each status except DEACTIVATED; one more is refused with"
        " ADMIN_LIMIT_REACHED. If the limit is lowered below their number, all stay admins, and of those who are not enabled only"
        " as many become enabled as the limit allows: activating, unlocking or accepting is refused with the same code."
        f" Null: no limit. {_number('max_admins')}"
    )
    mfa_required: bool = strawberry.field(
        description="Whether users must set up a second factor. Until they have, nearly all requests are refused with"
        f" FORBIDDEN (see `Session.mustEnrollMfa`). Default {_default('mfa_required')}."
    )
    password_max_age_days: int | None = strawberry.field(
        description=f"Days after which a password expires. Null: never. {_number('password_max_age_days')}"
    )
    seat_mode: SeatMode = strawberry.field(
        description=f"When a user of kind EXTERNAL takes a license seat. Default {_default('seat_mode')}."
    )
    required_user_fields: list[UserField] = strawberry.field(
        description=f"The fields that a user must have. Default {_default('required_user_fields')}."
    )
    reason_required: bool = strawberry.field(
        description="Whether bulk actions by MSSP staff need a reason or a ticket (see `BulkOptions.reason`). Default"
        f" {_default('reason_required')}."
    )
    deleted_name_retention_days: int = strawberry.field(
        description="Days for which the audit log and stored outcomes show the name of a deleted user. 0: the name is deleted"
        f" with the user. {_number('deleted_name_retention_days')}"
    )

    @classmethod
    def of(cls, row: PortalRow) -> PortalPolicy:
        return shown(cls, row)
