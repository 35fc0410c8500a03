"""The cells of a CSV file about a user's access. Each cell lists entries of the portal's catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rules.grants.kinds import GrantableKind, ModuleAccess

SEPARATOR = "|"
"""The character between two entries in a cell. It is no delimiter of a CSV file, so the cell needs no quotes."""

PART_SEPARATOR = ":"
"""The character between a module and its level, and between an app and the name of its role."""

COLUMNS = {
    "modules": GrantableKind.MODULE,
    "subAccounts": GrantableKind.SUB_ACCOUNT,
    "workspaces": GrantableKind.WORKSPACE,
    "groups": GrantableKind.GROUP,
    "appRoles": GrantableKind.APP_ROLE,
}
"""The kind of the entries in each column. The columns are named like the fields of the schema's type UserAccess."""

_SPECIAL = re.compile(r"[\\|]")
_SPECIAL_IN_APP = re.compile(r"[\\:]")
_ESCAPE = r"\\\g<0>"
_NAME = re.compile(r"(?:[^\\|]|\\.)+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def entry_text(kind: GrantableKind, app: str, name: str, level: ModuleAccess | None = None) -> str:
    """Return the text of an entry: `Reports:READ` for a module, `App:Role` for an app role, else only the name.

    Each colon or backslash in the name of an app gets a backslash before it.
    """
    if kind is GrantableKind.APP_ROLE:
        return f"{_SPECIAL_IN_APP.sub(_ESCAPE, app)}{PART_SEPARATOR}{name}"
    return f"{name}{PART_SEPARATOR}{level}" if level is not None else name


def cell_of(entries: Iterable[str]) -> str:
    """Join the entries to the text of a cell. Each separator or backslash in an entry gets a backslash before it."""
    return SEPARATOR.join(_SPECIAL.sub(_ESCAPE, entry) for entry in entries)


def entries_of(cell: str) -> list[str]:
    """Split a cell into its entries. White space around entries, and empty entries, are left out."""
    found = (_ESCAPED.sub(r"\1", name).strip() for name in _NAME.findall(cell))
    return [entry for entry in found if entry]
