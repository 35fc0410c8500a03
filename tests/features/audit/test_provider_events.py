"""The audit log of a provider: events about its staff, and events that commands of the operator record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from models.tables import LicensePackage, Mssp, StaffMember
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.audit_events import ProviderEvent, schema_name
from rules.auth.lockout import STAFF_LOCKOUT, STAFF_LOCKOUT_THRESHOLD
from services.admin import setup, staff_second_factors
from tests.features.account.own_account import NEW_PASSWORD, call, forgot, link_of, reset
from tests.features.mfa.enrolling import REGENERATE, enrolled
from tests.features.mfa.test_second_factors import DISABLE
from tests.services.admin.test_setup import a_member, a_portal
from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import sign_in

LOG = """{ auditLog { totalCount nodes {
  id event userId actorName actor { id } portal { id } user { id } operation { id } changes { field before after }
} } }"""
OFF, ON = ("mfaEnrolled", "true", "false"), ("mfaEnrolled", "false", "true")


async def log(ask: Ask, viewer: Person) -> list[Any]:
    """Return the events that the viewer sees, oldest first."""
    found = (await ask(LOG, actor=viewer)).data["auditLog"]
    assert found["totalCount"] == len(found["nodes"])
    return list(reversed(found["nodes"]))


async def guessed(ask: Ask, person: Person, times: int = STAFF_LOCKOUT_THRESHOLD) -> None:
    for _ in range(times):
        await sign_in(ask, person.login, "not the password")


async def enroll(world: World, ask: Ask, nora: Person) -> None:
    await enrolled(world, ask, nora)


async def disable(world: World, ask: Ask, nora: Person) -> None:
    await enrolled(world, ask, nora)
    await ask(DISABLE, actor=nora, p=PASSWORD)


async def replace_codes(world: World, ask: Ask, nora: Person) -> None:
    await enrolled(world, ask, nora)
    await ask(REGENERATE, actor=nora, p=PASSWORD)


async def lose(world: World, ask: Ask, nora: Person) -> None:
    await enrolled(world, ask, nora)
    await staff_second_factors.reset_for_staff(world.parts.runtime, nora.login)


async def change_password(world: World, ask: Ask, nora: Person) -> None:
    await call(ask, "changePassword", actor=nora, currentPassword=PASSWORD, newPassword=NEW_PASSWORD)


async def reset_password(world: World, ask: Ask, nora: Person) -> None:
    await forgot(ask, None, nora.login)
    await reset(ask, await link_of(world, nora))


async def guess(world: World, ask: Ask, nora: Person) -> None:
    await guessed(ask, nora)


@pytest.mark.parametrize(
    ("deed", "event", "changes", "is_own"),
    [
        (enroll, ProviderEvent.STAFF_MFA_ENROLLED, [ON], True),
        (disable, ProviderEvent.STAFF_MFA_DISABLED, [OFF], True),
        (replace_codes, ProviderEvent.STAFF_RECOVERY_CODES_REPLACED, [], True),
        (lose, ProviderEvent.STAFF_MFA_RESET, [OFF], False),
        (change_password, ProviderEvent.STAFF_PASSWORD_SET, [], True),
        (reset_password, ProviderEvent.STAFF_PASSWORD_SET, [], True),
        (guess, ProviderEvent.STAFF_LOCKED_OUT, [], False),
    ],
)
async def test_what_happens_to_staff_is_in_the_log_for_admins_of_their_mssp_alone(
    world: World,
    ask: Ask,
    deed: Callable[[World, Ask, Person], Awaitable[None]],
    event: ProviderEvent,
    changes: list[tuple[str, str, str]],
    is_own: bool,
) -> None:  # L3
    portal, foreign = await world.portal(), await world.mssp()
    nora, ada = await world.mssp_admin(password=PASSWORD), await world.mssp_admin()
    others = [await world.technician(portal), await world.portal_admin(portal), await world.mssp_admin(foreign)]

    await deed(world, ask, nora)

    written = (await log(ask, ada))[-1]
    id = written.pop("id")
    subject = {"field": "staffMember", "before": nora.gid, "after": nora.gid}
    assert written == {
        **{"event": schema_name(event), "userId": None, "user": None, "portal": None, "operation": None},
        **{"actorName": f"Staff {nora.login}" if is_own else "System", "actor": {"id": nora.gid} if is_own else None},
        "changes": [subject, *({"field": f, "before": before, "after": after} for f, before, after in changes)],
    }
    for other in others:
        assert await log(ask, other) == []
        assert (await ask("query ($id: ID!) { node(id: $id) { id } }", actor=other, id=id)).data == {"node": None}


async def test_a_lock_of_staff_is_written_once_until_they_are_in_again(world: World, ask: Ask) -> None:
    nora, ada = await world.mssp_admin(password=PASSWORD), await world.mssp_admin()

    for _ in range(2):
        await guessed(ask, nora)
        world.clock.advance(STAFF_LOCKOUT + timedelta(seconds=1))
    told = [event["event"] for event in await log(ask, ada)]
    assert (await sign_in(ask, nora.login, PASSWORD))["session"]
    await guessed(ask, nora)

    assert told.count("STAFF_LOCKED_OUT") == 1
    assert [event["event"] for event in await log(ask, ada)].count("STAFF_LOCKED_OUT") == 2


async def test_what_the_command_line_sets_up_is_in_both_logs(world: World, ask: Ask) -> None:
    with capture_logs() as lines:
        await setup.create_mssp(world.parts.runtime, "Northwind")
        nora_id, portal_id = await a_member(world), await a_portal(world)
        tim_id = await a_member(world, Role.MSSP_TECHNICIAN, email="tim@northwind.test", portals=["acme"])

    nora = Person(nora_id, "StaffMember", (await StaffMember.get(id=nora_id)).email)
    others = [await world.portal_admin(), await world.mssp_admin(), await world.mssp_admin(await world.mssp())]
    written = await log(ask, nora)
    assert [(event["event"], event["actor"], event["actorName"]) for event in written] == [
        (event, None, "System")
        for event in (
            "MSSP_CREATED",
            "STAFF_CREATED",
            "PORTAL_CREATED",
            "LICENSE_PACKAGE_CREATED",
            "USER_ADDED",
            "STAFF_CREATED",
        )
    ]
    package_id, portal = (await LicensePackage.get(portal_id=portal_id)).id, global_id("Portal", portal_id)
    assert [{change["field"]: change["after"] for change in event["changes"]} for event in written] == [
        {},
        {"staffMember": nora.gid, "staffRole": "MSSP_ADMIN"},
        {"portal": portal, "slug": "acme", "name": "Acme"},
        {"portal": portal, "licensePackage": global_id("LicensePackage", package_id), "name": "Team", "seats": "5"},
        {"status": "ACTIVE"},
        {"staffMember": global_id("StaffMember", tim_id), "staffRole": "MSSP_TECHNICIAN", "portals": portal},
    ]
    for other in others:
        assert await log(ask, other) == []
    mssp_id = str((await Mssp.get(name="Northwind")).id)
    told = [line for line in lines if line["event"] == "security.command_run"]
    assert [(line["what"], line["mssp_id"]) for line in told] == [
        ("mssp.created", mssp_id),
        ("staff.created", mssp_id),
        ("portal.created", mssp_id),
        ("staff.created", mssp_id),
    ]
