"""The table of the kinds of mail (MAIL_KINDS): it has one row for each kind, and the rows are complete."""

from __future__ import annotations

from models.portals.table import PortalRow
from rules.auth.link_purposes import Purpose
from rules.mail.kinds import MAIL_KINDS, PURPOSES, MailKind, template
from rules.mail.mail_spec import StillHolds
from rules.mail.validity import CHECKS
from tests.support.processes.commands import ROOT


def test_every_kind_has_a_row() -> None:
    assert set(MAIL_KINDS) == set(MailKind)


def test_every_check_that_a_row_may_name_is_written() -> None:
    assert set(CHECKS) == set(StillHolds)


def test_each_link_opens_a_page_of_its_own_and_the_code_opens_none() -> None:
    pages = [MAIL_KINDS[kind].page for kind in PURPOSES if kind is not MailKind.REGISTRATION_CODE]

    assert all(pages)
    assert len(set(pages)) == len(pages)
    assert MAIL_KINDS[MailKind.REGISTRATION_CODE].page is None


def test_no_two_kinds_carry_a_link_for_one_purpose() -> None:
    assert len(set(PURPOSES.values())) == len(PURPOSES)
    assert set(PURPOSES.values()) < set(Purpose)


def test_each_kind_has_a_template_of_its_name() -> None:
    templates = {path.name for path in (ROOT / "api" / "mail" / "templates").iterdir()}

    assert {template(kind) for kind in MailKind} == templates - {"subject.j2", "layout.html.j2", "layout.txt.j2"}


def test_a_kind_has_a_lifetime_if_it_carries_a_link_or_code() -> None:
    lifetimes = {kind: spec.lifetime for kind, spec in MAIL_KINDS.items() if spec.lifetime}

    assert set(lifetimes) == set(PURPOSES)
    assert {lifetime.setting for lifetime in lifetimes.values()} <= set(PortalRow._fields)
