"""Preview a change of a portal's policy: count the users that the change would affect. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from models.policies import affected_users
from models.portals.lookup import LicensedPortal
from rules.access import Actor
from rules.housekeeping import spares_last_admin
from rules.policies.policy_effects import PolicyEffectKind
from rules.policies.policy_settings import changed_settings
from rules.policies.presets import PolicyPreset, new_values
from services.administration.policies import visible_portal


@dataclass(frozen=True, slots=True)
class PlannedPolicy:
    """The same portal twice: with its present policy, and with the new policy."""

    before: LicensedPortal
    after: LicensedPortal


async def plan_policy(
    actor: Actor, portal_id: UUID | None, preset: PolicyPreset | None, given: Mapping[str, Any]
) -> PlannedPolicy:
    """Return the portal before and after a change of its policy. Nothing is written.

    The arguments are those of `update_policy`. Raise Refusal(INVALID_INPUT) for an invalid value, or Refusal(NOT_FOUND)
    if the actor may not see the portal.
    """
    values = new_values(preset, given)
    before = await visible_portal(actor, portal_id)
    return PlannedPolicy(before, replace(before, row=before.row._replace(**changed_settings(before.row, values))))


async def count_effects(actor: Actor, policy: PlannedPolicy, at: datetime) -> dict[PolicyEffectKind, int]:
    """Return how many users each effect of the policy change concerns at `at`.

    Effects without users are left out.
    """
    before, after, found = policy.before.row, policy.after.row, dict[PolicyEffectKind, int]()
    for kind, condition in affected_users.conditions(before, after, at):
        number = await affected_users.count(actor, before.id, condition)
        spared = kind is PolicyEffectKind.SUSPENDED_AS_IDLE and spares_last_admin(number.admins, before.enabled_admins)
        found[kind] = number.users - spared
    if after.max_admins is not None and after.max_admins != before.max_admins:
        found[PolicyEffectKind.OVER_ADMIN_LIMIT] = (before.counted_admins or 0) - after.max_admins
    total = policy.after.seats_total(at)
    if total is not None and after.seat_mode is not before.seat_mode:
        moved = found[PolicyEffectKind.GAINS_SEAT] - found[PolicyEffectKind.LOSES_SEAT]
        found[PolicyEffectKind.OVER_SEATS] = before.seats_used + moved - total
    return {kind: found[kind] for kind in PolicyEffectKind if found.get(kind, 0) > 0}
