"""Grantables and grants: the tables and their rows."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.fields import KeyField
from models.db.rows import RowMapper
from models.portals.table import Portal
from rules.grants.kinds import GrantableKind, ModuleAccess


class Grantable(Model):
    """An entry in the catalogue of a portal: a module, a sub-account, a workspace, a group or an app role.

    - `app`: the application of an app role. Empty for other kinds.
    - `name_key` and `app_key`: `name` and `app` in folded form, for comparing and sorting.
    - `admin_only`: whether only portal admins may hold the module.
    - `is_system`: true for the group of all EXTERNAL users. Its members have no rows in `user_grant`.
    """

    id = fields.UUIDField(primary_key=True)
    portal: fields.ForeignKeyRelation[Portal] = fields.ForeignKeyField("models.Portal", on_delete=fields.CASCADE)
    portal_id: UUID
    kind = KeyField()
    app = fields.TextField(default="")
    app_key = KeyField(default="")
    name = fields.TextField()
    name_key = KeyField()
    admin_only = fields.BooleanField(default=False)
    is_system = fields.BooleanField(default=False)

    class Meta:
        table = "grantable"
        # The unique index is also the order of each list: within a portal and a kind by app, then by name.
        unique_together = (("portal", "kind", "app_key", "name_key"),)


class UserGrant(Model):
    """A grantable that a user of the same portal holds. `level` is READ or WRITE for a module, else null."""

    # A number of the database's own, so that one statement can give many users the same entries.
    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.PortalUser", on_delete=fields.CASCADE)
    grantable: fields.ForeignKeyRelation[Grantable] = fields.ForeignKeyField(
        "models.Grantable", on_delete=fields.CASCADE
    )
    grantable_id: UUID
    level = KeyField(null=True)

    class Meta:
        table = "user_grant"
        unique_together = (("user", "grantable"),)
        indexes = [Index(fields=("grantable_id", "user_id"))]


class GrantableRow(NamedTuple):
    id: UUID
    portal_id: UUID
    kind: GrantableKind
    app: str
    app_key: str
    name: str
    name_key: str
    admin_only: bool = False
    is_system: bool = False

    @property
    def order(self) -> tuple[str, str]:
        """The key by which entries of one kind are sorted: the app, then the name."""
        return self.app_key, self.name_key


class UserGrantRow(NamedTuple):
    user_id: UUID
    grantable_id: UUID
    level: ModuleAccess | None = None


GRANTABLE = RowMapper(GrantableRow, Grantable, "g")
USER_GRANT = RowMapper(UserGrantRow, UserGrant, "x")
