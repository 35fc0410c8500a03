"""The cells of a CSV file that say what a user may reach, by the names of the entries of the portal's catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rules.grants.kinds import GrantableKind, ModuleAccess

SEPARATOR = "|"
"""What separates the names in a cell. It is no delimiter of files, so that a cell needs no quotes for it."""

PART_SEPARATOR = ":"
"""What separates a module from its level, and an app from the name of its role."""

COLUMNS = {
    "modules": GrantableKind.MODULE,
    "subAccounts": GrantableKind.SUB_ACCOUNT,
    "workspaces": GrantableKind.WORKSPACE,
    "groups": GrantableKind.GROUP,
    "appRoles": GrantableKind.APP_ROLE,
}
"""The kind of the entries in each column. The columns have the names of the fields of the schema's UserAccess."""

_SPECIAL = re.compile(r"[\\|]")
_SPECIAL_IN_APP = re.compile(r"[\\:]")
_ESCAPE = r"\\\g<0>"
_NAME = re.compile(r"(?:[^\\|]|\\.)+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def entry_text(kind: GrantableKind, app: str, name: str, level: ModuleAccess | None = None) -> str:
    """Return the text of an entry in a cell: `Reports:READ` for a module, `App:Role` for an app role, else the name.

    A backslash stands before a colon or a backslash in the app, so that no two app roles have the same text.
    """
    if kind is GrantableKind.APP_ROLE:
        return f"{_SPECIAL_IN_APP.sub(_ESCAPE, app)}{PART_SEPARATOR}{name}"
    return f"{name}{PART_SEPARATOR}{level}" if level is not None else name


def cell_of(entries: Iterable[str]) -> str:
    """Return the cell with these entries. A backslash stands before a separator or a backslash in an entry."""
    return SEPARATOR.join(_SPECIAL.sub(_ESCAPE, entry) for entry in entries)


def entries_of(cell: str) -> list[str]:
    """Return the entries in a cell, without white space at their ends. Empty entries are left out."""
    found = (_ESCAPED.sub(r"\1", name).strip() for name in _NAME.findall(cell))
    return [entry for entry in found if entry]
