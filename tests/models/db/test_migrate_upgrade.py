"""The migration of a database of an earlier version keeps all its data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from models.auth import unscoped
from models.db.database import database
from models.db.migrate import migrate
from models.db.sql import Sql, fetch, sql, write
from models.grants import catalogue
from models.grants.table import GRANTABLE
from models.links import lookup as link_lookup
from models.links.table import Delivery
from models.tables import (
    AccountSession,
    AuditEvent,
    LinkToken,
    OperationPortal,
    OutboxMail,
    Portal,
    PortalUser,
    StaffMember,
)
from models.users import recount
from rules.auth.link_purposes import Purpose
from rules.lifecycle.statuses import Status
from services.admin.setup import NewUser
from tests.support.databases import Database

FIRST_VERSION = "tests.models.first_version"
JANUARY, MARCH, LATER = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 3, 6))
MSSP, PORTAL, ADA, BOB, TIM, EVE = (UUID(int=n) for n in range(1, 7))
NEW_SINCE = {
    "all_sub_accounts",
    "counted_admins",
    "deleted_name_retention_days",
    "idle_since",
    "idle_warned_at",
    "locked_for_good",
    "password_changed_at",
    "password_is_short",
    "pending_email_is_own",
    "portal_access",
    "reason_required",
    "username_look",
}


async def insert(table: str, **columns: Any) -> None:
    places = ", ".join("?" for _ in columns)
    await write(sql(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", *columns.values()))


async def user(id: UUID, username: str, status: Status, **given: Any) -> None:
    """Insert a user as the first version stored users."""
    portal = Portal(id=PORTAL, mssp_id=MSSP)
    person = NewUser(username, f"{username}@acme.test", status=status, added_at=JANUARY, **given)
    columns = {name: value for name, value in person.columns(id, portal, MARCH).items() if name not in NEW_SINCE}
    await insert("portal_user", version=1, **columns)


async def first_version() -> None:
    """Create a database of the first version, with a portal, an active user, an invited user and a technician."""
    await migrate(FIRST_VERSION)
    await insert("mssp", id=MSSP, name="Northwind")
    defaults = {
        name: field.default for name, field in Portal._meta.fields_map.items() if field.default not in (None, [])
    }
    plain = {n: value for n, value in defaults.items() if isinstance(value, str | int) and n not in NEW_SINCE}
    await insert(
        "portal",
        **{**plain, "id": PORTAL, "mssp_id": MSSP, "slug": "acme", "name": "Acme", "name_key": "acme"},
        required_user_fields='["FIRST_NAME", "EMAIL"]',
    )
    await user(ADA, "ada", Status.ACTIVE, password_hash="a hash", last_sign_in_at=MARCH)
    await user(BOB, "bob", Status.PROVISIONED)
    await insert(
        "staff_member",
        **{"id": TIM, "mssp_id": MSSP, "name": "Tim", "email": "t@msp.test", "email_key": "t@msp.test"},
        **{"role": "MSSP_TECHNICIAN", "is_active": True, "password_hash": "a hash", "added_at": JANUARY},
    )
    await insert("account_session", id=UUID(int=11), user_id=ADA, created_at=MARCH, expires_at=LATER)
    await insert(
        "link_token",
        **{"id": UUID(int=12), "user_id": BOB, "purpose": "INVITATION", "nonce": "nonce", "token_hash": "hash"},
        **{"created_at": MARCH, "expires_at": LATER},
    )
    await insert(
        "outbox_mail",
        **{"id": UUID(int=13), "portal_id": PORTAL, "user_id": BOB, "link_id": UUID(int=12), "kind": "INVITATION"},
        **{"recipient": "bob@acme.test", "dedupe_key": "key", "state": "QUEUED", "created_at": MARCH, "due_at": MARCH},
        attempts=0,
    )
    for n, actor in ((20, TIM), (30, ADA)):
        await insert(
            "bulk_operation",
            **{"id": UUID(int=n), "mssp_id": MSSP, "action": "LOCK", "state": "COMPLETED", "actor_id": actor},
            created_at=MARCH,
        )
    for n, portal_id in enumerate((PORTAL, PORTAL, None)):
        await insert(
            "bulk_outcome",
            **{"id": UUID(int=21 + n), "operation_id": UUID(int=20), "position": n, "portal_id": portal_id},
            status="SKIPPED",
        )
    await insert("audit_event", id=UUID(int=40), at=MARCH, event="user.locked", portal_id=PORTAL, changes="[]")


async def test_all_users_are_there_after_an_upgrade_with_the_new_columns(blank_db: Database) -> None:
    async with database(blank_db.url):
        await first_version()

        applied = await migrate()

        assert "0002_onboarding_and_account_security" in applied
        ada, bob, tim = await PortalUser.get(id=ADA), await PortalUser.get(id=BOB), await StaffMember.get(id=TIM)
        assert (ada.idle_since, ada.password_changed_at, ada.password_is_short) == (MARCH, JANUARY, False)
        assert (bob.idle_since, bob.password_changed_at) == (None, None)
        assert (tim.password_changed_at, tim.password_is_short, tim.mfa_enrolled) == (JANUARY, False, False)
        assert (await AccountSession.get(user_id=ADA)).last_used_at == MARCH
        assert await unscoped.portal_account_by_login("acme", "ada@acme.test")
        invitation = (await link_lookup.newest(Purpose.INVITATION, [BOB]))[BOB]
        assert (invitation.address, invitation.delivery, invitation.tries) == ("bob@acme.test", Delivery.EMAIL, 0)
        assert (await LinkToken.get(user_id=BOB)).sequence == 1
        assert (await OutboxMail.get(user_id=BOB)).state == "QUEUED"
        assert (await AuditEvent.get(id=UUID(int=40))).mssp_id == MSSP
        touched = await OperationPortal.all().order_by("operation_id")
        assert [(row.operation_id, row.portal_id) for row in touched] == [
            (UUID(int=20), PORTAL),
            (UUID(int=30), PORTAL),
        ]
        await recount.recount([PORTAL])


async def test_an_upgrade_ends_locks_after_15_minutes_but_none_that_had_no_end(blank_db: Database) -> None:
    async with database(blank_db.url):
        await first_version()
        await user(EVE, "eve", Status.LOCKED_OUT)
        await write(sql("UPDATE portal SET lockout_minutes = NULL"))

        await migrate()

        assert (await Portal.get(id=PORTAL)).lockout_minutes == 15
        rows = await PortalUser.all().order_by("id")
        assert [(row.id, row.locked_for_good) for row in rows] == [(ADA, False), (BOB, False), (EVE, True)]


async def test_an_upgrade_adds_the_system_group_and_leaves_portals_open(  # E15
    blank_db: Database,
) -> None:
    async with database(blank_db.url):
        await first_version()

        await migrate()

        groups = GRANTABLE.read(await fetch(Sql(f"SELECT {GRANTABLE.columns} FROM grantable g")))
        assert groups == [catalogue.system_group(PORTAL)]
        users = await PortalUser.all()
        assert [(user.portal_access, user.all_sub_accounts) for user in users] == [(True, False)] * 2
        await recount.recount([PORTAL])
