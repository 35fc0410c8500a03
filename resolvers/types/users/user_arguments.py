"""The arguments of a list of users."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry

from models.users.listing import BY_NAME, OrderField, Sorting, UserQuery
from models.users.listing import UserFilter as Filter
from resolvers.enums.sorting import OrderDirection
from resolvers.types.users.user_filter import UserFilter
from rules.lifecycle.statuses import Category
from rules.refusals import Code, Refusal


@strawberry.input(
    description="How to sort users: text without regard to case and accents, STATUS and ROLE in the order of their"
    " enum; nulls last in both directions; ties broken by id, in the first field's direction."
)
class UserOrder:
    field: OrderField = strawberry.field(description="What to sort by.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description="Which way.")


CategoryArgument = Annotated[
    Category | None, strawberry.argument(description="Only this one of the three lists. Default: all users.")
]


FilterArgument = Annotated[UserFilter | None, strawberry.argument(description="Further conditions. Default: none.")]


SearchArgument = Annotated[
    str | None,
    strawberry.argument(
        description="Find as you type: words of a name, username, e-mail or new e-mail that waits, in any order; a word"
        " may be a part. Case, accents, strokes, kinds of apostrophes and hyphens make no difference. Two or more e-mail"
        " addresses and nothing else: these people. A user's id or UUID: that user. At most 200 characters. Null or"
        " empty: all users."
    ),
]


OrderArgument = Annotated[
    list[UserOrder] | None,
    strawberry.argument(
        description="Sorted by the first, equal ones by the next; at most 10. Null or empty: LAST_NAME, FIRST_NAME."
    ),
]


MOST_ORDERS = len(OrderField)


MOST_SEARCHED = 200


def asked(
    category: Category | None,
    filter: UserFilter | None,
    search: str | None,
    order_by: list[UserOrder] | None,
    portal_id: UUID | None = None,
) -> tuple[UserQuery, Sorting]:
    """The arguments of a list of users, as the model takes them."""
    if order_by and len(order_by) > MOST_ORDERS:
        raise Refusal(Code.BAD_USER_INPUT, f"orderBy takes at most {MOST_ORDERS} fields.")
    which = UserQuery(portal_id, category, filter.conditions() if filter else Filter(), checked(search))
    sorting = tuple((order.field, order.direction is OrderDirection.DESC) for order in order_by or [])
    return which, sorting or BY_NAME


def checked(search: str | None) -> str | None:
    """What is searched for, as it came; BAD_USER_INPUT when it is so long that folding it would take a while."""
    if search and len(search) > MOST_SEARCHED:
        raise Refusal(Code.BAD_USER_INPUT, f"search takes at most {MOST_SEARCHED} characters.")
    return search
