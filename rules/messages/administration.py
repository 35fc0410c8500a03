"""The messages about the administration of an MSSP: its portals, license packages and staff."""

from __future__ import annotations

from rules.refusals import Code, Message


class LicensePackageMessage(Message):
    """Why a license package cannot be entered or changed."""

    SEATS_OUT_OF_RANGE = Code.INVALID_INPUT, "A license package has {minimum} to {maximum} seats."
    ENDS_BEFORE_START = (
        Code.INVALID_INPUT,
        "The package ends before it starts. Give a later endsAt, or an earlier startsAt.",
    )
    TOO_MANY_PACKAGES = (
        Code.INVALID_INPUT,
        "A portal has at most {maximum} license packages. Change one that has ended instead.",
    )
    FEWER_THAN_USED = (
        Code.SEATS_IN_USE,
        "{seatsUsed} seats are in use, and the active packages would have {seatsTotal} seats: {over} too few. Deactivate"
        " users first, or set an end for the package.",
    )
    NO_SUCH_PACKAGE = Code.NOT_FOUND, "There is no such license package."


class StaffMessage(Message):
    """Why the change of a member of staff is refused."""

    NO_SUCH_MEMBER = Code.NOT_FOUND, "There is no such member of staff. Refresh the list."
    TOO_MANY_ASSIGNED = Code.INVALID_INPUT, "portalIds takes at most {maximum} ids."
    NOT_A_TECHNICIAN = Code.INVALID_INPUT, "An MSSP admin has every portal. Only technicians are assigned to portals."
