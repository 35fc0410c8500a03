"""Decide which counters of a portal count a given user. The counters are columns of the portal's row."""

from __future__ import annotations

from collections import Counter

from rules.access import Role
from rules.lifecycle.statuses import CATEGORY, Category, Status, StatusReason


def increments(status: Status, status_reason: StatusReason | None, role: Role, *, holds_seat: bool) -> Counter[str]:
    """Return 1 for each counter of the portal that counts a user with these values, by the counter's column."""
    names = [status.value.lower()]
    if status is Status.DEACTIVATED and status_reason is StatusReason.WAITING_FOR_SEAT:
        names.append("waiting_for_seat")
    if holds_seat:
        names.append("seats_used")
    if role is Role.PORTAL_ADMIN and CATEGORY[status] is Category.ENABLED:
        names.append("enabled_admins")
    return Counter(names)
