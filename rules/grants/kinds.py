"""The kinds of grantables, and the levels of a module.

A grantable is an entry in the catalogue of one portal. A grant gives a grantable to a user.
"""

from __future__ import annotations

from enum import StrEnum


class GrantableKind(StrEnum):
    """The kind of an entry in a portal's catalogue (a grantable), as stored. The GraphQL enum has the same name."""

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
    """The level of a granted module. NONE is never stored: a user without the module has no grant."""

    NONE = "NONE"
    READ = "READ"
    WRITE = "WRITE"


SYSTEM_GROUP = "External users"
"""The name of the group whose members are all EXTERNAL users of the portal (E15). Each portal has one."""

MOST_ENTRIES = 200
"""The maximum number of grantables of each kind except sub-accounts in the catalogue of a portal."""

MOST_SUB_ACCOUNTS = 10_000

MOST_GRANTABLES = {**dict.fromkeys(GrantableKind, MOST_ENTRIES), GrantableKind.SUB_ACCOUNT: MOST_SUB_ACCOUNTS}
"""The maximum number of grantables of each kind in the catalogue of a portal."""

MOST_GRANTED = 100
"""The maximum number of grantables of one kind that a user holds. The system group does not count."""
