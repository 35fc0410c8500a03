"""The settings of a portal's policy: their defaults, their bounds, and the check of new values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules.auth.lockout import MOST_IN_A_ROW
from rules.housekeeping import SOONEST_WARNING, WARNED_BEFORE
from rules.lifecycle.licenses import SeatMode
from rules.messages.policies import PolicyMessage
from rules.refusals import Faults, Refusal
from rules.user_fields import REQUIRED


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a portal's policy.

    - `default`: the value in a new portal without a preset.
    - `least` and `most`: the bounds of a number, both inclusive. None if the setting is no number.
    - `may_be_null`: whether null is a valid value.
    """

    default: Any
    least: int | None = None
    most: int | None = None
    may_be_null: bool = False

    @property
    def bounds(self) -> str:
        """The bounds in words, such as "1 to 168, or null"."""
        return f"{self.least:,} to {self.most:,}{', or null' if self.may_be_null else ''}"


DAYS_IN_TEN_YEARS = 3650

SETTINGS: dict[str, Setting] = {
    "password_sign_in_enabled": Setting(True),
    "password_reset_ttl_hours": Setting(24, 1, 7 * 24),
    "invitation_ttl_hours": Setting(7 * 24, 1, 90 * 24),
    "verification_code_ttl_minutes": Setting(10, 1, 60),
    "lockout_threshold": Setting(10, 3, MOST_IN_A_ROW),
    "lockout_minutes": Setting(15, 1, 24 * 60, may_be_null=True),
    # A user is idle for a day before the warning, and is suspended a week after it at the earliest.
    "idle_suspend_days": Setting(90, (SOONEST_WARNING + WARNED_BEFORE).days, DAYS_IN_TEN_YEARS, may_be_null=True),
    "deactivated_retention_days": Setting(30, 1, DAYS_IN_TEN_YEARS),
    "max_admins": Setting(None, 1, 1000, may_be_null=True),
    "mfa_required": Setting(False),
    "password_max_age_days": Setting(None, 1, DAYS_IN_TEN_YEARS, may_be_null=True),
    "seat_mode": Setting(SeatMode.ON_ACTIVATION),
    "required_user_fields": Setting(("FIRST_NAME", "EMAIL")),
    "reason_required": Setting(False),
    "deleted_name_retention_days": Setting(0, 0, DAYS_IN_TEN_YEARS),
}
"""The settings by their column in the portal's row, in the order of the schema."""


def field_name(column: str) -> str:
    """Return the setting's name in the schema, such as `lockoutMinutes`."""
    first, *others = column.split("_")
    return first + "".join(word.capitalize() for word in others)


def validate(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check new values of settings, and return them in the form that is stored. `given` maps columns to values.

    Raise Refusal(INVALID_INPUT) with all faults:

    - A number is out of its bounds.
    - A value is null, but the setting does not allow null.
    - A list of required fields is empty.
    """
    values: dict[str, Any] = {}
    with Faults() as faults:
        for column, value in given.items():
            with faults.collect():
                values[column] = _validate(column, value)
    return values


def _validate(column: str, value: Any) -> Any:
    setting, name = SETTINGS[column], field_name(column)
    if value is None:
        if setting.may_be_null:
            return None
        raise Refusal(PolicyMessage.NULL_NOT_ALLOWED, path=(name,), field=name)
    if setting.least is not None and setting.most is not None and not setting.least <= value <= setting.most:
        raise Refusal(
            PolicyMessage.OUT_OF_BOUNDS, path=(name,), field=name, minimum=setting.least, maximum=setting.most
        )
    if column == "required_user_fields":
        if not value:
            raise Refusal(PolicyMessage.NO_FIELDS, path=(name,), field=name)
        return [field for field in REQUIRED if field in value]
    return value


def changed_settings(before: object, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the items of `values` that differ from the stored policy in the row `before`."""
    return {column: value for column, value in values.items() if _stored(before, column) != value}


def _stored(row: object, column: str) -> Any:
    # A null that the setting does not allow counts as the setting's default.
    value = getattr(row, column)
    setting = SETTINGS[column]
    return setting.default if value is None and not setting.may_be_null else value


def changes_by_field(before: object, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the changed settings for the audit log, as texts.

    For example, `[{"field": "lockoutMinutes", "before": "30", "after": "60"}]`.
    """
    return [
        {"field": field_name(column), "before": _text(_stored(before, column)), "after": _text(value)}
        for column, value in values.items()
    ]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)
