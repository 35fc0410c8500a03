"""The entries of a portal's catalogue: one type for each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import strawberry

from models.grants.table import GrantableRow
from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.core.row_fields import shown, shows
from rules.grants.kinds import SYSTEM_GROUP, TYPE_NAMES, GrantableKind

_NAME = "The name. Case and accents make no difference between names: a portal has each once {}."


@shows(GrantableRow)
@strawberry.type(description="A part of a portal that users may read or write, if it is granted to them.")
class Module(Node):
    name: str = strawberry.field(description=_NAME.format("among its modules"))
    admin_only: bool = strawberry.field(
        description="Whether only users with the role PORTAL_ADMIN may hold the module. A user who loses the role loses it."
    )


@shows(GrantableRow)
@strawberry.type(description="An account below the tenant's, such as a branch or a project.")
class SubAccount(Node):
    name: str = strawberry.field(description=_NAME.format("among its sub-accounts"))


@shows(GrantableRow)
@strawberry.type(description="A workspace, which can be opened to single users.")
class Workspace(Node):
    name: str = strawberry.field(description=_NAME.format("among its workspaces"))


@shows(GrantableRow)
@strawberry.type(description="A group of users, for other systems to read.")
class Group(Node):
    name: str = strawberry.field(description=_NAME.format("among its groups"))
    is_system: bool = strawberry.field(
        description=f"Whether this is the group `{SYSTEM_GROUP}`, of which each portal has one: its members are the users of the kind"
        " EXTERNAL, and only they. It cannot be granted, taken away, renamed or deleted."
    )


@shows(GrantableRow)
@strawberry.type(description="A role that an app in the portal defines, such as `Editor` of the app `Wiki`.")
class AppRole(Node):
    app: str = strawberry.field(description="The name of the app.")
    name: str = strawberry.field(description=_NAME.format("for each app"))


GRANTABLES: dict[GrantableKind, type[Any]] = {
    GrantableKind.MODULE: Module,
    GrantableKind.SUB_ACCOUNT: SubAccount,
    GrantableKind.WORKSPACE: Workspace,
    GrantableKind.GROUP: Group,
    GrantableKind.APP_ROLE: AppRole,
}
"""The GraphQL type of each kind of catalogue entries."""


def grantable_of(row: GrantableRow) -> Any:
    """Return the entry as an object of its kind's type."""
    return shown(GRANTABLES[row.kind], row)


def finder(kind: GrantableKind) -> tuple[str, Callable[[Info, UUID], Any]]:
    """Return the name of the GraphQL type of the kind, and a function that finds an entry of the kind by its row id.

    The function returns None if there is no such entry that the viewer can see.
    """

    async def find(info: Info, row_id: UUID) -> Node | None:
        row = await info.context.loaders.grantables.load(row_id)
        return grantable_of(row) if row and row.kind is kind else None

    return TYPE_NAMES[kind], find
