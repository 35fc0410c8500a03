"""What the user of a row may reach. Cells of the row name entries of the portal's catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from models.grants.table import GrantableRow
from rules.csv.access_cells import COLUMNS, PART_SEPARATOR, entries_of, entry_text
from rules.csv.columns import ImportField
from rules.csv.imported_rows import ImportedRow
from rules.grants.access_changes import AccessChange, RequestedGrant
from rules.grants.kinds import MOST_GRANTED, GrantableKind, ModuleAccess
from rules.refusals import Code
from rules.text.folding import sort_key

KINDS = {ImportField(column): kind for column, kind in COLUMNS.items()}
"""The kind of catalogue entries, such as GROUP, that a cell lists, by the field of the cell's column."""

SWITCHES = (ImportField.PORTAL_ACCESS, ImportField.ALL_SUB_ACCOUNTS)
"""The fields about access whose cells contain `true` or `false`."""

_WORDS = {"true": True, "false": False}


class UnreadableAccess(Exception):
    """Raised if a cell about access is not valid. The row's outcome gets `code` and `field`."""

    def __init__(self, code: Code, field: ImportField) -> None:
        super().__init__(f"{code}: {field}")
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class CatalogueNames:
    """The ids of a portal's catalogue entries. A key is the kind and the folded name, such as `(GROUP, "sales")`."""

    ids: Mapping[tuple[GrantableKind, str], UUID]

    @classmethod
    def of(cls, entries: Iterable[GrantableRow]) -> CatalogueNames:
        return cls({(each.kind, sort_key(entry_text(each.kind, each.app, each.name))): each.id for each in entries})

    def asked(self, kind: GrantableKind, entry: str, field: ImportField) -> RequestedGrant:
        """Return the grant that one entry of a cell requests. A module's entry has a level, such as `Reports:write`.

        Raise UnreadableAccess if the catalogue has no such entry, or if the level is not known.
        """
        level = None
        if kind is GrantableKind.MODULE:
            entry, _, word = entry.rpartition(PART_SEPARATOR)
            level = next((each for each in ModuleAccess if each.value == word.strip().upper()), None)
            if level is None:
                raise UnreadableAccess(Code.INVALID_INPUT, field)
        found = self.ids.get((kind, sort_key(entry)))
        if found is None:
            raise UnreadableAccess(Code.NOT_IN_PORTAL, field)
        return RequestedGrant(found, level)


def access_of(row: ImportedRow, names: CatalogueNames, default: AccessChange | None) -> AccessChange | None:
    """Return the access that the row gives, or None if all its cells about access are empty.

    If at least one cell is filled, `default` gives the values of the empty cells and missing columns. Raise
    UnreadableAccess if a cell is not valid, names an unknown entry, or names too many entries.
    """
    switches = {field: _switch(row, field) for field in SWITCHES if field in row.texts}
    lists = {kind: _entries(row, field, kind, names) for field, kind in KINDS.items() if field in row.texts}
    if not switches and not lists:
        return None
    base = default or AccessChange()
    return AccessChange(
        switches.get(ImportField.PORTAL_ACCESS, base.portal_access),
        switches.get(ImportField.ALL_SUB_ACCOUNTS, base.all_sub_accounts),
        tuple({**dict(base.lists), **lists}.items()),
    )


def _switch(row: ImportedRow, field: ImportField) -> bool:
    word = row.texts[field].strip().casefold()
    if word not in _WORDS:
        raise UnreadableAccess(Code.INVALID_INPUT, field)
    return _WORDS[word]


def _entries(
    row: ImportedRow, field: ImportField, kind: GrantableKind, names: CatalogueNames
) -> tuple[RequestedGrant, ...]:
    found = {
        asked.grantable_id: asked
        for asked in (names.asked(kind, entry, field) for entry in entries_of(row.texts[field]))
    }
    if len(found) > MOST_GRANTED:
        raise UnreadableAccess(Code.INVALID_INPUT, field)
    return tuple(found.values())
