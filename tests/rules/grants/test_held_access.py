"""The access of a user before and after a change."""

from __future__ import annotations

import pytest

from rules.grants.held_access import ChangedAccess, HeldAccess
from rules.grants.kinds import GrantableKind, ModuleAccess
from tests.rules.grants.cases import AnEntry, held

MODULE, GROUP = GrantableKind.MODULE, GrantableKind.GROUP


def test_a_new_user_reaches_the_pages_of_the_portal_only() -> None:  # E17
    access = HeldAccess()

    assert (access.portal_access, access.all_sub_accounts) == (True, False)
    assert not any(access.of_kind(kind) for kind in GrantableKind)


def test_the_difference_is_what_is_given_and_what_is_taken() -> None:
    kept, taken, new = (AnEntry(kind=GROUP) for _ in range(3))

    changed = ChangedAccess(held(kept, taken), held(kept, new))

    assert changed.given == {GROUP: {new.id: None}}
    assert changed.taken == {GROUP: {taken.id: None}}
    assert not changed.is_none


def test_another_level_of_a_module_is_given_and_not_taken() -> None:
    reports = AnEntry()

    changed = ChangedAccess(held(reports), held(reports, level=ModuleAccess.WRITE))

    assert (changed.given, changed.taken) == ({MODULE: {reports.id: ModuleAccess.WRITE}}, {})


@pytest.mark.parametrize(
    "after", [HeldAccess(), HeldAccess(grants={}), HeldAccess(grants={MODULE: {}, GROUP: {}})], ids=str
)
def test_a_kind_that_is_empty_or_absent_is_no_change(after: HeldAccess) -> None:
    assert ChangedAccess(HeldAccess(), after).is_none


@pytest.mark.parametrize(
    ("before", "after", "closes"),
    [(True, False, True), (False, False, False), (False, True, False), (True, True, False)],
)
def test_the_portal_is_closed_to_a_user_if_it_was_open_before(before: bool, after: bool, closes: bool) -> None:  # E19
    changed = ChangedAccess(HeldAccess(portal_access=before), HeldAccess(portal_access=after))

    assert changed.closes_portal is closes
    assert changed.is_none is (before is after)
