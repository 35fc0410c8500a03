"""The enums for the order of lists of users."""

from __future__ import annotations

from enum import Enum

import strawberry

from models.users.listing import SORTS, OrderField
from resolvers.enums.declare import declare

declare(
    OrderField,
    "UserOrderField",
    "A field to sort users by; see UserOrder.",
    {field: sort.description for field, sort in SORTS.items()},
)


@strawberry.enum(description="The direction of an order.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="Ascending: A to Z, oldest first.")
    DESC = strawberry.enum_value("DESC", description="Descending: Z to A, newest first.")
