"""Accounts of the providers' staff, and the portals assigned to technicians: tables, rows and lookups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.dialect import NO_ROW, contains, is_any_of, locked
from models.db.fields import KeyField
from models.db.keyset.listings import Listing
from models.db.keyset.spans import SortColumn
from models.db.rows import RowMapper
from models.db.sql import Sql, all_of, fetch, sql, write
from models.db.writes import update_rows
from models.providers import Mssp
from rules.access import Actor, AssignmentReach, Role
from rules.accounts import AccountKey, AccountKind
from rules.text.folding import display_name


class StaffMember(Model):
    """An account of a provider's employee: an MSSP admin, who manages all portals, or a technician.

    A technician manages the users of the assigned portals:

    - Usually the assigned portals are those in TechnicianAssignment, and those with a tag in AssignedTag.
    - If `assigned_all_except` is true, the assigned portals are all portals of the provider except those.
    - From `assigned_until` on, no portal is assigned.

    `name_key` is the folded name. A member has no password before the invitation is accepted, and after a reset by an
    admin.
    """

    id = fields.UUIDField(primary_key=True)
    mssp: fields.ForeignKeyRelation[Mssp] = fields.ForeignKeyField("models.Mssp", on_delete=fields.CASCADE)
    name = fields.TextField()
    name_key = KeyField()
    email = fields.TextField()
    email_key = KeyField(unique=True)
    role = KeyField()
    is_active = fields.BooleanField(default=True)
    password_hash = fields.TextField(null=True)
    password_changed_at = fields.DatetimeField(null=True)
    password_is_short = fields.BooleanField(default=False)
    mfa_enrolled = fields.BooleanField(default=False)
    added_at = fields.DatetimeField()
    assigned_all_except = fields.BooleanField(default=False)
    assigned_until = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_member"
        indexes = [Index(fields=("mssp_id", "name_key", "id"))]


class TechnicianAssignment(Model):
    """A portal that a technician's assignment lists.

    If `assigned_all_except` of the technician is true, the portal is an exception.
    """

    id = fields.UUIDField(primary_key=True)
    staff: fields.ForeignKeyRelation[StaffMember] = fields.ForeignKeyField(
        "models.StaffMember", on_delete=fields.CASCADE
    )
    portal: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.Portal", on_delete=fields.CASCADE)

    class Meta:
        table = "technician_assignment"
        unique_together = (("staff", "portal"),)
        indexes = [Index(fields=("portal_id",))]


class AssignedTag(Model):
    """A tag that a technician's assignment lists.

    If `assigned_all_except` of the technician is true, portals with the tag are exceptions.
    """

    id = fields.UUIDField(primary_key=True)
    staff: fields.ForeignKeyRelation[StaffMember] = fields.ForeignKeyField(
        "models.StaffMember", on_delete=fields.CASCADE
    )
    tag = fields.TextField()
    tag_key = KeyField()

    class Meta:
        table = "assigned_tag"
        unique_together = (("staff", "tag_key"),)


class StaffRow(NamedTuple):
    id: UUID
    mssp_id: UUID
    name: str
    email: str
    role: Role
    is_active: bool
    mfa_enrolled: bool
    assigned_all_except: bool
    assigned_until: datetime | None
    has_password: bool
    """False until the member accepts the invitation.

    Also false after a reset by an admin, until the next password is set.
    """
    is_onboarded: bool
    """False until the member accepts the invitation."""

    @property
    def key(self) -> AccountKey:
        return AccountKey(AccountKind.STAFF_MEMBER, self.id)

    @property
    def may_reset_password(self) -> bool:
        """Whether a mailed link may set a new password: the member is active and has accepted the invitation."""
        return self.is_active and self.is_onboarded

    def assigned_at(self, at: datetime) -> AssignmentReach:
        """Return whether the technician's assignment at `at` is a list of portals, a list of exceptions, or ended."""
        return AssignmentReach.at(at, all_except=self.assigned_all_except, until=self.assigned_until)

    @property
    def portal_id(self) -> None:
        """Return None, because staff belong to no portal."""
        return None


class NewStaffRow(NamedTuple):
    """The columns of a new member of staff. A member without a password has yet to accept the invitation."""

    id: UUID
    mssp_id: UUID
    name: str
    name_key: str
    email: str
    email_key: str
    role: str
    added_at: datetime
    password_hash: str | None
    password_changed_at: datetime | None


