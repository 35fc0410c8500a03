"""The result of a bulk run, and its replay for an idempotency key."""

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
class BulkResult:
    """The result of a bulk run. `outcomes` has one outcome for each of `targets`, in the same order.

    - `portal_ids`: the sorted ids of the portals of all users that were found, changed or not.
    - `tokens`: maps a user id to the token of a link that the inviter passes on. Tokens are never stored.
    - `replayed`: whether the result belongs to an earlier call with the same idempotency key.
    """

    operation: OperationRow
    targets: Sequence[Target]
    outcomes: Sequence[OutcomeRow]
    portal_ids: Sequence[UUID]
    tokens: Mapping[UUID, str] = field(default_factory=dict, repr=False)
    replayed: bool = False

    def token(self, outcome: OutcomeRow) -> str | None:
        """Return the token of an invited user, or None if the outcome has none.

        Only an outcome SUCCEEDED has a token. If a user was selected twice, only the first outcome has the token.
        """
        is_first = outcome.status is OutcomeStatus.SUCCEEDED
        return self.tokens.get(outcome.user_id) if is_first and outcome.user_id else None


async def replay(operation: OperationRow, selection: Selection) -> BulkResult:
    """Return the result of an earlier run from its stored outcomes.

    Outcomes are stored without names, so targets have no `label`. The resolver reads the users' present names. The
    result has no tokens, because tokens are not stored.
    """
    outcomes = await operations.outcomes_of(operation.id)
    if isinstance(selection, ByIds):
        targets: Sequence[Target] = selection.targets
    elif isinstance(selection, Invitees):
        targets = [Target(label=invitee.label) for invitee in selection.invitees]
    else:
        targets = [Target(sent=outcome.sent_id) for outcome in outcomes]
    portal_ids = sorted({outcome.portal_id for outcome in outcomes if outcome.portal_id})
    return BulkResult(operation, targets, outcomes, portal_ids, replayed=True)


def storable_id(sent: str | None) -> str | None:
    """Return `sent` if it looks like a global id, else None.

    A caller can send a name or an address in place of an id. Operations must not store these (K32).
    """
    if sent is None or len(sent) > _LONGEST_ID:
        return None
    try:
        decoded = b64decode(sent, validate=True)
    except (Error, ValueError):
        return None
    return sent if _FORM_OF_AN_ID.fullmatch(decoded) else None
