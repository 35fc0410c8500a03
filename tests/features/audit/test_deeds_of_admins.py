"""Changes of portals, staff, license packages and policies are events in the audit log of the MSSP."""

from __future__ import annotations

from models.tables import StaffMember
from resolvers.core.global_ids import global_id
from services.audit_chain import verification
from tests.features.administration.administering import administer, codes, events_of
from tests.features.administration.assigning import assign
from tests.features.administration.changing_staff import invite
from tests.features.administration.test_license_packages import enter
from tests.features.administration.test_portals import ACME
from tests.features.policies.changing import changed
from tests.support.world import Ask, World

DEEDS = [
    "PORTAL_CREATED",
    "PORTAL_UPDATED",
    "POLICY_CHANGED",
    "LICENSE_PACKAGE_CREATED",
    "MSSP_POLICY_CHANGED",
    "STAFF_INVITED",
    "STAFF_ASSIGNED",
    "PORTAL_DELETED",
]


async def test_an_mssp_admin_s_log_has_every_deed_on_the_mssp_and_its_portals(world: World, ask: Ask) -> None:
    nora, ada, foreign = await world.mssp_admin(), await world.mssp_admin(), await world.mssp_admin(await world.mssp())
    portal, gone = await world.portal("north"), await world.portal("gone")
    of_portal, elsewhere = await world.portal_admin(portal), await world.portal_admin(await world.portal("south"))
    tim = await world.technician(portal)
    await StaffMember.all().update(mfa_enrolled=True)

    await administer(ask, nora, "createPortal", "portal { id }", **ACME)
    await administer(ask, nora, "updatePortal", "portal { id }", id=global_id("Portal", portal.id), name="Northern")
    await changed(ask, nora, portal, lockoutMinutes=30)
    await enter(ask, nora, portal)
    await administer(ask, nora, "updateMsspPolicy", "mssp { id }", staffMfaRequired=True)
    await invite(ask, nora, "tom@msp.test")
    await assign(ask, nora, tim, portalIds=[])
    deleted = await administer(
        ask, nora, "deletePortal", "deletedPortalId", id=global_id("Portal", gone.id), confirmSlug="gone"
    )

    assert codes(deleted) == []
    told = [name for name, _ in await events_of(ask, ada) if not name.startswith("USER_")]
    assert told == DEEDS
    assert [name for name, _ in await events_of(ask, of_portal)] == ["POLICY_CHANGED"]
    assert [await events_of(ask, other) for other in (elsewhere, foreign)] == [[], []]
    assert (await verification.check_all(world.parts.runtime)).faults == []
