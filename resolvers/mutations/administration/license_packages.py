"""Mutations of license packages."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Any

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.errors import Refusable, UserError
from resolvers.core.global_ids import id_of
from resolvers.query import Query
from resolvers.shared_descriptions import READ_AGAIN
from resolvers.types.portals.license_packages import LicensePackage
from resolvers.types.portals.license_tiles import LicenseTiles, tiles_of
from rules.administration.license_packages import MOST_PACKAGES, MOST_SEATS
from rules.refusals import Refusal
from rules.user_fields import LONGEST_NAME
from services.administration import packages
from services.administration.packages import WrittenPackage

_NAME = f"The name on the order; at most {LONGEST_NAME} characters."
_SEATS = f"Number of seats, from 1 to {MOST_SEATS:,}."


@strawberry.input(description="A license package that the portal's customer has bought.")
class CreateLicensePackageInput:
    portal_id: strawberry.ID = strawberry.field(
        description=f"The portal's global id. A portal has at most {MOST_PACKAGES} packages, ended ones included."
    )
    name: str = strawberry.field(description=_NAME)
    seats: int = strawberry.field(description=_SEATS)
    starts_at: datetime | None = strawberry.field(
        default=None, description="The time from which the seats can be used. Null: at once."
    )
    ends_at: datetime | None = strawberry.field(
        default=None,
        description="The time from which the package provides no seats; after `startsAt`. Null: no end.",
    )


@strawberry.input(description="The values of a license package to change. An absent field is kept.")
class UpdateLicensePackageInput:
    id: strawberry.ID = strawberry.field(description="The package's global id.")
    name: strawberry.Maybe[str | None] = strawberry.field(description=_NAME)
    seats: strawberry.Maybe[int | None] = strawberry.field(
        description=f"{_SEATS} If fewer seats than are in use would be left: SEATS_IN_USE."
    )
    starts_at: strawberry.Maybe[datetime | None] = strawberry.field(
        description="The time from which the seats can be used; before `endsAt`. Null: no start. If fewer seats than are in"
        " use would be left now: SEATS_IN_USE."
    )
    ends_at: strawberry.Maybe[datetime | None] = strawberry.field(
        description="The time from which the package provides no seats. Null: no end. Any time is accepted, also a past one and"
        " one before `startsAt`: users keep their seats, and no user can take another seat while too few are left."
    )

    def sent_values(self) -> dict[str, Any]:
        """Return the values that the client sent, by column, such as `{"seats": 50}`. A sent null is None."""
        fields = {"name": self.name, "seats": self.seats, "starts_at": self.starts_at, "ends_at": self.ends_at}
        return {name: field.value for name, field in fields.items() if field is not None}


@strawberry.type(description="The result of a change of a license package.")
class LicensePackagePayload(Refusable):
    package: LicensePackage | None = strawberry.field(
        default=None, description="The package as stored now. Null if `errors` is not empty."
    )
    license_tiles: LicenseTiles | None = strawberry.field(
        default=None, description="The portal's seats and tiles after the change. Null if `errors` is not empty."
    )
    users_over_at_end: int | None = strawberry.field(
        default=None,
        description="How many users will hold a seat beyond the active packages at `package.endsAt` (now, if that time is past),"
        " if nothing else changes. They keep their seats and their access. Null if the package has no end, and if"
        " `errors` is not empty.",
    )
    errors: list[UserError] = strawberry.field(
        description="NOT_ALLOWED (the viewer is no MSSP admin), NOT_FOUND, INVALID_INPUT, SEATS_IN_USE. Empty if the package"
        " was stored."
    )

    @strawberry.field(description=READ_AGAIN)
    async def query(self) -> Query:
        return Query()


async def _answered(info: Info, writing: Awaitable[WrittenPackage]) -> LicensePackagePayload:
    try:
        written = await writing
    except Refusal as refusal:
        return LicensePackagePayload.refused(refusal)
    finally:
        info.context.forget()
    at = info.context.now()
    return LicensePackagePayload(
        package=LicensePackage.of(written.row, at),
        license_tiles=tiles_of(written.portal, at),
        users_over_at_end=written.over_at_end,
        errors=[],
    )


@strawberry.type
class LicensePackageMutations:
    @access_checked_field(
        "Enter a license package that was bought outside the product. For MSSP admins. The seats of all packages that are"
        " active at a moment add up."
    )
    async def create_license_package(
        self,
        info: Info,
        input: Annotated[CreateLicensePackageInput, strawberry.argument(description="The package.")],
    ) -> LicensePackagePayload | None:
        given = {
            "name": input.name,
            "seats": input.seats,
            "starts_at": input.starts_at,
            "ends_at": input.ends_at,
        }
        context = info.context
        portal_id = id_of("Portal", input.portal_id)
        return await _answered(info, packages.create(context.runtime, context.account, portal_id, given))

    @access_checked_field(
        "Change, extend or end a license package. For MSSP admins. An end takes the seat of no user: it blocks activations"
        " while fewer seats are left than are in use (LICENSE_PACKAGE_INACTIVE, NO_SEAT_AVAILABLE)."
    )
    async def update_license_package(
        self,
        info: Info,
        input: Annotated[UpdateLicensePackageInput, strawberry.argument(description="The package, and the changes.")],
    ) -> LicensePackagePayload | None:
        context = info.context
        package_id = id_of("LicensePackage", input.id)
        return await _answered(info, packages.update(context.runtime, context.account, package_id, input.sent_values()))
