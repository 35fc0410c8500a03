"""The queries about an MSSP's staff."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.enums.roles import StaffRole
from resolvers.paging.arguments import PageArguments, Paging
from resolvers.types.accounts.staff_list import StaffConnection, staff_list
from resolvers.types.users.user_arguments import MAX_SEARCH_LENGTH


@strawberry.type
class StaffQueries:
    @access_checked_field(
        "The staff of the viewer's MSSP, ordered by name. Empty for viewers other than MSSP admins.", PageArguments()
    )
    async def staff(
        self,
        info: Info,
        paging: Paging,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="Words of the name or e-mail address, in any order; a word may be a part. At most"
                f" {MAX_SEARCH_LENGTH} characters; a longer search is refused with BAD_USER_INPUT. Null or empty: all members."
            ),
        ] = None,
        staff_role: Annotated[
            StaffRole | None, strawberry.argument(description="Only members with this role. Null: both roles.")
        ] = None,
    ) -> StaffConnection | None:
        return staff_list(info, search, staff_role, paging)
