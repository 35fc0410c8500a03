"""Previews: stored dry runs. A later call that names a preview acts on the users of the preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models import operations
from models.operations import OperationRow, OutcomeRow
from rules.access import Actor
from rules.lifecycle.actions import Action
from rules.messages.bulk import BulkMessage
from rules.outcomes import OperationState
from rules.refusals import Refusal
from services.bulk.selection_words import NEW_USERS
from services.bulk.targets.selection import ByPreview
from services.bulk.targets.target import Target

PATH = ("users", "previewId")


@dataclass(frozen=True, slots=True)
class Preview:
    """A stored dry run with its outcomes, in order."""

    operation: OperationRow
    outcomes: Sequence[OutcomeRow]

    def targets(self) -> list[Target]:
        """Return a target for each outcome of the preview, in order.

        The target has no user id if the preview found no user for the id that was sent.
        """
        return [Target.of_id(outcome.sent_id, outcome.user_id) for outcome in self.outcomes]


async def open_preview(actor: Actor, action: Action, selection: ByPreview, at: datetime, *, dry_run: bool) -> Preview:
    """Return the preview that `selection` names. Unless `dry_run` is true, mark the preview as used.

    Requires a transaction. Raise Refusal with one of these codes:

    - NOT_FOUND if the operation is not a preview of `action` by `actor`.
    - INVALID_INPUT if the operation is a preview of invitees.
    - PREVIEW_EXPIRED if the preview is too old or was used.
    """
    operation_id = selection.operation_id
    preview = (await operations.by_id(actor, [operation_id])).get(operation_id) if operation_id else None
    if preview is None or (preview.actor_id, preview.action, preview.state) != (
        actor.id,
        action,
        OperationState.PREVIEW,
    ):
        raise Refusal(BulkMessage.NO_SUCH_PREVIEW, path=PATH)
    if (preview.selection or {}).get("by") == NEW_USERS:
        raise Refusal(BulkMessage.PREVIEW_OF_NEW_USERS, path=PATH)
    has_expired = preview.preview_expires_at is None or preview.preview_expires_at <= at
    if has_expired or not (dry_run or await operations.use_preview(preview.id, at)):
        raise Refusal(BulkMessage.USED_OR_EXPIRED, path=PATH)
    return Preview(preview, await operations.outcomes_of(preview.id))
