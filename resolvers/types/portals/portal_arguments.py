"""The arguments of a list of portals."""

from __future__ import annotations

from typing import Annotated

import strawberry

from models.portals.listing import PortalConditions, PortalOrderField, Sorting
from resolvers.enums.sorting import OrderDirection
from rules.administration import tags
from rules.administration.tags import MOST_TAGS
from rules.lifecycle.counters import TileKind
from rules.refusals import Code, Refusal

MAX_ORDERS = len(PortalOrderField)


@strawberry.input(description="Conditions on portals. A portal must meet all given conditions; null is no condition.")
class PortalFilter:
    is_active: bool | None = strawberry.field(default=None, description="Whether the portal is active.")
    in_production: bool | None = strawberry.field(default=None, description="Whether the portal is in production.")
    tag_in: list[str] | None = strawberry.field(
        default=None,
        description=f"The portal has one of these tags, at most {MOST_TAGS}; case and accents make no difference. An empty"
        " list matches no portal. For viewers who see no tags, no portal matches.",
    )
    has_users_in: TileKind | None = strawberry.field(
        default=None,
        description="The portal's license tile of this kind is not 0. For viewers who see no tiles, no portal matches.",
    )

    def conditions(self) -> PortalConditions:
        """Convert the filter to conditions. Raise Refusal(BAD_USER_INPUT) if `tag_in` has more than MOST_TAGS tags."""
        if self.tag_in is not None and len(self.tag_in) > MOST_TAGS:
            raise Refusal(Code.BAD_USER_INPUT, f"tagIn takes at most {MOST_TAGS} tags.")
        keys = tags.keys(self.tag_in) if self.tag_in is not None else None
        return PortalConditions(self.is_active, self.in_production, keys, self.has_users_in)


@strawberry.input(
    description="An order of portals. Ties are broken by name, then by id. Portal users get the order by name, whatever they ask for."
)
class PortalOrder:
    field: PortalOrderField = strawberry.field(description="The field to sort by.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description="The direction.")


PortalFilterArgument = Annotated[
    PortalFilter | None, strawberry.argument(description="Conditions that the portals meet. Default: none.")
]

PortalOrderArgument = Annotated[
    list[PortalOrder] | None,
    strawberry.argument(
        description=f"The order, by the first entry, then by the next; at most {MAX_ORDERS} entries. Null or empty: NAME."
    ),
]


def sorting_of(order_by: list[PortalOrder] | None) -> Sorting:
    """Convert the argument `orderBy` to pairs of a field and whether it is sorted in descending order.

    Raise Refusal(BAD_USER_INPUT) if there are more than MAX_ORDERS entries.
    """
    if order_by and len(order_by) > MAX_ORDERS:
        raise Refusal(Code.BAD_USER_INPUT, f"orderBy takes at most {MAX_ORDERS} fields.")
    return tuple((order.field, order.direction is OrderDirection.DESC) for order in order_by or [])
