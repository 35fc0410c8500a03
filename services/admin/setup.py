"""Create providers, staff and portals. A portal is created with its first admin and with a license package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.licenses import PackageRow
from models.portals import assignments
from models.tables import Mssp, Portal, PortalUser
from models.users import recount
from models.users.folded_columns import folded
from models.users.table import sort_columns
from rules import user_fields
from rules.access import Role
from rules.administration import license_packages as package_rules
from rules.administration import portals as portal_rules
from rules.audit_events import AuditEventType, ProviderEvent
from rules.global_ids import text_of
from rules.lifecycle.licenses import SeatMode, UserKind, holds_seat
from rules.lifecycle.statuses import CATEGORY, UNCONFIRMED, Status, StatusReason
from rules.messages.operator import OperatorMessage
from rules.refusals import Refusal
from rules.security_events import SecurityEvent
from services import email_addresses, provider_events
from services.administration import packages, portals
from services.administration.staff import staff_invitations
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to store without an invitation. `columns` returns the whole row, with category, seat and sort keys."""

    username: str
    email: str | None
    first_name: str | None = None
    last_name: str | None = None
    kind: UserKind = UserKind.EXTERNAL
    role: Role = Role.PORTAL_USER
    status: Status = Status.ACTIVE
    status_reason: StatusReason | None = None
    resume_status: Status | None = None
    resume_reason: StatusReason | None = None
    last_sign_in_at: datetime | None = None
    added_at: datetime | None = None
    enabled_at: datetime | None = None
    changed_at: datetime | None = None
    mfa_enrolled: bool = False
    password_hash: str | None = None
    portal_access: bool = True
    all_sub_accounts: bool = False

    def row(self, user_id: UUID, portal: Portal, at: datetime) -> PortalUser:
        """Return the user's row. The row is not stored."""
        return PortalUser(**self.columns(user_id, portal, at))

    def columns(self, user_id: UUID, portal: Portal, at: datetime) -> dict[str, Any]:
        """Return the values of all columns of the user's row, by column name."""
        confirmed = self.status not in UNCONFIRMED
        names: dict[str, Any] = {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.username,
            "email": self.email,
        }
        columns: dict[str, Any] = {
            "id": user_id,
            "mssp_id": portal.mssp_id,
            "portal_id": portal.id,
            "kind": self.kind,
            "role": self.role,
            "email_verified_at": (self.added_at or at) if confirmed and self.email else None,
            "status": self.status,
            "status_reason": self.status_reason,
            "resume_status": self.resume_status,
            "resume_reason": self.resume_reason,
            "status_changed_at": self.changed_at or self.added_at or at,
            "category": CATEGORY[self.status],
            "holds_seat": holds_seat(self.kind, self.status, SeatMode(portal.seat_mode)),
            "mfa_enrolled": self.mfa_enrolled,
            "last_sign_in_at": self.last_sign_in_at,
            "idle_since": self._idle_since(at),
            "added_at": self.added_at or at,
            "modified_at": self.added_at or at,
            "portal_access": self.portal_access,
            "all_sub_accounts": self.all_sub_accounts,
            "password_hash": self.password_hash,
            "password_changed_at": (self.added_at or at) if self.password_hash else None,
            **names,
            **folded(**names),
        }
        return columns | sort_columns(columns)

    def _idle_since(self, at: datetime) -> datetime | None:
        if self.status in UNCONFIRMED:
            return None
        enabled_at = self.enabled_at or self.added_at or at
        return max(enabled_at, self.last_sign_in_at) if self.last_sign_in_at else enabled_at


async def create_mssp(runtime: Runtime, name: str) -> UUID:
    """Create a provider and return its id. Raise Refusal(INVALID_INPUT) if the name is not valid or is taken."""
    name = user_fields.validate_name(name, "name")

    async def write() -> UUID:
        if await Mssp.filter(name=name).exists():
            raise Refusal(OperatorMessage.NAME_TAKEN, path=("name",), name=name)
        provider = await Mssp.create(id=runtime.new_id(), name=name)
        await provider_events.record(runtime, ProviderEvent.MSSP_CREATED, provider.id, runtime.now(), actor_id=None)
        return provider.id

    mssp_id = await runtime.transactions.run(write)
    runtime.security.note(SecurityEvent.COMMAND_RUN, mssp_id=mssp_id, what=ProviderEvent.MSSP_CREATED)
    return mssp_id


