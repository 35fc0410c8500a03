"""The server's version and limits."""

from __future__ import annotations

import strawberry

from resolvers.core.context import Info
from resolvers.paging.arguments import LARGEST_PAGE
from resolvers.types.users.user_arguments import MAX_SEARCH_LENGTH
from rules.bulk_limits import LONGEST_REASON, LONGEST_TICKET, MOST_EXCLUDED, MOST_USERS


@strawberry.type(description="The server's version, and the limits that a client would otherwise copy.")
class ServerInfo:
    version: str = strawberry.field(description="The version of Gatehouse, for instance `1.0.0`.")
    max_page_size: int = strawberry.field(
        default=LARGEST_PAGE, description="The maximum of `first` and `last` of a list, and of the ids of `nodes`."
    )
    max_bulk_users: int = strawberry.field(
        default=MOST_USERS, description="The maximum number of users that one mutation changes or invites."
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


def server_info(info: Info) -> ServerInfo:
    """Return the server's version and limits."""
    return ServerInfo(version=info.context.version)
