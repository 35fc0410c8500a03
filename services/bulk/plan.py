"""What the bulk engine asks of an action: its targets, its decision about one of them, and its writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.operations import OperationRow
from rules.access import Actor
from rules.lifecycle.actions import Action
from rules.lifecycle.requests import ActionRequest, Decision
from services.bulk.targets.locks import LockedPortals
from services.bulk.targets.selection import Selection
from services.bulk.targets.target import Target
from services.lifecycle.effects import PlannedChange
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Options:
    """How to act. A dry run ignores the idempotency key."""

    dry_run: bool = False
    all_or_nothing: bool = False
    idempotency_key: str | None = None
    reason: str | None = None


class BulkPlan(Protocol):
    """One call of a bulk action. All methods run inside the engine's transaction, in this order.

    A transaction that is retried starts again with `targets`.
    """

    @property
    def action(self) -> Action: ...

    @property
    def selection(self) -> Selection: ...

    @property
    def asked(self) -> object:
        """The input that an idempotency key stands for, options left out: nested dataclasses and tuples."""
        ...

    async def targets(
        self, runtime: Runtime, actor: Actor, at: datetime, *, dry_run: bool
    ) -> tuple[LockedPortals, Sequence[Target]]:
        """Lock the selection and return its targets in order. Raise Refusal if the selection as a whole is invalid."""
        ...

    def decide(self, request: ActionRequest) -> Decision:
        """Return what the action does to the user of `request`, or raise Refusal."""
        ...

    async def write(
        self,
        runtime: Runtime,
        locked: LockedPortals,
        targets: Sequence[Target],
        changes: Mapping[UUID, PlannedChange],
        operation: OperationRow,
    ) -> Mapping[UUID, str]:
        """Write the changes, keyed by user. Return the tokens of the links that the actor passes on, keyed by user."""
        ...
