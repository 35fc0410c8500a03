"""Bulk operations and their outcomes, stored as ids and codes. Names, addresses and messages are not stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.dialect import is_any_of
from models.db.fields import KeyField
from models.db.keyset.listings import Listing
from models.db.keyset.spans import SortColumn
from models.db.partial_indexes import PartialIndex
from models.db.rows import RowMapper
from models.db.sql import Sql, all_of, fetch, sql, write
from models.portals.reach import managed
from rules.access import Actor, Role
from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import Status
from rules.outcomes import ErrorPolicy, OperationState, OutcomeStatus
from rules.refusals import Code


class BulkOperation(Model):
    """One run or preview of a bulk action.

    - `selection`: how the users were selected (services/bulk/selection_words.py). Null in operations of earlier
      versions.
    - `selection_search`: the text of the search. It is deleted when a selected user is deleted (K32).
    - `role`: the role that CHANGE_ROLE gives. Null for other actions.
    - `access_hash`: a digest of the access that CHANGE_ACCESS gives. The run of a preview must give the same access.
    """

    id = fields.UUIDField(primary_key=True)
    mssp: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.Mssp", on_delete=fields.CASCADE)
    action = KeyField()
    role = KeyField(null=True)
    access_hash = fields.TextField(null=True)
    state = KeyField()
    actor_id = fields.UUIDField()
    reason = fields.TextField(null=True)
    ticket = fields.TextField(null=True)
    error_policy = KeyField(default=ErrorPolicy.PARTIAL.value)
    selection = fields.JSONField[dict[str, Any] | None](null=True)
    selection_search = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    preview_expires_at = fields.DatetimeField(null=True)
    preview_used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "bulk_operation"
        indexes = [
            Index(fields=("mssp_id", "id")),
            Index(fields=("actor_id", "id")),
            Index(fields=("actor_id", "preview_expires_at")),
            Index(fields=("preview_expires_at", "finished_at")),
        ]


class BulkOutcome(Model):
    """The outcome for one selected user. `position` is the user's index in the selection.

    - `sent_id`: the global id that the caller sent.
    - `user_id` and `portal`: null if the caller can see no user with this id. They are kept after a deletion.
    """

    id = fields.UUIDField(primary_key=True)
    operation: fields.ForeignKeyRelation[BulkOperation] = fields.ForeignKeyField(
        "models.BulkOperation", on_delete=fields.CASCADE
    )
    position = fields.IntField()
    sent_id = fields.TextField(null=True)
    user_id = fields.UUIDField(null=True)
    portal: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.Portal", null=True, db_constraint=False, on_delete=fields.NO_ACTION
    )
    status = KeyField()
    reason = KeyField(null=True)
    previous_status = KeyField(null=True)
    new_status = KeyField(null=True)
    retry_at = fields.DatetimeField(null=True)
    field = KeyField(null=True)

    class Meta:
        table = "bulk_outcome"
        unique_together = (("operation", "position"),)
        indexes = [
            Index(fields=("portal_id", "operation_id")),
            PartialIndex(fields=("user_id",), where="position = 0", name="bulk_outcome_first_user"),
        ]


class OperationPortal(Model):
    """A portal that an operation concerns: the portal of a selected user, or of the admin who ran the operation."""

    id = fields.BigIntField(primary_key=True)
    portal: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.Portal", on_delete=fields.CASCADE)
    portal_id: UUID
    operation: fields.ForeignKeyRelation[BulkOperation] = fields.ForeignKeyField(
        "models.BulkOperation", on_delete=fields.CASCADE
    )
    operation_id: UUID

    class Meta:
        table = "operation_portal"
        unique_together = (("portal", "operation"),)
        indexes = [Index(fields=("operation_id",))]


class OperationRow(NamedTuple):
    id: UUID
    mssp_id: UUID
    action: Action
    state: OperationState
    actor_id: UUID
    reason: str | None
    ticket: str | None
    error_policy: ErrorPolicy
    selection: dict[str, Any] | None
    selection_search: str | None
    created_at: datetime
    finished_at: datetime | None
    preview_expires_at: datetime | None = None
    preview_used_at: datetime | None = None
    role: Role | None = None
    access_hash: str | None = None


class OutcomeRow(NamedTuple):
    id: UUID
    operation_id: UUID
    position: int
    sent_id: str | None
    user_id: UUID | None
    portal_id: UUID | None
    status: OutcomeStatus
    reason: Code | None
    previous_status: Status | None
    new_status: Status | None
    retry_at: datetime | None = None
    field: str | None = None


class TouchedPortalRow(NamedTuple):
    portal_id: UUID
    operation_id: UUID


OPERATION = RowMapper(OperationRow, BulkOperation, "o")
OUTCOME = RowMapper(OutcomeRow, BulkOutcome, "c")
TOUCHED_PORTAL = RowMapper(TouchedPortalRow, OperationPortal)


NEWEST_FIRST = (SortColumn("o.id", UUID, descending=True),)
OPERATIONS = Listing(OPERATION, "bulk_operation o", NEWEST_FIRST)
NEWEST_OF_PORTAL_FIRST = (SortColumn("d.operation_id", UUID, descending=True),)
OPERATIONS_OF_PORTAL = Listing(
    OPERATION, "operation_portal d JOIN bulk_operation o ON o.id = d.operation_id", NEWEST_OF_PORTAL_FIRST
)


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see an operation (alias o).

    An MSSP admin sees all operations of the MSSP. A portal admin sees the operations on users of the portal, and those
    that an admin of the portal ran. Other actors see only the operations that they ran themselves.
    """
    if actor.role is Role.MSSP_ADMIN:
        return sql("o.mssp_id = ?", actor.mssp_id)
    if actor.role is Role.PORTAL_ADMIN:
        return sql(
            "EXISTS (SELECT 1 FROM operation_portal r WHERE r.portal_id = ? AND r.operation_id = o.id)",
            actor.portal_id,
        )
    return sql("o.actor_id = ?", actor.id)


