"""The options of an import, from the input of the mutation inviteUsers."""

from __future__ import annotations

from resolvers.mutations.inputs import BulkOptions
from resolvers.mutations.invite_inputs import InviteUsersInput
from services.bulk.targets.selection import Invitees
from services.csv.file_rows import RowDefaults
from services.csv.user_import import ImportOptions


def import_options(input: InviteUsersInput) -> ImportOptions:
    """Convert the input of inviteUsers to the options of an import.

    `input` must contain exactly one invitee. Rows of the file without a role or kind get that of this invitee.
    """
    selection = input.target.selection()
    assert isinstance(selection, Invitees), "the input of an import"  # noqa: S101  # the endpoint makes this input
    (default,) = selection.invitees
    return ImportOptions(
        portal_id=selection.portal_id,
        portal_slug=selection.portal_slug,
        invitation=input.invitation_options(),
        bulk=(input.options or BulkOptions()).engine_options(),
        defaults=RowDefaults(default.role, default.kind, input.access.change() if input.access else None),
    )
