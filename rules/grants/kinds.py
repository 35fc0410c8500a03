"""The kinds of grantables, and the levels at which a module is granted.

A grantable is an entry in the catalogue of one portal. A grant gives a grantable to a user.
"""

from __future__ import annotations

from enum import StrEnum


class GrantableKind(StrEnum):
    """The kind of a grantable. The value is stored. GraphQL: GrantableKind."""

    MODULE = "MODULE"
    SUB_ACCOUNT = "SUB_ACCOUNT"
    WORKSPACE = "WORKSPACE"
    GROUP = "GROUP"
    APP_ROLE = "APP_ROLE"


TYPE_NAMES = {
    GrantableKind.MODULE: "Module",
    GrantableKind.SUB_ACCOUNT: "SubAccount",
    GrantableKind.WORKSPACE: "Workspace",
    GrantableKind.GROUP: "Group",
    GrantableKind.APP_ROLE: "AppRole",
}
"""The name of the GraphQL type of each kind, which global ids contain."""


class ModuleAccess(StrEnum):
    """The level at which a module is granted. NONE is never stored: a user without the module has no grant."""

    NONE = "NONE"
    READ = "READ"
    WRITE = "WRITE"


SYSTEM_GROUP = "External users"
"""The name of the group that every EXTERNAL user belongs to by itself (E15). Each portal has one."""

MOST_GRANTABLES = {
    GrantableKind.MODULE: 200,
    GrantableKind.SUB_ACCOUNT: 10_000,
    GrantableKind.WORKSPACE: 200,
    GrantableKind.GROUP: 200,
    GrantableKind.APP_ROLE: 200,
}
"""The maximum number of grantables of each kind in the catalogue of a portal."""

MOST_GRANTED = 100
"""The maximum number of grantables of one kind that a user holds. The system group does not count."""
