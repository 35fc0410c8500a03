"""License packages: the bounds of their values, and the rule that seats in use cannot be removed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rules import user_fields
from rules.messages.administration import LicensePackageMessage
from rules.refusals import Faults, Refusal

MOST_SEATS = 1_000_000
MOST_PACKAGES = 100
"""The maximum number of license packages of a portal, ended packages included."""

INPUT_FIELDS = {"name": "name", "seats": "seats", "starts_at": "startsAt", "ends_at": "endsAt"}


def validate(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the values of a license package, and return them in the form that is stored.

    `given` maps some or all columns of INPUT_FIELDS to values. Raise Refusal(INVALID_INPUT) with all faults, such as
    more than MOST_SEATS seats.
    """
    stored = dict(given)
    with Faults() as faults:
        if "name" in given:
            with faults.collect():
                stored["name"] = user_fields.validate_name(given["name"] or "", "name")
        if "seats" in given:
            with faults.collect():
                _check_seats(given["seats"])
    return stored


def check_period(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Raise Refusal(INVALID_INPUT) if the period does not end after its start. Start and end are optional."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Refusal(LicensePackageMessage.ENDS_BEFORE_START, path=("startsAt",))


def check_seats_in_use(before: int | None, after: int | None, used: int, field: str) -> None:
    """Raise Refusal(SEATS_IN_USE) if a change would leave the portal fewer seats than are in use.

    `before` and `after` are the seats of the active packages before and after the change. None means unlimited seats.
    `field` is the input field that caused the change.
    """
    if before is None or after is None or after >= before or after >= used:
        return
    raise Refusal(
        LicensePackageMessage.FEWER_THAN_USED, path=(field,), seatsUsed=used, seatsTotal=after, over=used - after
    )


def users_beyond_seats(total: int | None, used: int) -> int:
    """Return how many users hold a seat beyond the seats that exist. `total` is None if seats are unlimited."""
    return 0 if total is None else max(0, used - total)


def check_package_count(packages: int) -> None:
    """Raise Refusal(INVALID_INPUT) if a portal with this number of packages can have no more."""
    if packages >= MOST_PACKAGES:
        raise Refusal(LicensePackageMessage.TOO_MANY_PACKAGES, path=("portalId",), maximum=MOST_PACKAGES)


def _check_seats(seats: int | None) -> None:
    if seats is None or not 1 <= seats <= MOST_SEATS:
        raise Refusal(LicensePackageMessage.SEATS_OUT_OF_RANGE, path=("seats",), minimum=1, maximum=MOST_SEATS)