NEW_STAFF = RowMapper(NewStaffRow, StaffMember, "s")
STAFF = RowMapper(
    StaffRow,
    StaffMember,
    "s",
    has_password="s.password_hash IS NOT NULL",  # noqa: S106  # a condition
    is_onboarded="s.password_hash IS NOT NULL OR s.password_changed_at IS NOT NULL",
)
BY_NAME = (SortColumn("s.name_key", str), SortColumn("s.id", UUID))
LISTING = Listing(STAFF, "staff_member s", BY_NAME)


def staff_visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see a member of staff (alias s).

    An MSSP admin sees all staff of the MSSP. A technician sees one account, the technician's own. Other actors see no
    staff.
    """
    if actor.role is Role.MSSP_ADMIN:
        return sql("s.mssp_id = ?", actor.mssp_id)
    return sql("s.id = ?", actor.id) if actor.is_staff else NO_ROW


async def staff(actor: Actor, ids: list[UUID]) -> dict[UUID, StaffRow]:
    """Return the members of staff of `ids` that the actor can see, keyed by id."""
    rows = STAFF.read(
        await fetch(
            f"SELECT {STAFF.columns} FROM staff_member s WHERE "
            + staff_visible_to(actor)
            + " AND "
            + is_any_of("s.id", ids)
        )
    )
    return {row.id: row for row in rows}


def listed_visible_to(actor: Actor, words: Sequence[str], role: Role | None) -> Sql:
    """Return the SQL condition that a member of staff (alias s) is in the actor's list of staff.

    Only MSSP admins have such a list. The member's name or e-mail address must contain each of the folded `words`. If
    `role` is given, the member must have this role.
    """
    if not actor.administers_mssp:
        return NO_ROW
    found = [contains("s.name_key", word) + " OR " + contains("s.email_key", word) for word in words]
    return all_of([staff_visible_to(actor), *([sql("s.role = ?", role)] if role else []), *found])


async def lock(actor: Actor, staff_id: UUID) -> dict[UUID, StaffRow]:
    """Lock the member of staff and all MSSP admins of the provider, in id order. Return the rows keyed by id.

    Members that the actor cannot see are left out. Requires a transaction.
    """
    query = (
        f"SELECT {STAFF.columns} FROM staff_member s WHERE "
        + staff_visible_to(actor)
        + sql(" AND (s.id = ? OR s.role = ?) ORDER BY s.id", staff_id, Role.MSSP_ADMIN)
    )
    return {row.id: row for row in STAFF.read(await fetch(locked(query, "s")))}


async def add(member: NewStaffRow) -> bool:
    """Store a new member of staff. If a member already has the e-mail address, store nothing and return False."""
    await NEW_STAFF.insert([member], unless=" ON CONFLICT (email_key) DO NOTHING")
    return bool(await fetch(sql("SELECT s.id FROM staff_member s WHERE s.id = ?", member.id)))


async def change(staff_id: UUID, columns: Mapping[str, Any]) -> None:
    """Write new values of a member's columns. `columns` maps columns to values. Requires the member to be locked."""
    await update_rows(StaffMember, tuple(columns), [{"id": staff_id, **columns}])


async def delete(staff_id: UUID) -> None:
    """Delete a member of staff and all rows that refer to it. Requires the member to be locked."""
    await write(sql("DELETE FROM staff_member WHERE id = ?", staff_id))


async def account_names(actor: Actor, ids: list[UUID]) -> dict[UUID, str]:
    """Return the display names of accounts of the actor's provider, keyed by account id.

    Accounts that the actor cannot see are included, because the audit log shows the names of all acting accounts.
    Deleted accounts are left out.
    """
    staff_rows = (
        "SELECT s.id, s.name AS first_name, NULL AS last_name, NULL AS email, '' AS username FROM staff_member s WHERE "
        + sql("s.mssp_id = ?", actor.mssp_id)
        + " AND "
        + is_any_of("s.id", ids)
    )
    user_rows = (
        "SELECT u.id, u.first_name, u.last_name, u.email, u.username FROM portal_user u WHERE "
        + sql("u.mssp_id = ?", actor.mssp_id)
        + " AND "
        + is_any_of("u.id", ids)
    )
    rows = await fetch(staff_rows + " UNION ALL " + user_rows)
    return {
        UUID(str(row["id"])): display_name(row["first_name"], row["last_name"], row["email"], row["username"])
        for row in rows
    }
