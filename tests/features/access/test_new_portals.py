"""The catalogue of a new portal (E15, W5)."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import Grantable, Portal
from rules.policies.presets import PolicyPreset
from services.admin import benchmark_data, demo
from services.admin.setup import NewUser, create_mssp, create_portal
from tests.features.administration.administering import administer
from tests.support.world import Ask, World


async def catalogue(slug: str) -> list[tuple[str, str, bool, bool]]:
    portal = await Portal.get(slug=slug)
    rows = await Grantable.filter(portal_id=portal.id).order_by("kind", "name_key")
    return [(row.kind, row.name, row.admin_only, row.is_system) for row in rows]


async def create(ask: Ask, world: World, slug: str, **given: Any) -> None:
    input = {"slug": slug, "name": slug, "firstAdmin": {"email": f"ann@{slug}.test"}, **given}
    payload = await administer(ask, await world.mssp_admin(), "createPortal", "portal { id }", **input)
    assert payload["errors"] == []


SYSTEM = ("GROUP", "External users", False, True)


async def test_a_portal_that_an_mssp_admin_creates_has_the_system_group(world: World, ask: Ask) -> None:  # E15
    await create(ask, world, "acme")

    assert await catalogue("acme") == [SYSTEM]


@pytest.mark.parametrize("preset", PolicyPreset)
async def test_a_customer_account_begins_with_modules_for_admins_only(  # W5
    world: World, ask: Ask, preset: PolicyPreset
) -> None:
    await create(ask, world, "acme", preset=preset.value)

    modules = [("MODULE", name, True, False) for name in ("Payment", "Pricing", "User management")]
    assert await catalogue("acme") == [SYSTEM, *(modules if preset is PolicyPreset.CUSTOMER_ACCOUNT else [])]


async def test_a_portal_that_the_operator_creates_has_the_system_group(world: World) -> None:  # E15
    runtime = world.parts.runtime
    await create_mssp(runtime, "Northwind")

    admin = NewUser("ann@acme.test", "ann@acme.test", first_name="Ann")
    await create_portal(runtime, mssp="Northwind", slug="acme", name="Acme", admin=admin, package=None)

    assert await catalogue("acme") == [SYSTEM]


async def test_the_portals_of_the_demo_and_of_benchmarks_have_the_system_group(world: World) -> None:  # E15
    await demo.load(world.parts.runtime, "a hash")
    await benchmark_data.add_portals(world.parts.runtime, portals=2, users=2, progress=lambda written: None)

    groups = await Grantable.filter(is_system=True)
    portals = await Portal.all()

    assert len(portals) == len(demo.PORTALS) + 2
    assert sorted(group.portal_id for group in groups) == sorted(portal.id for portal in portals)
