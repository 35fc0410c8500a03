"""Read an uploaded file of users. Each row of the file becomes an invitee of a portal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from models.grants import catalogue
from models.portals.table import PortalRow
from rules.access import Actor, Role
from rules.csv.columns import ImportField
from rules.csv.imported_rows import FileColumns, ImportedRow, delimiter_of, imported_rows, read_columns
from rules.csv.reading import rows_of
from rules.grants.access_changes import AccessChange
from rules.lifecycle.licenses import UserKind
from rules.messages.bulk import CsvFileMessage
from rules.refusals import Code, Refusal
from services.bulk.targets.invitees import Invitee, clean
from services.csv.row_access import KINDS, CatalogueNames, UnreadableAccess, access_of

Choice = TypeVar("Choice", bound=StrEnum)

ROLES = (Role.PORTAL_ADMIN, Role.PORTAL_USER)
"""The roles that a row can name."""

PACED_ROWS = 20
"""The number of rows after which the reader lets other requests run."""


@dataclass(frozen=True, slots=True)
class RowDefaults:
    """The values that a user gets if the row of the file has no value.

    If `access` is None, the user gets the default access of new users.
    """

    role: Role = Role.PORTAL_USER
    kind: UserKind = UserKind.EXTERNAL
    access: AccessChange | None = None


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it was uploaded. If `ignores_unknown` is true, columns with unknown headers are not read."""

    content: bytes
    ignores_unknown: bool = False

    def digest(self) -> str:
        """Return a digest of the file's content. Two uploads of the same file have the same digest."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class RowInvitee:
    """A row of a file as an invitee. `line` is the number of the row's first line.

    `typed` has the texts of the row. `cleaned` has the texts cleaned for storage.
    """

    line: int
    typed: Invitee
    cleaned: Invitee


async def read(
    file: UploadedFile,
    actor: Actor,
    portal: PortalRow,
    defaults: RowDefaults,
    checkpoint: Callable[[], Awaitable[None]],
) -> list[RowInvitee]:
    """Read the rows of the file as invitees of `portal`, in order.

    `checkpoint` is awaited every few rows, so that a long file does not delay other requests. Raise Refusal, with the
    place of each fault, if the file as a whole is wrong or lacks a required column. A wrong value in a row raises
    nothing here: the import refuses the row later.
    """
    delimiter = delimiter_of(file.content)
    lines = rows_of(file.content, delimiter)
    columns = read_columns(lines, delimiter, ignores_unknown=file.ignores_unknown)
    columns.require(portal.required_user_fields)
    names = await _catalogue(actor, portal.id, columns)
    found = []
    for number, row in enumerate(imported_rows(lines, columns)):
        typed = _invitee(row, actor, defaults, names)
        found.append(RowInvitee(row.line, typed, clean(typed)))
        if number % PACED_ROWS == 0:
            await checkpoint()
    if not found:
        raise Refusal(CsvFileMessage.NO_ROWS, line=columns.header.line, column=1)
    return found


async def _catalogue(actor: Actor, portal_id: UUID, columns: FileColumns) -> CatalogueNames:
    """Return the names of the portal's catalogue entries, for the kinds that the file has columns for."""
    kinds = [kind for field, kind in KINDS.items() if field in columns.places]
    entries = await catalogue.of_portals(actor, [portal_id], kinds) if kinds else {}
    return CatalogueNames.of(entries.get(portal_id, ()))


def _invitee(row: ImportedRow, actor: Actor, defaults: RowDefaults, names: CatalogueNames) -> Invitee:
    role = _chosen(row, ImportField.ROLE, ROLES, defaults.role)
    kind = _chosen(row, ImportField.KIND, tuple(UserKind), defaults.kind)
    access: AccessChange | None = None
    read_fault: tuple[Code, str] | None = None
    if role is None or kind is None:
        read_fault = (Code.INVALID_INPUT, ImportField.ROLE if role is None else ImportField.KIND)
    elif kind is UserKind.INTERNAL and not actor.is_staff:
        read_fault = (Code.NOT_ALLOWED, ImportField.KIND)
    else:
        try:
            access = access_of(row, names, defaults.access)
        except UnreadableAccess as wrong:
            read_fault = (wrong.code, wrong.field)
    texts = [row.texts.get(field) for field in (ImportField.EMAIL, ImportField.FIRST_NAME, ImportField.LAST_NAME)]
    email, first_name, last_name = texts
    invitee = Invitee.typed(email, first_name, last_name, row.texts.get(ImportField.USERNAME), read_fault=read_fault)
    if read_fault or role is None or kind is None:
        return invitee
    return replace(invitee, role=role, kind=kind, access=access)


def _chosen(row: ImportedRow, field: ImportField, choices: tuple[Choice, ...], default: Choice) -> Choice | None:
    """Return the choice that the row's cell names. Case does not matter.

    Return `default` for an empty cell, and None if the cell names no choice.
    """
    word = row.texts.get(field, "").strip().upper()
    if not word:
        return default
    return next((choice for choice in choices if choice.value == word), None)
