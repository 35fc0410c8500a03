"""The mail to the owner of an account that wrong passwords have locked."""

from __future__ import annotations

from models.tables import KnownSource, OutboxMail, PortalUser
from rules.lifecycle.statuses import Status
from tests.features.lockout.guessing import A_DAY, A_LOCK, tried
from tests.support.mail.mailed import mail_to
from tests.support.world import PASSWORD, Ask, Person, TestClock, World


async def mails_of_locks(person: Person) -> int:
    whose = {"staff_id": person.id} if person.is_staff else {"user_id": person.id}
    return await OutboxMail.filter(kind="LOCKED_OUT", **whose).count()


async def test_the_owner_is_mailed_at_the_first_lock_of_a_series_only(
    world: World, ask: Ask, clock: TestClock, bob: Person
) -> None:
    for _ in range(3):
        await tried(ask, bob, times=4)
        clock.advance(A_DAY)

    told = [(mail.kind, mail.recipient) for mail in await mail_to(bob)]

    row = await world.row(bob)
    assert row
    assert told == [("LOCKED_OUT", row.email)]


async def test_the_owner_is_mailed_at_another_series_but_once_a_day(
    world: World, ask: Ask, clock: TestClock, bob: Person
) -> None:
    told = []
    for wait in (A_LOCK, A_DAY, A_LOCK):
        await tried(ask, bob, times=3)
        clock.advance(wait)
        assert await tried(ask, bob, PASSWORD) == "in"
        await KnownSource.all().delete()
        told.append(await mails_of_locks(bob))

    assert told == [1, 1, 2]


async def test_a_member_of_staff_is_mailed_at_the_first_lock_too(world: World, ask: Ask, clock: TestClock) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    await tried(ask, nora, times=9)
    before = await mails_of_locks(nora)

    for _ in range(2):
        await tried(ask, nora, times=10)
        clock.advance(A_LOCK)

    assert (before, await mails_of_locks(nora)) == (0, 1)


async def test_an_address_that_is_not_verified_is_mailed_nothing(world: World, ask: Ask, bob: Person) -> None:
    await PortalUser.filter(id=bob.id).update(email_verified_at=None)

    await tried(ask, bob, times=3)

    assert (await world.status(bob), await mails_of_locks(bob)) == (Status.LOCKED_OUT, 0)
