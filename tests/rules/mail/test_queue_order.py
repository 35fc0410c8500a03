"""The order in which queued mail is sent."""

from __future__ import annotations

from rules.mail.kinds import MailKind, urgency
from rules.mail.mail_spec import Urgency
from rules.mail.queue_order import PLACES, places


def test_what_a_person_waits_for_comes_before_bulk_mail() -> None:
    (code,) = places(["acme"], urgency(MailKind.REGISTRATION_CODE), None, {})
    (invitation,) = places(["globex"], urgency(MailKind.INVITATION), None, {})

    assert code < invitation


def test_a_portal_s_mails_stand_behind_each_other() -> None:
    assert places(["acme"] * 3, Urgency.AWAITED, front=7, last={"acme": 9}) == [10, 11, 12]


def test_a_portal_without_mails_begins_at_the_front_of_the_queue() -> None:
    assert places(["globex", "globex"], Urgency.AWAITED, front=7, last={"acme": 3_000}) == [7, 8]


def test_two_portals_alternate() -> None:
    found = places(["acme", "acme", "globex", "globex"], Urgency.BULK, None, {})

    assert found == [PLACES, PLACES + 1, PLACES, PLACES + 1]
