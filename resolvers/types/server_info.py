"""The server's version and limits."""

from __future__ import annotations

import strawberry

from resolvers.core.context import Info
from resolvers.paging.arguments import DEFAULT_PAGE, LARGEST_PAGE
from resolvers.paging.connection import COUNT_COST
from resolvers.request_limits import (
    MOST_ANONYMOUS_BODY_BYTES,
    MOST_BODY_BYTES,
    MOST_VALUES,
    SEARCH_VALUES,
    UNBOUNDED_LIST,
)
from resolvers.types.users.user_arguments import MAX_SEARCH_LENGTH
from rules.bulk_limits import LONGEST_REASON, LONGEST_TICKET, MOST_EXCLUDED, MOST_USERS


@strawberry.type(description="The server's version, and the limits that a client would otherwise copy.")
class ServerInfo:
    version: str = strawberry.field(description="The version of Gatehouse, for instance `1.0.0`.")
    max_page_size: int = strawberry.field(
        default=LARGEST_PAGE, description="The maximum of `first` and `last` of a list, and of the ids of `nodes`."
    )
    max_bulk_users: int = strawberry.field(
        default=MOST_USERS,
        description="The maximum number of users that one mutation changes or invites. A call with this number takes about two"
        " seconds, longer on a busy server: give the client a timeout of at least 30 seconds.",
    )
    max_excluded_ids: int = strawberry.field(
        default=MOST_EXCLUDED, description="The maximum number of ids in `MatchingUsers.excludeIds`."
    )
    max_search_length: int = strawberry.field(
        default=MAX_SEARCH_LENGTH, description="The maximum number of characters of `search` in lists of users."
    )
    max_reason_length: int = strawberry.field(
        default=LONGEST_REASON, description="The maximum number of characters of `BulkOptions.reason`."
    )
    max_ticket_length: int = strawberry.field(
        default=LONGEST_TICKET, description="The maximum number of characters of `BulkOptions.ticket`."
    )
    max_values: int = strawberry.field(
        default=MOST_VALUES,
        description=f"The maximum number of values that an answer may hold, at present {MOST_VALUES:,}; a request for more is refused with TOO_COMPLEX. The"
        " number is calculated before the request is executed. A field counts as 1, and what is selected in a list counts"
        " once for each item. A list with `first` or `last` has that number of items, and without both"
        f" {DEFAULT_PAGE}. `outcomes` of a bulk mutation has one for each selected user: the number of `ids` or `invitees`,"
        f" otherwise, with `matching` and `previewId` too, {MOST_USERS:,}. `params` and `tiles` have 5, `signInBlockers` has 6,"
        " `licenseTiles` of a bulk mutation has 50, `effects` has 12, the lists of UserAccess have 100, and `groups` 101, those of Grantables"
        " have 200, `availableActions` has the actions that it evaluates, and any other"
        f" list has {UNBOUNDED_LIST}. `totalCount` and `offset` count as {COUNT_COST} more, a search and an audit filter as"
        f" {SEARCH_VALUES} more. {MOST_USERS:,} outcomes fit with every field of `UserOutcome`, every field in `reason` and"
        " `invitation`, and every scalar and enum field in `user`; with lists in `user` such as `sessions` they do not.",
    )
    max_body_bytes: int = strawberry.field(
        default=MOST_BODY_BYTES,
        description="The maximum number of bytes of a request's body. A longer body is answered with the HTTP status 413.",
    )
    max_anonymous_body_bytes: int = strawberry.field(
        default=MOST_ANONYMOUS_BODY_BYTES,
        description="The maximum number of bytes of the body of a request without the header Authorization.",
    )


def server_info(info: Info) -> ServerInfo:
    """Return the server's version and limits."""
    return ServerInfo(version=info.context.version)
