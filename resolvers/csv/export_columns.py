"""The columns of exported files: fields of PortalUser that show the user's row, the portal's names, and the access."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from strawberry.utils.str_converters import to_camel_case

from models.db.rows import Decoder
from models.grants.of_users import Grant
from resolvers.core.row_fields import FromColumns, decoders_of, public_shown_fields
from resolvers.types.users.portal_user import PortalUser
from rules.csv import access_cells
from rules.grants.kinds import SYSTEM_GROUP, GrantableKind
from rules.lifecycle.licenses import UserKind
from rules.refusals import Code, Refusal

V = TypeVar("V")

USER_COLUMNS: Mapping[str, FromColumns] = {
    to_camel_case(name): made for name, made in public_shown_fields(PortalUser).items()
}
"""Maps the GraphQL name of each field of PortalUser that an export can contain to the FromColumns that makes its value.

The FromColumns names the columns of the user's row that it reads.
"""

PORTAL_COLUMNS = {"portalSlug": 0, "portalName": 1}
"""Maps the columns of a file that show the user's portal to indexes into the values of `UserExport.portal_names`."""

ACCESS_COLUMNS = {"portalAccess": "portal_access", "allSubAccounts": "all_sub_accounts"}
"""Maps each column of a file whose value is a flag of access in the user's row to the name of the row's column."""

COLUMNS = (*USER_COLUMNS, *PORTAL_COLUMNS, *ACCESS_COLUMNS, *access_cells.COLUMNS)
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
"""The columns of an export without the option `columns`. An import recognizes all of them."""

PIECE_ROWS = 100
"""The number of rows of a piece of the file. Between two pieces, other requests run."""

PIECE_ROWS_WITH_GRANTS = 25
"""The number of rows of a piece of a file with columns that list grants. A user can have hundreds of grants."""


class BesideRows(NamedTuple):
    """The values that some columns need in addition to the users' rows.

    `portals` has the slug and the name of each portal, by portal id. `grants` has the grants of each user, by user id.
    The ids are text, as in the records of users.
    """

    portals: Mapping[str, tuple[str, str]]
    grants: Mapping[str, Sequence[Grant]]


def by_text(found: Mapping[UUID, V]) -> dict[str, V]:
    """Return the dict with its ids as text."""
    return {str(row_id): value for row_id, value in found.items()}


_Cell = Callable[[Sequence[Any], BesideRows], Any]


class ExportColumns:
    """The chosen columns of an export. `header` contains their names. `row_columns` are the columns of UserRow to read."""

    def __init__(self, names: Sequence[str] | None) -> None:
        """Choose the columns `names`, or DEFAULT_COLUMNS if `names` is None.

        Raise Refusal(BAD_USER_INPUT) if a column is not in COLUMNS or is named twice, or if no column is named.
        """
        self.header = tuple(DEFAULT_COLUMNS if names is None else names)
        if not self.header or len(set(self.header)) < len(self.header):
            raise Refusal(Code.BAD_USER_INPUT, "columns must name at least one column, and each column once.")
        if unknown := next((name for name in self.header if name not in COLUMNS), None):
            raise Refusal(Code.BAD_USER_INPUT, f"There is no column {unknown}. Columns: {', '.join(COLUMNS)}.")
        shows_grants = any(name in access_cells.COLUMNS for name in self.header)
        needed = [column for name in self.header if name in USER_COLUMNS for column in USER_COLUMNS[name].columns]
        needed += [ACCESS_COLUMNS[name] for name in self.header if name in ACCESS_COLUMNS]
        self.row_columns = tuple(dict.fromkeys(["portal_id", "id", "kind", *needed]))
        self.piece_rows = PIECE_ROWS_WITH_GRANTS if shows_grants else PIECE_ROWS
        self._cells = [self._cell(name) for name in self.header]
        self._shows_portals = any(name in PORTAL_COLUMNS for name in self.header)
        self._shows_grants = shows_grants

    def portals_of(self, records: Sequence[Sequence[Any]]) -> set[UUID]:
        """Return the ids of the portals whose names are needed. The set is empty if no column shows the portal."""
        return {UUID(text) for text in {record[0] for record in records}} if self._shows_portals else set()

    def users_of(self, records: Sequence[Sequence[Any]]) -> list[UUID]:
        """Return the ids of the users in `records` whose grants have to be read.

        The list is empty if no column of the file shows grants.
        """
        return [UUID(record[1]) for record in records] if self._shows_grants else []

    def cells(self, record: Sequence[Any], beside: BesideRows) -> list[str]:
        """Return the cells of one user.

        `record` begins with the values of `row_columns`. Ids and instants in the record are text, as the API shows
        them.
        """
        return [_text(cell(record, beside)) for cell in self._cells]

    def _cell(self, name: str) -> _Cell:
        if name in PORTAL_COLUMNS:
            place = PORTAL_COLUMNS[name]
            return lambda record, beside: beside.portals[record[0]][place] if record[0] in beside.portals else None
        if name in access_cells.COLUMNS:
            kind = access_cells.COLUMNS[name]
            return lambda record, beside: _entries(kind, record, beside)
        if name in ACCESS_COLUMNS:
            own = self.row_columns.index(ACCESS_COLUMNS[name])
            return lambda record, beside: record[own]
        made = USER_COLUMNS[name]
        places = [self.row_columns.index(column) for column in made.columns]
        if made.make is None or made.is_stored:
            (only,) = places
            return lambda record, beside: record[only]
        make, decoders = made.make, decoders_of(PortalUser, made)
        return lambda record, beside: make(*(_decoded(record[i], d) for i, d in zip(places, decoders, strict=True)))


def _entries(kind: GrantableKind, record: Sequence[Any], beside: BesideRows) -> str:
    held = [each for each in beside.grants.get(record[1], ()) if each.grantable.kind is kind]
    entries = [access_cells.entry_text(kind, each.grantable.app, each.grantable.name, each.level) for each in held]
    if kind is GrantableKind.GROUP and record[2] == UserKind.EXTERNAL:
        entries.append(SYSTEM_GROUP)
    return access_cells.cell_of(entries)


def _decoded(value: Any, decoder: Decoder | None) -> Any:
    return value if value is None or decoder is None else decoder(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
