"""The arguments of a list of users."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry

from models.users.listing import BY_NAME, OrderField, Sorting
from models.users.selection.conditions import UserConditions, UserQuery
from resolvers.enums.sorting import OrderDirection
from resolvers.types.users.user_filter import UserFilter
from rules.lifecycle.statuses import Category
from rules.refusals import Code, Refusal

MAX_ORDERS = len(OrderField)
MAX_SEARCH_LENGTH = 200


@strawberry.input(
    description="An order of users. Text is compared without regard to case and accents. Nulls come last in both directions. Ties"
    " are broken by id, in the direction of the first field: to sort equal last names by first name, add FIRST_NAME."
)
class UserOrder:
    field: OrderField = strawberry.field(description="The field to sort by.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description="The direction.")


CategoryArgument = Annotated[
    Category | None, strawberry.argument(description="Only users in this category. Default: all users.")
]


FilterArgument = Annotated[
    UserFilter | None, strawberry.argument(description="Conditions that the users meet. Default: none.")
]


SearchArgument = Annotated[
    str | None,
    strawberry.argument(
        description="Words of the name, username, e-mail or pending e-mail, in any order; a word may be a part. Case,"
        " accents, strokes, and kinds of apostrophes and hyphens make no difference; `%` and `_` are ordinary characters. A list of"
        " two or more e-mail addresses finds the users with these addresses: separate them by spaces, line breaks, commas or"
        " semicolons, or write each as `Name <address>`. A user's id or UUID finds that user. At most"
        f" {MAX_SEARCH_LENGTH} characters; a longer search is refused with BAD_USER_INPUT. Null or empty: all users."
    ),
]


OrderArgument = Annotated[
    list[UserOrder] | None,
    strawberry.argument(
        description=f"The order, by the first entry, then by the next; at most {MAX_ORDERS} entries. Null or empty:"
        " LAST_NAME, FIRST_NAME."
    ),
]


def user_query(
    category: Category | None,
    filter: UserFilter | None,
    search: str | None,
    order_by: list[UserOrder] | None,
    portal_id: UUID | None = None,
) -> tuple[UserQuery, Sorting]:
    """Convert the arguments of a list of users to a query and a sorting.

    Raise Refusal(BAD_USER_INPUT) if `filter`, `search` or `order_by` is longer than allowed.
    """
    if order_by and len(order_by) > MAX_ORDERS:
        raise Refusal(Code.BAD_USER_INPUT, f"orderBy takes at most {MAX_ORDERS} fields.")
    query = UserQuery(portal_id, category, filter.conditions() if filter else UserConditions(), checked_search(search))
    sorting = tuple((order.field, order.direction is OrderDirection.DESC) for order in order_by or [])
    return query, sorting or BY_NAME


def checked_search(search: str | None) -> str | None:
    """Return the search unchanged, or raise Refusal(BAD_USER_INPUT) if it is longer than MAX_SEARCH_LENGTH.

    Folding a long text takes long.
    """
    if search and len(search) > MAX_SEARCH_LENGTH:
        raise Refusal(Code.BAD_USER_INPUT, f"search takes at most {MAX_SEARCH_LENGTH} characters.")
    return search
