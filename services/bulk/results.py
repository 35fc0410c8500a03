"""What a bulk run answers, and how its answers are kept and told again."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from models import operations
from models.operations import OperationRow, OutcomeRow
from models.users import table as users
from rules.access import Actor
from rules.outcomes import Outcome
from services.bulk.selection import ByIds, Newcomers, Selected, Selection
from services.runtime import Runtime

_MADE_LIKE_AN_ID = re.compile(rb"[A-Za-z]{1,40}:[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One mention's outcome with what is known of the user: `label` is his name as the run found it."""

    selected: Selected
    outcome: Outcome
    label: str | None = None
    portal_id: UUID | None = None
    token: str | None = field(default=None, repr=False)
    """Of an invitation's link that the inviter passes on: shown this once, kept nowhere."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run. `portal_ids` are those of the users found, whether or not they changed; in order."""

    operation: OperationRow
    answers: tuple[Answer, ...]
    portal_ids: tuple[UUID, ...]
    replayed: bool = False


def stored(runtime: Runtime, operation: OperationRow, answers: Sequence[Answer]) -> list[OutcomeRow]:
    """The answers as the operation keeps them: ids and codes."""
    return [
        OutcomeRow(
            id=runtime.new_id(),
            operation_id=operation.id,
            position=position,
            sent_id=kept(answer.selected.sent),
            user_id=answer.outcome.user_id,
            portal_id=answer.portal_id,
            status=answer.outcome.status,
            reason=answer.outcome.reason,
            previous_status=answer.outcome.previous_status,
            new_status=answer.outcome.new_status,
            retry_at=answer.outcome.retry_at,
            field=answer.outcome.field,
        )
        for position, answer in enumerate(answers)
    ]


async def replay(actor: Actor, operation: OperationRow, selection: Selection) -> Run:
    """The run told again: outcomes as stored, names as they are now."""
    rows = await operations.outcomes_of(operation.id)
    known = await users.by_id(actor, [row.user_id for row in rows if row.user_id])
    sent = [each.sent for each in selection.mentions] if isinstance(selection, ByIds) else [r.sent_id for r in rows]
    labels = [each.label for each in selection.invitees] if isinstance(selection, Newcomers) else [None] * len(rows)
    answers = tuple(
        Answer(
            Selected(text, row.user_id),
            Outcome(row.user_id, row.status, row.reason, row.previous_status, row.new_status, row.retry_at, row.field),
            label or (known[row.user_id].name if row.user_id in known else None),
            row.portal_id,
        )
        for row, text, label in zip(rows, sent, labels, strict=True)
    )
    touched = {row.portal_id for row in rows if row.portal_id}
    return Run(operation, answers, tuple(sorted(touched)), replayed=True)


def kept(sent: str | None) -> str | None:
    """What an operation remembers of an id as it was sent: nothing that is not made like one.

    Somebody may paste names or addresses where ids belong, and operations hold none (K32).
    """
    if sent is None or len(sent) > 120:
        return None
    try:
        read = b64decode(sent, validate=True)
    except (Error, ValueError):
        return None
    return sent if _MADE_LIKE_AN_ID.fullmatch(read) else None
