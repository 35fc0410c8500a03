"""When the next mail to an address is allowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rules.mail.caps import DAY, FOR_ADMINS, FOR_STRANGERS, HOUR, MailCap, free_at

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CAP = MailCap(per_hour=2, per_day=3)


def ago(**units: float) -> datetime:
    return NOON - timedelta(**units)


def test_an_address_that_got_little_may_be_mailed_now() -> None:
    assert free_at([], NOON, CAP) is None
    assert free_at([ago(minutes=1)], NOON, CAP) is None


def test_the_hour_s_share_is_free_again_an_hour_after_the_mail_that_filled_it() -> None:
    assert free_at([ago(minutes=50), ago(minutes=10)], NOON, CAP) == ago(minutes=50) + HOUR
    assert free_at([ago(minutes=50), ago(minutes=20), ago(minutes=10)], NOON, CAP) == ago(minutes=50) + DAY
    assert free_at([ago(hours=1), ago(minutes=10)], NOON, CAP) is None


def test_the_day_s_share_is_free_again_a_day_after_the_mail_that_filled_it() -> None:
    sent = [ago(hours=20), ago(hours=10), ago(hours=5)]

    assert free_at(sent, NOON, CAP) == ago(hours=20) + DAY
    assert free_at([ago(hours=24), *sent[1:]], NOON, CAP) is None


def test_mails_of_a_clock_that_was_ahead_do_not_count() -> None:
    assert free_at([NOON + HOUR, NOON + HOUR], NOON, CAP) is None


def test_strangers_leave_admins_a_share_of_every_hour_and_day() -> None:
    assert FOR_STRANGERS.per_hour < FOR_ADMINS.per_hour
    assert FOR_STRANGERS.per_day < FOR_ADMINS.per_day
