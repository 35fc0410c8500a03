"""Setting up a new system: providers, staff, and portals with their first admin and package."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import LicensePackage, Mssp, Portal, PortalUser, StaffMember
from rules.access import Role
from rules.lifecycle.licenses import UserKind
from rules.refusals import Code, Refusal
from services.admin import setup
from services.admin.doctor import find_wrong_values
from services.admin.setup import NewPackage, NewUser
from tests.support.world import PASSWORD, Ask, World, hashed
from tests.support.world.answers import counts, seats, sign_in

TILES = "{ licenseTiles { seatsTotal seatsUsed seatsAvailable tiles { kind count } } }"


def first_admin(**given: Any) -> NewUser:
    names = {"username": "ann@acme.test", "email": "ann@acme.test", "first_name": "Ann"}
    return NewUser(**{**names, "password_hash": hashed(PASSWORD), **given})


async def a_portal(world: World, **given: Any) -> Any:
    usual = {
        "mssp": "Northwind",
        "slug": "acme",
        "name": "Acme",
        "admin": first_admin(),
        "package": NewPackage("Team", 5),
    }
    return await setup.create_portal(world.parts.runtime, **{**usual, **given})


async def a_member(world: World, role: Role = Role.MSSP_ADMIN, **given: Any) -> Any:
    usual = {"mssp": "Northwind", "email": "nora@northwind.test", "name": "Nora", "portals": ()}
    return await setup.create_staff(
        world.parts.runtime, **{**usual, "role": role, "password_hash": hashed(PASSWORD), **given}
    )


async def refused(call: Any) -> Code:
    with pytest.raises(Refusal) as no:
        await call
    assert no.value.message
    return no.value.code


@pytest.fixture
async def northwind(world: World) -> None:
    await setup.create_mssp(world.parts.runtime, " Northwind ")


@pytest.mark.usefixtures("northwind")
async def test_a_team_sets_up_a_system_that_works(world: World, ask: Ask) -> None:  # L1, L2
    await a_member(world)
    await a_portal(world, support="help@northwind.test")

    ann = (await sign_in(ask, "ann@acme.test", PASSWORD, "acme"))["session"]["accessToken"]
    nora = (await sign_in(ask, "nora@northwind.test", PASSWORD))["session"]["accessToken"]
    tiles = [(await ask(TILES, token=token)).data["licenseTiles"] for token in (ann, nora)]
    assert [seats(t) for t in tiles] == [(5, 0, 5)] * 2
    assert [counts(t)["ACTIVE_USERS"] for t in tiles] == [1, 1]
    assert await find_wrong_values(world.parts.runtime) == []


@pytest.mark.usefixtures("northwind")
async def test_the_first_account_of_a_portal_is_its_admin_and_holds_no_seat(world: World) -> None:  # W1
    await a_portal(world, admin=first_admin(kind=UserKind.EXTERNAL, role=Role.PORTAL_USER))

    ann = await PortalUser.get(username="ann@acme.test")
    assert (ann.role, ann.kind, ann.holds_seat, ann.status) == ("PORTAL_ADMIN", "INTERNAL", False, "ACTIVE")


@pytest.mark.usefixtures("northwind")
async def test_a_portal_may_begin_without_a_package(world: World) -> None:
    await a_portal(world, package=None)

    assert not await LicensePackage.exists()


@pytest.mark.usefixtures("northwind")
async def test_a_technician_is_assigned_to_the_portals_named(world: World, ask: Ask) -> None:  # L1
    for slug in ("acme", "globex", "initech"):
        await a_portal(world, slug=slug)
    await a_member(world, Role.MSSP_TECHNICIAN, portals=("acme", "initech"))

    token = (await sign_in(ask, "nora@northwind.test", PASSWORD))["session"]["accessToken"]

    portals = (await ask("{ portals { nodes { slug } } }", token=token)).data["portals"]["nodes"]
    assert {portal["slug"] for portal in portals} == {"acme", "initech"}


@pytest.mark.parametrize("name", ["Northwind", " Northwind", "", "  "])
@pytest.mark.usefixtures("northwind")
async def test_a_provider_has_a_name_of_its_own(world: World, name: str) -> None:
    assert await refused(setup.create_mssp(world.parts.runtime, name)) is Code.INVALID_INPUT
    assert await Mssp.all().count() == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"mssp": "Southwind"}, Code.NOT_FOUND),
        *(({"slug": slug}, Code.INVALID_INPUT) for slug in ("", "-a", "a-", "a b", "é", "a" * 64, "a\nb")),
        *(({"name": name}, Code.INVALID_INPUT) for name in (" ", "\u200b", "a\r\nBcc: b", "a\u202eb", "a" * 201)),
        *(({"support": text}, Code.INVALID_INPUT) for text in ("a\r\nBcc: b", "a" * 201)),
        *(({"package": NewPackage("Team", n)}, Code.INVALID_INPUT) for n in (0, -1, 2**31)),
        ({"package": NewPackage(" ", 5)}, Code.INVALID_INPUT),
        *(
            ({"admin": first_admin(email=e)}, Code.INVALID_EMAIL)
            for e in (None, "", "ann", "a@b@c.test", "a@b.test\nx")
        ),
        *(({"admin": first_admin(first_name=name)}, Code.INVALID_INPUT) for name in (" ", "a\nb", "a" * 101)),
        *(({"admin": first_admin(last_name=name)}, Code.INVALID_INPUT) for name in ("a\nb", "a" * 101)),
    ],
)
@pytest.mark.usefixtures("northwind")
async def test_a_portal_that_cannot_be_is_refused_and_nothing_of_it_is_left(
    world: World, given: dict[str, Any], code: Code
) -> None:
    assert await refused(a_portal(world, **given)) is code
    assert not await Portal.exists()
    assert not await PortalUser.exists()


@pytest.mark.usefixtures("northwind")
async def test_a_slug_belongs_to_one_portal_of_all_mssps(world: World) -> None:
    await setup.create_mssp(world.parts.runtime, "Contoso")
    await a_portal(world)

    assert await refused(a_portal(world, mssp="Contoso")) is Code.INVALID_INPUT
    assert await Portal.all().count() == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"mssp": "Southwind"}, Code.NOT_FOUND),
        ({"email": "nora"}, Code.INVALID_EMAIL),
        *(({"name": name}, Code.INVALID_INPUT) for name in ("", "\u3164", "a\r\nb", "a" * 201)),
        ({"portals": ("acme",)}, Code.INVALID_INPUT),
        ({"role": Role.MSSP_TECHNICIAN, "portals": ("acme", "umbra", "no-such")}, Code.NOT_FOUND),
    ],
)
@pytest.mark.usefixtures("northwind")
async def test_staff_who_cannot_be_are_refused(world: World, given: dict[str, Any], code: Code) -> None:
    await setup.create_mssp(world.parts.runtime, "Contoso")
    await a_portal(world)
    await a_portal(world, mssp="Contoso", slug="umbra")

    assert await refused(a_member(world, **given)) is code
    assert not await StaffMember.exists()


@pytest.mark.usefixtures("northwind")
async def test_an_address_belongs_to_one_member_of_staff_whatever_its_case(world: World) -> None:  # T4
    await a_member(world)

    assert await refused(a_member(world, email="NORA@Northwind.Test")) is Code.EMAIL_TAKEN
