"""Tags of portals: words for service tier, region or team. Filters and assignments use tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.dialect import NO_ROW, is_any_of
from models.db.fields import KeyField
from models.db.rows import RowMapper, grouped
from models.db.sql import Sql, fetch, sql, write
from models.portals.reach import reach
from models.portals.table import Portal
from models.providers import Mssp
from rules.access import Actor
from rules.administration.tags import Tag


class PortalTag(Model):
    """A tag of a portal. `tag_key` is the folded text. No two tags of a portal have the same key."""

    id = fields.UUIDField(primary_key=True)
    mssp: fields.ForeignKeyRelation[Mssp] = fields.ForeignKeyField("models.Mssp", on_delete=fields.CASCADE)
    portal: fields.ForeignKeyRelation[Portal] = fields.ForeignKeyField("models.Portal", on_delete=fields.CASCADE)
    tag = fields.TextField()
    tag_key = KeyField()

    class Meta:
        table = "portal_tag"
        unique_together = (("portal", "tag_key"),)
        indexes = [Index(fields=("mssp_id", "tag_key", "portal_id"))]


class PortalTagRow(NamedTuple):
    id: UUID
    mssp_id: UUID
    portal_id: UUID
    tag: str
    tag_key: str


PORTAL_TAG = RowMapper(PortalTagRow, PortalTag, "t")


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see a tag (alias t).

    Staff see the tags of the portals that they reach. Other actors see no tags.
    """
    return reach(actor, "t.portal_id", "t.mssp_id") if actor.is_staff and actor.manages_users else NO_ROW


async def of_portals(actor: Actor, portal_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return the sorted tags of each portal, keyed by portal id. The function runs one statement.

    Only portals with tags that the actor can see are included.
    """
    rows = PORTAL_TAG.read(
        await fetch(
            f"SELECT {PORTAL_TAG.columns} FROM portal_tag t WHERE "
            + visible_to(actor)
            + " AND "
            + is_any_of("t.portal_id", portal_ids)
            + " ORDER BY t.tag_key"
        )
    )
    return grouped((row.portal_id, row.tag) for row in rows)


async def replace(mssp_id: UUID, portal_id: UUID, tags: Mapping[UUID, Tag]) -> None:
    """Replace the tags of a portal. Requires the portal to be locked.

    `tags` has each tag under the id of its new row: `{row_id: tag}`.
    """
    await write(sql("DELETE FROM portal_tag WHERE portal_id = ?", portal_id))
    await PORTAL_TAG.insert(
        [PortalTagRow(row_id, mssp_id, portal_id, tag.text, tag.key) for row_id, tag in tags.items()]
    )


def has_any(keys: Iterable[str]) -> Sql:
    """Return the SQL condition that a portal (alias p) has a tag with one of the keys."""
    return (
        "p.id IN (SELECT t.portal_id FROM portal_tag t WHERE t.mssp_id = p.mssp_id AND "
        + is_any_of("t.tag_key", keys)
        + ")"
    )