async def create_staff(
    runtime: Runtime, *, mssp: str, email: str, name: str, role: Role, portals: Sequence[str], password_hash: str
) -> UUID:
    """Create a member of a provider's staff and return the member's id.

    `mssp` is the provider's name. `portals` are the slugs of the portals to assign to a technician. Raise
    Refusal(NOT_FOUND) if the provider does not exist, or has no such portal. Raise Refusal(INVALID_INPUT) if `name` is
    not valid, or if an MSSP admin gets `portals`. Raise Refusal(INVALID_EMAIL) if `email` is not valid, or
    Refusal(EMAIL_TAKEN) if a member of staff has it.
    """
    email, name = email_addresses.validate(email), user_fields.validate_name(name, "name")
    if portals and role is not Role.MSSP_TECHNICIAN:
        raise Refusal(OperatorMessage.PORTALS_OF_ADMIN)

    async def write() -> tuple[UUID, UUID]:
        provider = await _provider(mssp)
        assigned = await Portal.filter(mssp_id=provider.id, slug__in=list(portals))
        if missing := ", ".join(sorted(set(portals) - {portal.slug for portal in assigned})):
            raise Refusal(OperatorMessage.NO_SUCH_PORTALS, path=("portals",), provider=provider.name, portals=missing)

        at = runtime.now()
        member_id = await staff_invitations.store_member(
            runtime, mssp_id=provider.id, email=email, name=name, role=role, at=at, password_hash=password_hash
        )
        rows = {runtime.new_id(): portal.id for portal in assigned}
        await assignments.replace(member_id, rows, {}, all_except=False, until=None)
        await provider_events.record(
            runtime,
            ProviderEvent.STAFF_CREATED,
            provider.id,
            at,
            actor_id=None,
            staff_id=member_id,
            changes=provider_events.field_changes({}, {"staffRole": role, "portals": _ids(assigned)}),
        )
        return member_id, provider.id

    staff_id, mssp_id = await runtime.transactions.run(write)
    runtime.security.note(
        SecurityEvent.COMMAND_RUN, account_id=staff_id, mssp_id=mssp_id, what=ProviderEvent.STAFF_CREATED
    )
    return staff_id


@dataclass(frozen=True, slots=True)
class NewPackage:
    """The name of a new license package, and its number of seats."""

    package: str
    seats: int


async def create_portal(
    runtime: Runtime,
    *,
    mssp: str,
    slug: str,
    name: str,
    admin: NewUser,
    package: NewPackage | None,
    support: str | None = None,
) -> UUID:
    """Create a portal with its first admin (W1) and return the portal's id.

    `mssp` is the provider's name. The admin gets the kind INTERNAL and therefore holds no seat. `package` is the
    portal's license package. If `package` is None, the portal has no seats. `support` is the portal's support contact.

    - Raise Refusal(NOT_FOUND) if the provider does not exist.
    - Raise Refusal(INVALID_EMAIL) if the admin's address is not valid.
    - Raise Refusal(INVALID_INPUT) if another argument is not valid or the slug is taken.
    """
    values = portal_rules.validate({"slug": slug, "name": name, "support_contact": support})
    seats = package_rules.validate({"name": package.package, "seats": package.seats}) if package else None
    admin = replace(admin, kind=UserKind.INTERNAL, role=Role.PORTAL_ADMIN, **_first_admin(admin))

    async def write() -> Portal:
        provider = await _provider(mssp)
        at = runtime.now()
        portal_id = await portals.store_portal(runtime, provider.id, values, None, at, actor=None)
        portal = await Portal.get(id=portal_id)
        if seats:
            first = PackageRow(runtime.new_id(), portal_id, **seats, starts_at=None, ends_at=None)
            await packages.add(runtime, provider.id, first, at, actor_id=None)
        admin_id = runtime.new_id()
        await admin.row(admin_id, portal, at).save(force_create=True)
        await recount.recount([portal_id])
        await audit.record([_added(runtime, admin_id, portal, at)])
        return portal

    portal = await runtime.transactions.run(write)
    runtime.security.note(
        SecurityEvent.COMMAND_RUN, portal_id=portal.id, mssp_id=portal.mssp_id, what=ProviderEvent.PORTAL_CREATED
    )
    return portal.id


def _ids(assigned: Sequence[Portal]) -> str | None:
    return ", ".join(text_of("Portal", portal.id) for portal in sorted(assigned, key=lambda portal: portal.id)) or None


def _added(runtime: Runtime, admin_id: UUID, portal: Portal, at: datetime) -> AuditRow:
    """Return the audit event about the portal's first admin, who is added by the operator."""
    return AuditRow(
        id=runtime.new_id(),
        at=at,
        event=AuditEventType.USER_ADDED,
        actor_id=None,
        mssp_id=portal.mssp_id,
        portal_id=portal.id,
        user_id=admin_id,
        changes=[{"field": "status", "before": None, "after": Status.ACTIVE}],
    )


def _first_admin(admin: NewUser) -> dict[str, Any]:
    """Return the admin's names and address, cleaned for storage. Raise Refusal if one of them is not valid."""
    email = email_addresses.validate(admin.email or "")
    user_fields.validate_name(admin.first_name or "", "first name of the admin", user_fields.LONGEST["first_name"])
    names = {"first_name": admin.first_name, "last_name": admin.last_name, "username": admin.username}
    cleaned = user_fields.validate_fields(names, {name: f"{name.replace('_', ' ')} of the admin" for name in names}, ())
    return {**cleaned, "email": email, **({"username": email} if admin.username == admin.email else {})}


async def _provider(name: str) -> Mssp:
    provider = await Mssp.get_or_none(name=user_fields.normalize_text(name))
    if provider is None:
        raise Refusal(OperatorMessage.NO_SUCH_MSSP, path=("mssp",), name=name)
    return provider
