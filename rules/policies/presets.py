"""Presets: complete policies. Each one behaves like one of the products that docs/requirements.md describes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from rules.lifecycle.licenses import SeatMode
from rules.policies.policy_settings import SETTINGS, validate


class PolicyPreset(StrEnum):
    """The name of a preset: a set of policy settings for one kind of portal."""

    LICENSED_PORTAL = "LICENSED_PORTAL"
    MSSP_PORTAL = "MSSP_PORTAL"
    EXTERNAL_USERS = "EXTERNAL_USERS"
    CHILD_USERS = "CHILD_USERS"
    CUSTOMER_ACCOUNT = "CUSTOMER_ACCOUNT"


DIFFERENCES: Mapping[PolicyPreset, Mapping[str, Any]] = {
    PolicyPreset.LICENSED_PORTAL: {  # K6, K9 to K12, K17, K31; no user of K goes idle
        "seat_mode": SeatMode.ON_ACTIVATION,
        "required_user_fields": ("FIRST_NAME", "EMAIL"),
        "idle_suspend_days": None,
    },
    PolicyPreset.MSSP_PORTAL: {  # L2, L5
        "seat_mode": SeatMode.UNLIMITED,
        "max_admins": 1,
        "required_user_fields": ("FIRST_NAME", "EMAIL"),
        "idle_suspend_days": None,
    },
    PolicyPreset.EXTERNAL_USERS: {  # E1, E4
        "seat_mode": SeatMode.ON_ACTIVATION,
        "required_user_fields": ("FIRST_NAME",),
        "idle_suspend_days": None,
    },
    PolicyPreset.CHILD_USERS: {  # T3, T6, T10
        "seat_mode": SeatMode.UNLIMITED,
        "required_user_fields": ("FIRST_NAME", "LAST_NAME", "EMAIL"),
        "idle_suspend_days": 90,
        "password_max_age_days": 90,
    },
    PolicyPreset.CUSTOMER_ACCOUNT: {  # W3, W9
        "seat_mode": SeatMode.UNLIMITED,
        "required_user_fields": ("EMAIL",),
        "invitation_ttl_hours": 7 * 24,
        "idle_suspend_days": None,
    },
}
"""Maps a preset to the settings in which it differs from the defaults: the value of each setting by column name."""

OUTSIDE_PRESETS = frozenset({"mfa_required", "reason_required", "deleted_name_retention_days"})
"""Settings that a preset leaves unchanged, so that a preset does not weaken a protection."""


def policy_of(preset: PolicyPreset) -> dict[str, Any]:
    """Return the settings of a preset in the form that is stored, keyed by column."""
    defaults = {column: setting.default for column, setting in SETTINGS.items() if column not in OUTSIDE_PRESETS}
    return validate({**defaults, **DIFFERENCES[preset]})


def new_values(preset: PolicyPreset | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a change of policy writes, keyed by column.

    Values of `given` take precedence over the preset. Raise Refusal(INVALID_INPUT) if a given value is not valid.
    """
    values = validate(given)
    return {**policy_of(preset), **values} if preset else values
