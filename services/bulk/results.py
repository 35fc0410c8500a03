"""The result of a bulk run, and how it is replayed."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from models import operations
from models.operations import OperationRow, OutcomeRow
from rules.outcomes import OutcomeStatus
from services.bulk.targets.selection import ByIds, Invitees, Selection
from services.bulk.targets.target import Target

_FORM_OF_AN_ID = re.compile(rb"[A-Za-z]{1,40}:[0-9a-f-]{36}")
_LONGEST_ID = 120


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: an outcome for each target. `portal_ids` are those of the users found, changed or not, in order.

    `tokens` are of links that the inviter passes on, keyed by user. They are shown this once and stored nowhere.
    """

    operation: OperationRow
    targets: Sequence[Target]
    outcomes: Sequence[OutcomeRow]
    portal_ids: Sequence[UUID]
    tokens: Mapping[UUID, str] = field(default_factory=dict, repr=False)
    replayed: bool = False

    def token(self, outcome: OutcomeRow) -> str | None:
        """Return the token to show with the outcome. The duplicate of a user has none."""
        is_first = outcome.status is OutcomeStatus.SUCCEEDED
        return self.tokens.get(outcome.user_id) if is_first and outcome.user_id else None


async def replay(operation: OperationRow, selection: Selection) -> Run:
    """Return the earlier run. Outcomes are as stored; names are left to be read as they are now."""
    outcomes = await operations.outcomes_of(operation.id)
    if isinstance(selection, ByIds):
        targets: Sequence[Target] = selection.targets
    elif isinstance(selection, Invitees):
        targets = [Target(label=invitee.label) for invitee in selection.invitees]
    else:
        targets = [Target(sent=outcome.sent_id) for outcome in outcomes]
    portal_ids = sorted({outcome.portal_id for outcome in outcomes if outcome.portal_id})
    return Run(operation, targets, outcomes, portal_ids, replayed=True)


def storable_id(sent: str | None) -> str | None:
    """Return the id as the caller sent it if it has the form of an id, else None.

    A caller may send names or addresses in place of ids, and operations hold none (K32).
    """
    if sent is None or len(sent) > _LONGEST_ID:
        return None
    try:
        decoded = b64decode(sent, validate=True)
    except (Error, ValueError):
        return None
    return sent if _FORM_OF_AN_ID.fullmatch(decoded) else None
