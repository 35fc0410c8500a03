"""Dry runs, previews and repeated calls of changeAccess."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import AuditEvent, UserGrant
from rules.grants.kinds import GrantableKind
from tests.features.access.changes.changing import NOTHING, access_to, change, held
from tests.features.listing.counting_statements import statements
from tests.features.selections.selecting import codes, decisions, errors, matching, previewed
from tests.support.databases.stored import OF_A_DRY_RUN, everything
from tests.support.granting import Entry, entry, grant
from tests.support.world import Ask, Person, World
from tests.support.world.answers import reason, reasons

Kind = GrantableKind


async def place(world: World) -> tuple[Person, Person, Entry, Entry]:
    """Return a portal admin, a user of the portal, and two groups of the portal."""
    portal = await world.portal()
    groups = [await entry(world, portal, Kind.GROUP, name) for name in ("Crew", "Guests")]
    return await world.portal_admin(portal), await world.user(), groups[0], groups[1]


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(world: World, ask: Ask) -> None:
    ann, bob, crew, _ = await place(world)
    assert ann.portal
    pricing = await entry(world, ann.portal, Kind.MODULE, admin_only=True)
    await ask("{ viewer { id } }", actor=ann)
    before = await everything(OF_A_DRY_RUN)

    dry = await change(ask, ann, bob, ann, access=access_to(crew), dryRun=True)
    refused = await change(ask, ann, bob, access=access_to(pricing), dryRun=True)
    unchanged = await everything(OF_A_DRY_RUN)
    real = await change(ask, ann, bob, ann, access=access_to(crew))

    assert unchanged == before
    assert reason(refused) == "ADMIN_ONLY_MODULE"
    assert decisions(dry) == decisions(real)
    assert dry["operation"]["state"] == "PREVIEW"


@pytest.mark.parametrize("other", ["another group", "no group", "a copy", "another field"])
async def test_the_run_of_a_preview_gives_the_access_of_the_preview_only(world: World, ask: Ask, other: str) -> None:
    ann, bob, crew, guests = await place(world)
    changed: dict[str, dict[str, Any]] = {
        "another group": {"access": access_to(crew, guests)},
        "no group": {"access": {"groupIds": []}},
        "a copy": {"copy": ann},
        "another field": {"access": access_to(crew, allSubAccounts=False)},
    }
    dry = await change(ask, ann, bob, access=access_to(crew), dryRun=True)

    refused = await change(ask, ann, users=previewed(dry), **changed[other])
    run = await change(ask, ann, users=previewed(dry), access=access_to(crew), onlyIfUnchanged=True)

    assert errors(refused) == [("INVALID_INPUT", ["input", "access"])]
    assert (codes(run), reasons(run)) == ([], [None])
    assert await held(world, bob) == {**NOTHING, "GROUP": ["Crew"]}


async def test_a_run_that_would_differ_from_its_preview_is_refused_on_request(world: World, ask: Ask) -> None:
    ann, bob, crew, _ = await place(world)
    dry = await change(ask, ann, bob, access=access_to(crew), dryRun=True)
    await grant(world, bob, crew)

    refused = await change(ask, ann, users=previewed(dry), access=access_to(crew), onlyIfUnchanged=True)
    run = await change(ask, ann, users=previewed(dry), access=access_to(crew))

    assert codes(refused) == ["SELECTION_CHANGED"]
    assert reason(run) == "ALREADY_IN_STATE"


async def test_a_copy_of_a_preview_is_what_the_other_user_has_at_the_run(world: World, ask: Ask) -> None:
    ann, bob, crew, guests = await place(world)
    source = await world.user()
    await grant(world, source, crew)
    dry = await change(ask, ann, bob, copy=source, dryRun=True)
    await change(ask, ann, source, access=access_to(guests))

    await change(ask, ann, users=previewed(dry), copy=source)

    assert await held(world, bob) == {**NOTHING, "GROUP": ["Guests"]}


async def test_a_repeated_key_replays_one_access_and_refuses_another(world: World, ask: Ask) -> None:
    ann, bob, crew, guests = await place(world)
    once: dict[str, Any] = {"idempotencyKey": "a click"}

    first = await change(ask, ann, bob, access=access_to(crew), **once)
    again = await change(ask, ann, bob, access=access_to(crew), **once)
    other = await change(ask, ann, bob, access=access_to(guests), **once)
    copy = await change(ask, ann, bob, copy=ann, **once)

    assert (first["replayed"], again["replayed"], reason(again)) == (False, True, None)
    assert (codes(other), codes(copy)) == (["IDEMPOTENCY_KEY_REUSED"], ["IDEMPOTENCY_KEY_REUSED"])
    assert await AuditEvent.filter(user_id=bob.id).count() == 1


async def test_users_are_selected_by_condition_as_for_every_action(world: World, ask: Ask) -> None:
    ann, bob, crew, _ = await place(world)
    eve = await world.user()

    payload = await change(ask, ann, users=matching(2, filter={"roleIn": ["PORTAL_USER"]}), access=access_to(crew))

    assert reasons(payload) == [None, None]
    assert [await held(world, each) for each in (bob, eve)] == [{**NOTHING, "GROUP": ["Crew"]}] * 2


async def test_one_user_and_a_thousand_take_the_same_statements(world: World, ask: Ask) -> None:  # K3
    portal, nora = await world.portal(), await world.mssp_admin()
    one, *thousand = await world.users(1001, portal)
    groups = [await entry(world, portal, Kind.GROUP, f"Group {n}") for n in range(4)]
    await ask("{ viewer { id } }", actor=nora)

    for access in (access_to(*groups[:2]), access_to(*groups[2:], portalAccess=False), {"portalAccess": True}):
        counts = []
        for targets in ([one], thousand):
            with statements() as sent:
                payload = await change(ask, nora, *targets, access=access)
            assert set(reasons(payload)) == {None}
            counts.append(len(sent))
        assert counts[0] == counts[1], access
    assert await UserGrant.all().count() == 2 * 1001
