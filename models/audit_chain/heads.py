"""The head of each chain of the audit log: the number and the hash of the chain's last event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.rows import RowMapper, cells_of
from models.db.sql import Sql, fetch, sql, write
from models.db.writes import table_of, update_rows
from rules.audit.chain import BEGINNING, ChainPlace, beginning


class AuditChain(Model):
    """A chain of the audit log. Each portal has one chain. A provider's events without a portal have one chain, too.

    - `id`: the id of the portal or of the provider. The chain is kept when the portal is deleted.
    - `sequence` and `hash`: the number and the hash of the chain's last event.
    - `earlier`: the number of events that were stored before the chain existed. These events have no hash.
    """

    id = fields.UUIDField(primary_key=True)
    mssp: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.Mssp", on_delete=fields.CASCADE)
    sequence = fields.BigIntField(default=BEGINNING.sequence)
    hash = fields.TextField(default=BEGINNING.hash)
    earlier = fields.BigIntField(default=0)

    class Meta:
        table = "audit_chain"
        indexes = [Index(fields=("mssp_id",))]


class ChainKey(NamedTuple):
    """The id of a chain, and the id of its provider."""

    id: UUID
    mssp_id: UUID

    @property
    def is_portal(self) -> bool:
        """Whether the chain belongs to a portal. Otherwise it belongs to a provider."""
        return self.id != self.mssp_id


class ChainState(NamedTuple):
    """A row of AuditChain, and facts about the chain from other tables.

    - `slug`: the slug of the portal. None for a provider's chain, and after the portal is deleted.
    - `signed`: the number of the last event that a checkpoint signs. None without a checkpoint.
    - `last`: the number of the last event in the audit log. None without events.
    - `outside`: how many events of the portal or provider have no number.

    Only `state_with_log` reads `last` and `outside`. Otherwise they are None and 0.
    """

    id: UUID
    mssp_id: UUID
    sequence: int
    hash: str
    earlier: int
    mssp_name: str
    slug: str | None
    signed: int | None
    last: int | None = None
    outside: int = 0

    @property
    def beginning(self) -> ChainPlace:
        return beginning(self.earlier)

    @property
    def head(self) -> ChainPlace:
        return _head(ChainPlace(self.sequence, self.hash), self.earlier)

    @property
    def portal_id(self) -> UUID | None:
        return None if self.id == self.mssp_id else self.id


_HEAD = RowMapper(ChainPlace, AuditChain)
_KEY = RowMapper(ChainKey, AuditChain, "c")
_BESIDE = {
    "mssp_name": "m.name",
    "slug": "p.slug",
    "signed": "(SELECT MAX(k.sequence) FROM audit_checkpoint k WHERE k.chain_id = c.id)",
}
_STATE = RowMapper(ChainState, AuditChain, "c", **_BESIDE, last="NULL", outside="0")


def _with_log(of_chain: str) -> RowMapper[ChainState]:
    """Return a mapper that reads all fields of ChainState, `last` and `outside` included.

    `of_chain` is the SQL condition that an event (alias e) belongs to the chain (alias c).
    """
    last = f"(SELECT MAX(e.sequence) FROM audit_event e WHERE {of_chain})"
    outside = f"(SELECT COUNT(*) FROM audit_event e WHERE {of_chain} AND e.sequence IS NULL)"
    return RowMapper(ChainState, AuditChain, "c", **_BESIDE, last=last, outside=outside)


# Not one statement with a CASE: on PostgreSQL it reads the events of other providers.
_PORTAL_WITH_LOG = _with_log("e.portal_id = c.id")
_MSSP_WITH_LOG = _with_log("e.mssp_id = c.id AND e.portal_id IS NULL")


async def lock(chains: Mapping[UUID, UUID]) -> dict[UUID, ChainPlace]:
    """Lock the chains in id order, and return their heads keyed by chain id. Missing chains are created.

    `chains` maps the id of each chain to the id of its provider. After this call, the transaction may lock only chains.
    """
    given = [{"id": id, "mssp_id": mssp_id, "hash": BEGINNING.hash} for id, mssp_id in chains.items()]
    rows = await write(
        f"INSERT INTO audit_chain (id, mssp_id, sequence, hash, earlier) SELECT v.id, v.mssp_id, {BEGINNING.sequence},"
        " v.hash, 0 FROM "
        + table_of("v", AuditChain, ("id", "mssp_id", "hash"), given)
        + " WHERE true ORDER BY v.id ON CONFLICT (id) DO UPDATE SET sequence = audit_chain.sequence"
        " RETURNING sequence, hash, id, earlier"
    )
    heads = {}
    for row, stored in zip(rows, _HEAD.read(rows), strict=True):
        id, earlier = cells_of(row)[len(_HEAD) :]
        heads[UUID(str(id))] = _head(stored, int(earlier))
    return heads


def _head(stored: ChainPlace, earlier: int) -> ChainPlace:
    # Without an event, the head is the place before the first event.
    return stored if stored.sequence else beginning(earlier)


async def store(heads: Mapping[UUID, ChainPlace]) -> None:
    """Store the heads of locked chains. `heads` maps the id of a chain to its head."""
    await update_rows(AuditChain, ChainPlace._fields, [{"id": id, **head._asdict()} for id, head in heads.items()])


async def every_chain() -> list[ChainKey]:
    """Return the keys of all chains of all providers, in id order."""
    return _KEY.read(await fetch(Sql(f"SELECT {_KEY.columns} FROM audit_chain c ORDER BY c.id")))


async def state(chain_id: UUID) -> ChainState | None:
    """Return the chain, or None if there is none. The function does not read the audit log."""
    return await _state(_STATE, chain_id)


async def state_with_log(chain: ChainKey) -> ChainState | None:
    """Return the chain with all fields, or None if there is none. The function also reads the audit log."""
    return await _state(_PORTAL_WITH_LOG if chain.is_portal else _MSSP_WITH_LOG, chain.id)


async def _state(mapper: RowMapper[ChainState], chain_id: UUID) -> ChainState | None:
    rows = await fetch(
        f"SELECT {mapper.columns} FROM audit_chain c JOIN mssp m ON m.id = c.mssp_id LEFT JOIN portal p ON p.id = c.id"
        + sql(" WHERE c.id = ?", chain_id)
    )
    return next(iter(mapper.read(rows)), None)


async def without_chain(limit: int) -> list[UUID]:
    """Return the ids of at most `limit` portals or providers that have events, but no chain."""
    rows = await fetch(
        sql(
            "SELECT DISTINCT COALESCE(e.portal_id, e.mssp_id) AS id FROM audit_event e WHERE NOT EXISTS"
            " (SELECT 1 FROM audit_chain c WHERE c.id = COALESCE(e.portal_id, e.mssp_id)) ORDER BY 1 LIMIT ?",
            limit,
        )
    )
    return [UUID(str(row["id"])) for row in rows]
