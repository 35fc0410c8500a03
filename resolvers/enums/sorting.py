"""The order of lists of users."""

from __future__ import annotations

from enum import Enum

import strawberry

from models.users.listing import OrderField
from resolvers.enums.declare import declare

declare(
    OrderField,
    "UserOrderField",
    "A field to sort users by. Closed. Text is compared without regard to case and accents.",
    {
        "FIRST_NAME": "First name. Users without one come last.",
        "LAST_NAME": "Last name. Users without one come last.",
        "USERNAME": "Username.",
        "EMAIL": "E-mail address. Users without one come last.",
        "STATUS": "Status, in the order of the enum UserStatus.",
        "ROLE": "Role, in the order of the enum PortalRole.",
        "LAST_SIGN_IN_AT": "Time of the last sign-in. Users that never signed in come last in both directions.",
        "ADDED_AT": "Time when the user was added.",
        "MODIFIED_AT": "Time of the user's last change.",
        "PORTAL_NAME": "Name of the user's portal.",
    },
)


@strawberry.enum(description="The direction of an order. Closed. Nulls come last in both directions.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="Ascending: A to Z, oldest first.")
    DESC = strawberry.enum_value("DESC", description="Descending: Z to A, newest first.")
