"""The interface that the bulk engine expects of a bulk action: its targets, its decisions and its writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.operations import OperationRow
from rules.access import Actor, Role
from rules.lifecycle.actions import Action
from rules.lifecycle.decision_types import ActionRequest, Decision
from rules.outcomes import ErrorPolicy
from rules.refusals import Refusal
from services.bulk.targets.previews import Preview
from services.bulk.targets.selection import Selection
from services.bulk.targets.target import Target
from services.lifecycle.effects import PlannedChange
from services.lifecycle.portal_locks import LockedPortals
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of a bulk call. A dry run ignores the idempotency key.

    If `error_policy` is None, the run of a preview takes the preview's policy. Any other run takes PARTIAL.
    """

    dry_run: bool = False
    error_policy: ErrorPolicy | None = None
    only_if_unchanged: bool = False
    idempotency_key: str | None = None
    reason: str | None = None
    ticket: str | None = None


class BulkPlan(Protocol):
    """One call of a bulk action: its targets, its decisions and its writes.

    The engine calls `targets`, `decide` and `write` in this order inside one transaction. If the transaction is
    retried, the engine begins again with `targets`.
    """

    @property
    def action(self) -> Action: ...

    @property
    def role(self) -> Role | None:
        """The role that the action gives. None for actions that do not change roles."""
        ...

    @property
    def access_hash(self) -> str | None:
        """A digest of the access that CHANGE_ACCESS gives. None for other actions."""
        ...

    @property
    def selection(self) -> Selection: ...

    @property
    def asked(self) -> object:
        """The call's input without its options, as nested dataclasses and tuples.

        A digest of the input is stored with an idempotency key, to recognize a later call with another input.
        """
        ...

    def faults(self) -> Iterator[Refusal]:
        """Yield the faults of the plan's own input, without those of the selection and the options."""
        ...

    async def targets(
        self, runtime: Runtime, actor: Actor, at: datetime, preview: Preview | None, *, dry_run: bool
    ) -> tuple[LockedPortals, Sequence[Target]]:
        """Lock the portals and users of the selection. Return the locked portals, and the targets in order.

        `preview` is the preview that the selection names, or None. Raise Refusal only if the whole selection is not
        valid. A single target that cannot be changed is refused by `decide`.
        """
        ...

    def decide(self, request: ActionRequest) -> Decision:
        """Return what the action changes for `request.user`. Raise Refusal if the rules do not allow the change."""
        ...

    async def write(
        self,
        runtime: Runtime,
        locked: LockedPortals,
        targets: Sequence[Target],
        changes: Mapping[UUID, PlannedChange],
        operation: OperationRow,
    ) -> Mapping[UUID, str]:
        """Write the changes, which are keyed by user id.

        Return the tokens of the invitation links that the actor passes on, by user id. The dict is empty if there are
        no such links.
        """
        ...
