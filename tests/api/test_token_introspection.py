"""Other services ask which account has an access token, and what the account may reach (RFC 7662)."""

from __future__ import annotations

from datetime import timedelta

from models.tables import PortalUser, UserGrant
from resolvers.core.global_ids import global_id
from rules.grants.kinds import GrantableKind, ModuleAccess
from rules.lifecycle.licenses import UserKind
from tests.api.introspecting import WIKI, serving
from tests.features.listing.counting_statements import statements
from tests.support.granting import entry, grant, system_group
from tests.support.world import Person, TestClock, World


async def set_access(person: Person, **columns: bool) -> None:
    await PortalUser.filter(id=person.id).update(**columns)


async def test_a_service_reads_the_account_of_a_token_and_what_it_may_reach(world: World) -> None:  # E16
    portal = await world.portal("acme")
    bob, system = await world.user(portal), await system_group(portal)
    module, branch, wiki, group = [
        await entry(world, portal, kind, name)
        for kind, name in (
            (GrantableKind.MODULE, "Reports"),
            (GrantableKind.SUB_ACCOUNT, "Branch"),
            (GrantableKind.WORKSPACE, "Wiki"),
            (GrantableKind.GROUP, "Auditors"),
        )
    ]
    role = await entry(world, portal, GrantableKind.APP_ROLE, "Editor", app="Forum")
    await grant(world, bob, module, branch, wiki, group, role, level=ModuleAccess.WRITE)
    token = await world.token(bob)

    async with serving(world, WIKI) as service:
        answer = await service.ask(token)

    claims = world.parts.tokens.verify(token, world.clock.now())
    assert answer == {
        "active": True,
        "token_type": "Bearer",
        "iss": "gatehouse",
        "aud": "gatehouse-api",
        "sub": str(bob.id),
        "sid": str(claims.session_id),
        "jti": str(claims.token_id),
        "exp": int(claims.expires_at.timestamp()),
        "id": bob.gid,
        "role": "PORTAL_USER",
        "portal": {"id": global_id("Portal", portal.id), "slug": "acme"},
        "access": {
            "modules": [{"id": module.gid, "name": "Reports", "access": "WRITE"}],
            "allSubAccounts": False,
            "subAccounts": [{"id": branch.gid, "name": "Branch"}],
            "workspaces": [{"id": wiki.gid, "name": "Wiki"}],
            "groups": [{"id": group.gid, "name": "Auditors"}, {"id": system.gid, "name": "External users"}],
            "appRoles": [{"id": role.gid, "name": "Editor", "app": "Forum"}],
        },
    }


async def test_a_change_of_access_is_seen_at_the_next_request(world: World) -> None:  # E16
    portal = await world.portal()
    bob, wiki = await world.user(portal, kind=UserKind.INTERNAL), await entry(world, portal, GrantableKind.WORKSPACE)
    token = await world.token(bob)

    async with serving(world, WIKI) as service:
        before = await service.ask(token)
        await grant(world, bob, wiki)
        await set_access(bob, all_sub_accounts=True)
        given = await service.ask(token)
        await UserGrant.filter(user_id=bob.id).delete()
        taken = await service.ask(token)
        await set_access(bob, portal_access=False)
        closed = await service.ask(token)

    assert (before["access"]["workspaces"], before["access"]["allSubAccounts"]) == ([], False)
    assert given["access"]["workspaces"] == [{"id": wiki.gid, "name": wiki.name}]
    assert (taken["access"]["workspaces"], taken["access"]["allSubAccounts"]) == ([], True)
    assert closed == {"active": False}  # E19


async def test_staff_have_no_portal_and_no_access(world: World) -> None:
    nora = await world.mssp_admin()

    async with serving(world, WIKI) as service:
        answer = await service.ask(await world.token(nora))

    named = {name: answer[name] for name in ("active", "id", "role", "portal", "access")}
    assert named == {"active": True, "id": nora.gid, "role": "MSSP_ADMIN", "portal": None, "access": None}


async def test_a_token_that_no_longer_holds_is_inactive_and_says_nothing_else(world: World, clock: TestClock) -> None:
    portal, strict = await world.portal(), await world.portal(mfa_required=True)
    bob, eve, kim, must_enroll = [await world.user(place) for place in (portal, portal, portal, strict)]
    tokens = [await world.token(person) for person in (bob, eve, kim, must_enroll)]
    await PortalUser.filter(id=eve.id).update(status="SUSPENDED", category="DISABLED")
    await PortalUser.filter(id=kim.id).delete()

    async with serving(world, WIKI) as service:
        answers = [await service.ask(token) for token in (*tokens[1:], "no token", tokens[0][:-4], "x" * 5000)]
        still = await service.ask(tokens[0])
        clock.advance(timedelta(minutes=16))
        expired = await service.ask(tokens[0])

    assert answers == [{"active": False}] * 6
    assert (still["active"], expired) == (True, {"active": False})


async def test_the_number_of_statements_does_not_grow_with_the_grants(world: World) -> None:
    portal = await world.portal()
    bob = await world.user(portal)
    groups = [await entry(world, portal, GrantableKind.GROUP) for _ in range(20)]
    token = await world.token(bob)

    async with serving(world, WIKI) as service:
        with statements() as few:
            await service.ask(token)
        await grant(world, bob, *groups)
        with statements() as many:
            answer = await service.ask(token)

    assert len(answer["access"]["groups"]) == 21
    assert len(few) == len(many) == 3