def listing_visible_to(actor: Actor, portal_id: UUID | None) -> tuple[Listing[OperationRow], Sql]:
    """Return the list of operations, newest first, and the SQL condition that the actor can see an operation.

    If `portal_id` is given, the list contains only operations that concern this portal (OperationPortal).
    """
    portal_id = portal_id or (actor.portal_id if actor.role is Role.PORTAL_ADMIN else None)
    if portal_id is None:
        return OPERATIONS, visible_to(actor)
    return OPERATIONS_OF_PORTAL, all_of([sql("d.portal_id = ?", portal_id), visible_to(actor)])


def outcomes_visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see an outcome (alias c) of an operation (alias o).

    The MSSP's admins and the account that ran the operation see all outcomes. Other actors see the outcomes in portals
    whose users they manage.
    """
    if actor.role is Role.MSSP_ADMIN:
        return sql("o.mssp_id = ?", actor.mssp_id)
    return "(" + sql("o.actor_id = ?", actor.id) + " OR " + managed(actor, "c.portal_id") + ")"


async def record(actor: Actor, operation: OperationRow, outcomes: Sequence[OutcomeRow]) -> None:
    """Store an operation that the actor ran, with its portals and its outcomes."""
    await OPERATION.insert([operation])
    portal_ids = {outcome.portal_id for outcome in outcomes} | {actor.portal_id}
    touched = [TouchedPortalRow(portal_id, operation.id) for portal_id in sorted(filter(None, portal_ids))]
    await TOUCHED_PORTAL.insert(touched)
    await OUTCOME.insert(outcomes)


async def outcomes_of(operation_id: UUID) -> list[OutcomeRow]:
    """Return all outcomes of the operation in the order of the selection.

    The function checks no rights. The caller must make sure that the actor ran the operation.
    """
    return OUTCOME.read(
        await fetch(
            f"SELECT {OUTCOME.columns} FROM bulk_outcome c WHERE "
            + sql("c.operation_id = ?", operation_id)
            + " ORDER BY c.position"
        )
    )


async def use_preview(operation_id: UUID, at: datetime) -> bool:
    """Mark the preview as run at `at`. Return False if the preview has been run before."""
    used = sql(
        "UPDATE bulk_operation SET preview_used_at = ? WHERE id = ? AND preview_used_at IS NULL RETURNING id",
        at,
        operation_id,
    )
    return bool(await write(used))


async def by_id(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, OperationRow]:
    """Return the operations of `ids` that the actor can see, keyed by operation id."""
    rows = await fetch(
        f"SELECT {OPERATION.columns} FROM bulk_operation o WHERE "
        + visible_to(actor)
        + " AND "
        + is_any_of("o.id", ids)
    )
    return {operation.id: operation for operation in OPERATION.read(rows)}
