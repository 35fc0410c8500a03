"""The kinds of mail: one row for each."""

from __future__ import annotations

from rules.auth.link_purposes import Purpose
from rules.mail.kinds import MAIL_KINDS, PURPOSES, MailKind, StillHolds
from rules.mail.validity import CHECKS


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
