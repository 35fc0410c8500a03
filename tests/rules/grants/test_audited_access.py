"""The fields of the audit event about a change of access."""

from __future__ import annotations

from rules.grants.audited_access import MOST_NAMED, audit_changes
from rules.grants.held_access import ChangedAccess, HeldAccess
from rules.grants.kinds import GrantableKind, ModuleAccess
from tests.rules.grants.cases import AnEntry, held

Kind = GrantableKind


def fields(before: HeldAccess, after: HeldAccess, *entries: AnEntry) -> list[tuple[str, str | None, str | None]]:
    changes = audit_changes(ChangedAccess(before, after), {entry.id: entry for entry in entries})
    return [(change["field"], change["before"], change["after"]) for change in changes]


def test_every_field_that_changes_is_named_in_the_order_of_the_type() -> None:
    role = AnEntry("Editor", Kind.APP_ROLE, app="CRM")
    module, account, space, group = (AnEntry(k.value.title(), k) for k in Kind if k is not Kind.APP_ROLE)
    every = (module, account, space, group, role)

    changes = fields(HeldAccess(), held(*every, portal_access=False, all_sub_accounts=True), *every)

    assert changes == [
        ("portalAccess", "true", "false"),
        ("modules", None, "Module (READ)"),
        ("allSubAccounts", "false", "true"),
        ("subAccounts", None, "Sub_Account"),
        ("workspaces", None, "Workspace"),
        ("groups", None, "Group"),
        ("appRoles", None, "CRM: Editor"),
    ]


def test_a_list_names_what_was_lost_and_what_was_got_and_not_what_stayed() -> None:
    stays, lost, got = (AnEntry(name, Kind.GROUP) for name in ("Stays", "Lost", "Got"))

    assert fields(held(stays, lost), held(stays, got), stays, lost, got) == [("groups", "Lost", "Got")]


def test_a_module_has_the_level_before_and_after() -> None:
    reports = AnEntry()

    changes = fields(held(reports), held(reports, level=ModuleAccess.WRITE), reports)

    assert changes == [("modules", "Reports (READ)", "Reports (WRITE)")]


def test_a_long_list_is_cut_and_says_how_much_more_there_is() -> None:
    entries = [AnEntry(f"Group {n:03}", Kind.GROUP) for n in range(MOST_NAMED + 3)]

    (every,) = fields(held(*entries), HeldAccess(), *entries)
    (ten,) = fields(held(*entries[:MOST_NAMED]), HeldAccess(), *entries)

    assert every == ("groups", f"{ten[1]} and 3 more", None)
    assert (ten[1] or "").count(",") == MOST_NAMED - 1
