"""Functions for tests that change an audit log by statements that its triggers would refuse, and check the log."""

from __future__ import annotations

import re
from uuid import UUID

from models.db.sql import Sql, fetch, is_postgres, write
from models.tables import AuditEvent
from services.audit_chain import verification
from tests.features.account.editing import update
from tests.features.selections.selecting import act
from tests.support.world import Ask, Person, World

FAULT = re.compile(r"audit log of .+?(, event (?P<id>[0-9a-f-]{36}))?(, number \d+)?: (?P<kind>[A-Z_]+): .+")


DEEDS = ("lockUsers", "unlockUsers", "resetPasswords", "lockUsers")


async def logged(world: World, ask: Ask) -> tuple[list[AuditEvent], Person, Person]:
    """Create a portal with five events: a changed name, and four actions with reason and ticket.

    Return the events, the portal's admin, and the user of the events.
    """
    ann, bob = (
        await world.portal_admin(await world.portal("acme", idle_suspend_days=None)),
        await world.user(first_name="Quincunx"),
    )
    await update(ask, ann, bob, firstName="Zyzzyva")
    for deed in DEEDS:
        await act(ask, deed, ann, {"ids": [bob.gid]}, reason="Bob asked", ticket="INC-Bob")
    return await events(), ann, bob


async def events() -> list[AuditEvent]:
    return await AuditEvent.filter(portal_id__not_isnull=True).order_by("portal_id", "sequence")


async def tamper(*statements: str | Sql) -> None:
    """Drop the triggers that protect the audit log, and run the statements, as the owner of the tables could."""
    await _drop_triggers()
    for statement in statements:
        await write(statement if isinstance(statement, Sql) else Sql(statement))


async def _drop_triggers() -> None:
    if is_postgres():
        found = await fetch(
            Sql(
                "SELECT tgname AS name, tgrelid::regclass::text AS of FROM pg_trigger"
                " WHERE NOT tgisinternal AND tgname LIKE 'audit%'"
            )
        )
        for row in found:
            await write(Sql(f"DROP TRIGGER {row['name']} ON {row['of']}"))
        return
    for row in await fetch(Sql("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'")):
        await write(Sql(f"DROP TRIGGER {row['name']}"))


async def told(world: World) -> list[str]:
    """Return the faults of all chains, as the sentences that the operator reads."""
    return (await verification.check_all(world.parts.runtime)).faults


async def found(world: World) -> list[tuple[str, UUID | None]]:
    """Return the kind of each fault, and the id of the event at which it is."""
    kinds = list[tuple[str, UUID | None]]()
    for line in await told(world):
        match = FAULT.fullmatch(line)
        assert match, line
        kinds.append((match["kind"], UUID(match["id"]) if match["id"] else None))
    return kinds
