"""The number of statements of a bulk action: the same for a thousand users as for one."""

from __future__ import annotations

from rules.lifecycle.statuses import Status
from tests.features.listing.counting_statements import statements
from tests.features.sessions.refreshing import refreshed
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import gids, reasons, sign_in

NAMES = [
    "changeRoles",
    "changeAccess",
    "lockUsers",
    "unlockUsers",
    "deactivateUsers",
    "activateUsers",
    "revokeSessions",
    "deleteUsers",
]


async def test_a_bulk_of_one_and_of_a_thousand_take_the_same_statements(world: World, ask: Ask) -> None:  # K3, K12
    portals = [await world.portal(), await world.portal()]
    people = [person for portal in portals for person in await world.users(501, portal)]
    one, thousand = [people[0]], people[2:]
    nora = await world.mssp_admin()
    await ask("{ viewer { id } }", actor=nora)

    for name in NAMES:
        counts = []
        for targets in (one, thousand):
            with statements() as sent:
                payload = await ask.act(name, nora, ids=gids(targets))
            assert set(reasons(payload)) == {None}
            counts.append(len(sent))
        assert counts[0] == counts[1], name
    assert await world.status(thousand[-1]) is None


async def test_a_bulk_over_one_portal_and_over_fifteen_take_the_same_statements(world: World, ask: Ask) -> None:
    people = [person for _ in range(15) for person in await world.users(2, await world.portal())]
    nora = await world.mssp_admin()
    await ask("{ viewer { id } }", actor=nora)

    with statements() as over_one:
        one = await ask.act("lockUsers", nora, *people[:2])
    with statements() as over_all:
        every = await ask.act("unlockUsers", nora, people[0], *people[2:])

    assert (len(one["licenseTiles"]), len(every["licenseTiles"])) == (2, 16)
    assert len(over_one) >= len(over_all)


async def test_refusals_take_no_more_statements_than_changes(world: World, ask: Ask) -> None:
    nora, people = await world.mssp_admin(), await world.users(40)
    staged = await world.users(300, status=Status.STAGED)
    await ask("{ viewer { id } }", actor=nora)

    with statements() as of_changes:
        await ask.act("lockUsers", nora, *people)
    with statements() as of_both:
        await ask.act("unlockUsers", nora, *people, *staged, *staged, *(f"absent-{n}" for n in range(300)))

    assert len(of_both) <= len(of_changes)


async def test_indistinguishable_sign_ins_take_the_same_statements(world: World, ask: Ask) -> None:
    right = await world.user(await world.portal("acme"), password=PASSWORD)
    locked_out = await world.user(status=Status.LOCKED_OUT, password=PASSWORD)
    suspended = await world.user(status=Status.SUSPENDED, password=PASSWORD)
    tries: list[tuple[str, str, str | None]] = [
        (right.login, "wrong", "acme"),
        (locked_out.login, PASSWORD, "acme"),
        (suspended.login, "wrong", "acme"),
        ("absent", PASSWORD, "acme"),
        (right.login, PASSWORD, "no-portal"),
        ("absent", PASSWORD, None),
    ]
    counts = []
    for each in tries:
        await sign_in(ask, *each)  # writes the audit event of the hour, as a lock is written: while the refusal waits

    for each in tries:
        with statements() as sent:
            payload = await sign_in(ask, *each)
        assert payload["errors"]
        counts.append(len(sent))

    # The account, the network's count, how the account stands, the attempt, the failure (two), how the account stands
    # then.
    assert counts == [7] * len(tries)


async def test_a_known_source_s_network_limit_takes_one_statement(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    assert bob.portal
    slug = bob.portal.slug
    await sign_in(ask, bob.login, PASSWORD, slug)
    await world.parts.runtime.transactions.wait_until_idle()

    with statements() as known:
        assert (await sign_in(ask, bob.login, PASSWORD, slug))["session"]
        await world.parts.runtime.transactions.wait_until_idle()

    assert len([text for text in known if "limited_tries" in text]) == 1


async def test_a_sign_in_from_a_known_source_takes_14_statements_and_a_refresh_two(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    assert bob.portal
    slug = bob.portal.slug
    await sign_in(ask, bob.login, PASSWORD, slug)
    await world.parts.runtime.transactions.wait_until_idle()

    with statements() as of_sign_in:
        session = (await sign_in(ask, bob.login, PASSWORD, slug))["session"]
    with statements() as of_refresh:
        viewer = (await refreshed(ask, session["refreshToken"]))["viewer"]

    assert viewer == {"id": bob.gid}
    # The account, the network's count, the attempt (two), the account locked, the session, the user, older sessions, the
    # source, the actor, the attempt's success, the audit event (three: its chain locked, the event, the chain's head).
    assert len(of_sign_in) == 14
    # The session and its account, locked, and the rotation. The answer shows the row that the first statement read.
    assert len(of_refresh) == 2
