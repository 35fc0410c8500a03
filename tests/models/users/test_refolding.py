"""After the rules change, folded columns are computed again. Two logins that would become equal are reported, not
merged.
"""

from __future__ import annotations

import pytest

from models.db.sql import sql, write
from models.tables import Portal, PortalUser, StaffMember
from models.users.refolding import LoginsCollide, refold
from tests.features.account.editing import columns
from tests.support.world import Person, World


async def stored_as(person: Person, **old: str | None) -> None:
    """Set the columns of a user to the values that an earlier version stored."""
    assigned = ", ".join(f"{name} = ?" for name in old)
    await write(sql(f"UPDATE portal_user SET {assigned} WHERE id = ?", *old.values(), person.id))


async def refolded(world: World) -> None:
    await world.parts.runtime.transactions.run(refold)


async def test_every_folded_column_is_as_if_stored_today(world: World) -> None:
    await world.portal("acme", name="Łódź Ltd")
    people = [
        await world.user(email="eva@faß.test", username="groß", last_name="Łask"),
        await world.user(email="eva@fass.test", username="gross"),
        await world.user(email=None, username="\u0430nn"),
    ]
    nora = await world.mssp_admin()
    today = [await columns(person) for person in people]
    await stored_as(people[0], email_key="eva@old.test", username_key="old", last_name_sort="łask", search_text="old")
    await stored_as(people[1], email_key="eva@faß.test", username_key="groß")  # what is the first one's by now
    await stored_as(people[2], username_look=None, search_text="")
    await Portal.all().update(name_key="łodz ltd")
    await StaffMember.all().update(email="nora@faß.test", email_key="nora@fass.test")

    await refolded(world)

    assert [await columns(person) for person in people] == today
    assert (await Portal.get(slug="acme")).name_key == "lodz ltd"
    assert (await StaffMember.get(id=nora.id)).email_key == "nora@xn--fa-hia.test"


@pytest.mark.parametrize("column", ["username", "email"])
async def test_logins_that_become_one_are_reported_and_nothing_is_changed(world: World, column: str) -> None:
    await world.portal("acme")
    ann = await world.user(email="ann@acme.test", username="ann")
    eve = await world.user(email="eve@acme.test", username="eve")
    hidden = {"username": "a\u034fnn", "email": "a\u034fnn@acme.test"}[column]
    await stored_as(eve, **{column: hidden, f"{column}_key": hidden})
    before = await PortalUser.all().order_by("id").values()

    with pytest.raises(LoginsCollide) as told:
        await refolded(world)

    assert all(word in str(told.value) for word in ("acme", str(ann.id), str(eve.id), "migrate again"))
    assert await PortalUser.all().order_by("id").values() == before
