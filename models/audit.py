"""The audit log. An event stores the ids of the acting account and the affected user, the changes, and the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.dialect import contains_ascii_folded, is_any_of
from models.db.fields import KeyField
from models.db.partial_indexes import PartialIndex
from models.db.rows import RowMapper
from models.db.sql import Sql, fetch, sql, write
from models.portals.reach import managed
from rules.access import Actor, Role
from rules.audit_events import ERASED_CHANGES


class AuditEvent(Model):
    """An event of the audit log. It is kept after its account, user, operation or portal is deleted.

    - `actor_id` and `user_id`: the acting account and the affected user.
    - `portal`: null for events about the provider or its staff.
    - `sequence` and `hash`: the event's number and hash in its chain (rules/audit/chain.py).
    - `digest`: a hash of `salt` and of the texts that are erased when the user is deleted. Null if the event has no
      such texts.
    - `salt`: a random text, erased together with these texts. The digest alone does not allow guessing the texts.

    `sequence`, `hash`, `digest` and `salt` are null in events from before chains existed.
    """

    id = fields.UUIDField(primary_key=True)
    at = fields.DatetimeField()
    event = KeyField()
    # Ids without a foreign key, so that an event outlives the rows that it names.
    actor_id = fields.UUIDField(null=True)
    # Never null, so that the log of one provider is one range of an index that begins with mssp_id.
    mssp: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.Mssp", on_delete=fields.CASCADE)
    mssp_id: UUID
    portal: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.Portal", null=True, db_constraint=False, on_delete=fields.NO_ACTION
    )
    user_id = fields.UUIDField(null=True)
    reason = fields.TextField(null=True)
    ticket = fields.TextField(null=True)
    changes = fields.JSONField[list[dict[str, Any]]](default=[])
    operation_id = fields.UUIDField(null=True)
    sequence = fields.BigIntField(null=True)
    hash = fields.TextField(null=True)
    digest = fields.TextField(null=True)
    salt = fields.TextField(null=True)

    class Meta:
        table = "audit_event"
        indexes = [
            Index(fields=("mssp_id", "id")),
            Index(fields=("portal_id", "id")),
            Index(fields=("portal_id", "sequence"), name="audit_event_portal_chain"),
            PartialIndex(fields=("mssp_id", "sequence"), where="portal_id IS NULL", name="audit_event_mssp_chain"),
            Index(fields=("user_id", "id")),
            PartialIndex(fields=("mssp_id", "ticket", "id"), where="ticket IS NOT NULL", name="audit_event_ticket"),
            PartialIndex(
                fields=("portal_id", "ticket", "id"), where="ticket IS NOT NULL", name="audit_event_portal_ticket"
            ),
        ]


class AuditRow(NamedTuple):
    id: UUID
    at: datetime
    event: str
    actor_id: UUID | None
    mssp_id: UUID
    portal_id: UUID | None
    user_id: UUID | None
    changes: list[dict[str, Any]]
    reason: str | None = None
    ticket: str | None = None
    operation_id: UUID | None = None


AUDIT = RowMapper(AuditRow, AuditEvent, "e")


class AuditConditions(NamedTuple):
    """Conditions on events, joined by AND. A field that is None adds no condition.

    - `event_in`: values of the column `event`.
    - `after` and `before`: bounds of the time. `after` is inclusive, `before` is exclusive.
    - `ticket`: the complete text of the event's ticket.
    - `search`: a part of the event's reason. The case of the letters A to Z is ignored.
    """

    event_in: tuple[str, ...] | None = None
    actor_id: UUID | None = None
    after: datetime | None = None
    before: datetime | None = None
    ticket: str | None = None
    search: str | None = None

    def sql(self) -> list[Sql]:
        """Return the SQL conditions on an event (alias e)."""
        found = [is_any_of("e.event", self.event_in)] if self.event_in is not None else []
        found += [sql("e.actor_id = ?", self.actor_id)] if self.actor_id is not None else []
        found += [sql("e.at >= ?", self.after)] if self.after is not None else []
        found += [sql("e.at < ?", self.before)] if self.before is not None else []
        found += [sql("e.ticket = ?", self.ticket)] if self.ticket is not None else []
        if self.search is not None:
            found.append(contains_ascii_folded("e.reason", self.search))
        return found


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see an event (alias e).

    - Every actor sees the events of the portals whose users the actor manages.
    - An MSSP admin also sees events about the provider, and events of portals that the provider has deleted.
    """
    # Without the provider's column, the reach of a technician is made of portals that exist.
    return managed(actor, "e.portal_id", None if actor.role is Role.MSSP_TECHNICIAN else "e.mssp_id")


_collected: ContextVar[list[AuditRow] | None] = ContextVar("audit events of the transaction", default=None)


@contextmanager
def collected() -> Iterator[list[AuditRow]]:
    """Yield an empty list. Until the `with` statement ends, `record` adds its events to this list.

    `services.transactions` stores the listed events just before it commits the transaction.
    """
    events = list[AuditRow]()
    token = _collected.set(events)
    try:
        yield events
    finally:
        _collected.reset(token)


async def record(events: Sequence[AuditRow]) -> None:
    """Add events to the audit log. The running transaction stores them just before it commits.

    Raise RuntimeError outside a transaction of `services.transactions`.
    """
    # Storing the events locks their chains. Collecting them makes these the last locks of every transaction.
    waiting = _collected.get()
    if waiting is None:
        raise RuntimeError("An audit event is recorded inside a transaction of services.transactions")
    waiting += events


async def forget(user_ids: Sequence[UUID]) -> None:
    """Erase the names, addresses, reasons and tickets in all events about these users (K32).

    The events themselves are kept. Their salts are erased too, because a salt would allow guessing the erased texts.
    Events that the transaction records after this call keep their texts.
    """
    waiting, users = _collected.get() or [], set(user_ids)
    for i, event in enumerate(waiting):
        if event.user_id in users:
            changes = [] if event.event in ERASED_CHANGES else event.changes
            waiting[i] = event._replace(changes=changes, reason=None, ticket=None)
    has_changes = is_any_of("event", sorted(ERASED_CHANGES))
    await write(
        "UPDATE audit_event SET changes = CASE WHEN "
        + has_changes
        + " THEN '[]' ELSE changes END, reason = NULL, ticket = NULL, salt = NULL"
        " WHERE (salt IS NOT NULL OR reason IS NOT NULL OR ticket IS NOT NULL OR (changes <> '[]' AND "
        + has_changes
        + ")) AND "
        + is_any_of("user_id", user_ids)
    )


async def by_id(actor: Actor, ids: list[UUID]) -> dict[UUID, AuditRow]:
    """Return the events of `ids` that the actor can see, keyed by event id."""
    rows = await fetch(
        f"SELECT {AUDIT.columns} FROM audit_event e WHERE " + visible_to(actor) + " AND " + is_any_of("e.id", ids)
    )
    return {event.id: event for event in AUDIT.read(rows)}
