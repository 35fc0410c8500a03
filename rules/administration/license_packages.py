"""License packages: the bounds of their values, and the rule that a change does not remove seats in use."""

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
    """Check the values of a license package. Return a dict from column to value, in the form that is stored.

    `given` maps some or all columns of INPUT_FIELDS to values. Raise Refusal(INVALID_INPUT) with all faults if the name
    is not valid or the seats are not from 1 to MOST_SEATS.
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
    """Raise Refusal(INVALID_INPUT) if the end is not after the start. A period can have no start or no end."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Refusal(LicensePackageMessage.ENDS_BEFORE_START, path=("startsAt",))


def check_seats_in_use(before: int | None, after: int | None, used: int, field: str) -> None:
    """Raise Refusal(SEATS_IN_USE) if a change lowers the seats of a portal below the seats in use.

    `before` is the number of seats of the active packages without the change, and `after` with the change. Both
    are None if seats are unlimited. `field` is the input field that lowers the seats.
    """
    if before is None or after is None or after >= before or after >= used:
        return
    raise Refusal(
        LicensePackageMessage.FEWER_THAN_USED, path=(field,), seatsUsed=used, seatsTotal=after, over=used - after
    )


def users_beyond_seats(total: int | None, used: int) -> int:
    """Return how many more seats are in use than `total`, or 0 if there are enough seats.

    None as `total` means that seats are unlimited.
    """
    return 0 if total is None else max(0, used - total)


def check_package_count(packages: int) -> None:
    """Raise Refusal(INVALID_INPUT) if `packages`, the portal's number of packages, has reached MOST_PACKAGES."""
    if packages >= MOST_PACKAGES:
        raise Refusal(LicensePackageMessage.TOO_MANY_PACKAGES, path=("portalId",), maximum=MOST_PACKAGES)


def _check_seats(seats: int | None) -> None:
    if seats is None or not 1 <= seats <= MOST_SEATS:
        raise Refusal(LicensePackageMessage.SEATS_OUT_OF_RANGE, path=("seats",), minimum=1, maximum=MOST_SEATS)
