"""Changes of access: the requested change, its faults, and the access after the change."""

from __future__ import annotations

import pytest

from rules.grants.access_changes import (
    LIST_FIELDS,
    AccessChange,
    RequestedGrant,
    ResolvedAccess,
    resolve_access,
    unknown_entry_faults,
)
from rules.grants.held_access import HeldAccess
from rules.grants.kinds import MOST_GRANTED, GrantableKind, ModuleAccess
from rules.refusals import Code
from tests.rules.cases import an_id
from tests.rules.grants.cases import HOME, AnEntry, asked, given, held

Kind = GrantableKind
REPORTS, SALES, CREW = AnEntry(), AnEntry("Sales"), AnEntry("Crew", Kind.GROUP)


def test_what_is_absent_stays() -> None:
    access = held(REPORTS, CREW, portal_access=False, all_sub_accounts=True)

    assert ResolvedAccess().afterwards(access) == access


@pytest.mark.parametrize("kind", Kind)
def test_a_given_list_replaces_all_of_its_kind_and_no_other(kind: Kind) -> None:  # K4, W2, E18
    one, other = AnEntry("One", kind), AnEntry("Other", kind)
    rest = [AnEntry(each.value, each) for each in Kind if each is not kind]

    after = given(other).afterwards(held(one, *rest))

    assert after == held(*rest, other)


def test_an_empty_list_takes_all_of_its_kind() -> None:
    change = resolve_access(AccessChange(lists=((Kind.GROUP, ()),)), {})

    assert not change.afterwards(held(CREW, REPORTS)).of_kind(Kind.GROUP)


def test_a_module_at_the_level_none_is_not_held() -> None:
    change = given(REPORTS, level=ModuleAccess.NONE)

    assert change.afterwards(held(REPORTS, SALES)) == HeldAccess(grants={Kind.MODULE: {}})


def test_the_system_group_is_named_in_vain() -> None:
    external = AnEntry("External users", Kind.GROUP, is_system=True)

    change = given(CREW, external)

    assert change.lists == {Kind.GROUP: {CREW.id: None}}
    assert change.field_outside(HOME) is None


def test_an_admin_only_module_is_noticed_unless_its_level_is_none() -> None:  # W6
    pricing = AnEntry("Pricing", admin_only=True)

    assert [given(pricing, REPORTS, level=level).has_admin_only for level in ModuleAccess] == [False, True, True]
    assert not given(REPORTS).has_admin_only


@pytest.mark.parametrize("level", ModuleAccess)
def test_an_entry_of_another_portal_is_outside_whatever_its_level(level: ModuleAccess) -> None:
    foreign = AnEntry(portal_id=an_id())

    change = given(CREW, foreign, level=level)

    assert (change.field_outside(HOME), change.field_outside(foreign.portal_id)) == ("modules", "groupIds")


def test_an_id_of_no_entry_is_outside_each_portal() -> None:
    change = resolve_access(asked(REPORTS, CREW), {REPORTS.id: REPORTS})

    assert change.field_outside(HOME) == "groupIds"


@pytest.mark.parametrize("kind", Kind)
def test_an_unknown_id_is_not_found_at_its_place(kind: Kind) -> None:
    entry, inside = AnEntry(kind=kind), ("moduleId",) if kind is Kind.MODULE else ()
    change = AccessChange(lists=((kind, (RequestedGrant(entry.id), RequestedGrant(None), RequestedGrant(an_id()))),))

    faults = list(unknown_entry_faults(change, {entry.id: entry}))

    assert [(fault.code, fault.path) for fault in faults] == [
        (Code.NOT_FOUND, (LIST_FIELDS[kind], place, *inside)) for place in ("1", "2")
    ]


def test_an_entry_of_another_kind_is_not_found() -> None:
    change = AccessChange(lists=((Kind.WORKSPACE, (RequestedGrant(CREW.id),)),))

    (fault,) = unknown_entry_faults(change, {CREW.id: CREW})

    assert (fault.code, fault.path) == (Code.NOT_FOUND, ("workspaceIds", "0"))


@pytest.mark.parametrize("kind", Kind)
def test_a_list_has_a_bound(kind: Kind) -> None:
    most = AccessChange(lists=((kind, tuple(RequestedGrant(an_id()) for _ in range(MOST_GRANTED))),))
    more = AccessChange(lists=((kind, tuple(RequestedGrant(an_id()) for _ in range(MOST_GRANTED + 1))),))

    (fault,) = more.faults()

    assert list(most.faults()) == []
    assert (fault.code, fault.path, fault.params["maximum"]) == (Code.INVALID_INPUT, (LIST_FIELDS[kind],), "100")


def test_a_module_named_twice_is_a_fault_and_a_group_named_twice_is_none() -> None:
    twice = AccessChange(
        lists=(
            (
                Kind.MODULE,
                (RequestedGrant(None, ModuleAccess.READ),) * 2 + (RequestedGrant(REPORTS.id, ModuleAccess.READ),) * 2,
            ),
            (Kind.GROUP, (RequestedGrant(CREW.id),) * 2),
        )
    )

    (fault,) = twice.faults()

    assert (fault.code, fault.path) == (Code.INVALID_INPUT, ("modules", "3", "moduleId"))
