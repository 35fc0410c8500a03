"""The columns of exported files: the fields of PortalUser that show columns of the user's row, and the portal's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from strawberry.utils.str_converters import to_camel_case

from models.db.rows import Decoder
from resolvers.core.row_fields import MadeOf, decoder_of, public_shown_fields
from resolvers.types.users.portal_user import PortalUser
from rules.refusals import Code, Refusal

USER_COLUMNS: Mapping[str, MadeOf] = {
    to_camel_case(name): made for name, made in public_shown_fields(PortalUser).items()
}
"""How the columns of a user are made from the user's row, by the names of the fields in the schema."""

PORTAL_COLUMNS = {"portalSlug": 0, "portalName": 1}
"""The columns of the user's portal, with their positions in the values of `UserExport.portal_names`."""

COLUMNS = (*USER_COLUMNS, *PORTAL_COLUMNS)
"""The names of all columns that an export can have."""

DEFAULT_COLUMNS = (
    "portalSlug",
    "firstName",
    "lastName",
    "username",
    "email",
    "status",
    "role",
    "kind",
    "lastSignInAt",
    "addedAt",
    "modifiedAt",
)
"""The columns of an export that names none. An import recognizes all of them."""

PortalNames = Mapping[UUID, tuple[str, str]]
_Cell = Callable[[Sequence[Any], PortalNames], Any]


class ExportColumns:
    """The chosen columns of an export. `header` are their names, and `row_columns` the columns of UserRow to read."""

    def __init__(self, names: Sequence[str] | None) -> None:
        """Choose the columns `names`, or DEFAULT_COLUMNS if `names` is None.

        Raise Refusal(BAD_USER_INPUT) if a column is not in COLUMNS or is named twice, or if no column is named.
        """
        self.header = tuple(DEFAULT_COLUMNS if names is None else names)
        if not self.header or len(set(self.header)) < len(self.header):
            raise Refusal(Code.BAD_USER_INPUT, "columns must name at least one column, and each column once.")
        if unknown := next((name for name in self.header if name not in COLUMNS), None):
            raise Refusal(Code.BAD_USER_INPUT, f"There is no column {unknown}. Columns: {', '.join(COLUMNS)}.")
        needed = [column for name in self.header if name in USER_COLUMNS for column in USER_COLUMNS[name].columns]
        self.row_columns = tuple(dict.fromkeys(["portal_id", *needed]))
        self._cells = [self._cell(name) for name in self.header]
        self.shows_portals = any(name in PORTAL_COLUMNS for name in self.header)

    def portals_of(self, records: Sequence[Sequence[Any]]) -> set[UUID]:
        """Return the ids of the portals whose names the records need."""
        return {record[0] for record in records} if self.shows_portals else set()

    def cells(self, record: Sequence[Any], portals: PortalNames) -> list[str]:
        """Return the cells of a user. `record` begins with the values of `row_columns`, as `ShownColumns` reads them."""
        return [_text(cell(record, portals)) for cell in self._cells]

    def _cell(self, name: str) -> _Cell:
        if name in PORTAL_COLUMNS:
            place = PORTAL_COLUMNS[name]
            return lambda record, portals: portals[record[0]][place] if record[0] in portals else None
        made = USER_COLUMNS[name]
        places = [self.row_columns.index(column) for column in made.columns]
        if made.make is None or made.is_stored:
            (only,) = places
            return lambda record, portals: record[only]
        make, decoders = made.make, [decoder_of(PortalUser, column) for column in made.columns]
        return lambda record, portals: make(*(_decoded(record[i], d) for i, d in zip(places, decoders, strict=True)))


def _decoded(value: Any, decoder: Decoder | None) -> Any:
    return value if value is None or decoder is None else decoder(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
