"""The bulk plan of `Action.CHANGE_ACCESS`: change what the selected users may reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.operations import OperationRow
from rules.access import Actor
from rules.grants.access_changes import LIST_FIELDS, AccessChange
from rules.lifecycle.actions import Action
from rules.lifecycle.decision_types import ActionRequest, Decision
from rules.lifecycle.decisions import decide
from rules.messages.bulk import AccessChangeMessage
from rules.refusals import Refusal
from services.bulk.idempotency import digest
from services.bulk.targets.previews import Preview
from services.bulk.targets.selected_users import lock_selection
from services.bulk.targets.selection import SelectedUsers
from services.bulk.targets.target import Target
from services.bulk.targets.target_access import with_one_change
from services.grants import access_writes
from services.grants.requested_access import ACCESS, COPY, CopiedAccess
from services.lifecycle import effects
from services.lifecycle.effects import PlannedChange
from services.lifecycle.portal_locks import LockedPortals
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class AccessPlan:
    """The bulk plan that gives selected users the access in `change`, or a copy of another user's access.

    `copied` names the other user. The call is refused unless exactly one of the two is given.
    """

    selection: SelectedUsers
    change: AccessChange | None
    copied: CopiedAccess | None

    @property
    def action(self) -> Action:
        return Action.CHANGE_ACCESS

    @property
    def role(self) -> None:
        return None

    @property
    def asked(self) -> object:
        return self.selection, self.change, self.copied

    @property
    def access_hash(self) -> str:
        return digest((self.change, self.copied))

    def faults(self) -> Iterator[Refusal]:
        if self.change is not None and self.copied is not None:
            yield Refusal(AccessChangeMessage.TWO_CHANGES, path=(COPY,))
        if self.change is None and self.copied is None:
            yield Refusal(AccessChangeMessage.NO_CHANGE, path=(ACCESS,))
        for fault in self.change.faults() if self.change else ():
            yield fault.inside(ACCESS, LIST_FIELDS.values())

    async def targets(
        self, runtime: Runtime, actor: Actor, at: datetime, preview: Preview | None, *, dry_run: bool
    ) -> tuple[LockedPortals, Sequence[Target]]:
        locked, targets = await lock_selection(runtime, actor, self.selection, at, preview, dry_run=dry_run)
        asked = self.change or self.copied
        assert asked, "a change"  # noqa: S101  # for the type checker: `faults` has refused other calls
        return locked, await with_one_change(locked.actor, targets, asked)

    def decide(self, request: ActionRequest) -> Decision:
        return decide(request)

    async def write(
        self,
        runtime: Runtime,
        locked: LockedPortals,
        targets: Sequence[Target],
        changes: Mapping[UUID, PlannedChange],
        operation: OperationRow,
    ) -> Mapping[UUID, str]:
        planned, at = list(changes.values()), locked.at
        await effects.apply_action(runtime, self.action, planned, locked.portals, at, actor_id=locked.actor.id)
        await access_writes.write(runtime, locked.actor, planned, at, operation)
        return {}
