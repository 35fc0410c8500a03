"""The contents and the recipients of mails."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from rules.mail.kinds import PURPOSES, MailKind
from tests.api.mail.letters import ID, NOW, TOKEN, body, claimed, parsed, words, written
from tests.support.mail.sending import letters


@pytest.mark.parametrize(
    ("kind", "page", "subject", "what"),
    [
        (MailKind.INVITATION, "invitation", "Invitation to Acme", "You are invited to Acme."),
        (MailKind.VERIFY_EMAIL, "verify-email", "Confirm your e-mail address for Acme", "your e-mail address at Acme"),
        (MailKind.PASSWORD_RESET, "reset-password", "Set a new password for Acme", "Your password for Acme"),
    ],
)
def test_each_kind_says_what_it_is_why_it_came_its_link_its_end_and_the_contact(
    kind: MailKind, page: str, subject: str, what: str
) -> None:  # K2, K8, K24
    message = written(claimed(kind))

    link = f"https://front.test/links/{page}#token={TOKEN}"
    assert message["Subject"] == subject
    for text in (body(message, "plain"), words(body(message, "html"))):
        assert "Hello Ann Smith," in text
        assert what in text
        assert "You get this mail because" in text
        assert link in text
        assert "The link works once, until 8 March 2026, 09:00 UTC." in text
        assert "Questions? Ask help@msp.test." in text
    assert f'<a href="{link}"' in body(message, "html")


@pytest.mark.parametrize(
    ("kind", "subject", "what"),
    [
        (MailKind.PASSWORD_CHANGED, "Your password for Acme was changed", "If it was not you, ask for help at once"),
        (MailKind.EMAIL_CHANGE_STARTED, "Your e-mail address at Acme is to be changed", "to be taken back"),
        (
            MailKind.LOCKED_OUT,
            "Too many failed sign-ins to your account at Acme",
            "set a new password where you sign in",
        ),
        (MailKind.IDLE_WARNING, "Sign in to Acme to keep your access", "Sign in before 8 March 2026, 09:00 UTC"),
    ],
)
def test_a_notice_says_what_happened_what_to_do_and_the_contact_without_a_link(
    kind: MailKind, subject: str, what: str
) -> None:  # K24, T10
    message = written(claimed(kind))

    assert message["Subject"] == subject
    for text in (body(message, "plain"), words(body(message, "html"))):
        assert "Hello Ann Smith," in text
        assert what in text
        assert "You get this mail because" in text
        assert "Questions? Ask help@msp.test." in text
        assert "http" not in text
    assert "<a " not in body(message, "html")


@pytest.mark.parametrize("kind", MailKind)
def test_text_and_html_say_the_same(kind: MailKind) -> None:
    message = written(claimed(kind))

    text = [line for line in body(message, "plain").splitlines() if line and "http" not in line]

    assert len(text) == 5 + (kind in PURPOSES) + (kind is MailKind.REGISTRATION_CODE)
    assert [line for line in text if line not in words(body(message, "html")).replace(" ,", ",")] == []


def test_the_headers_say_who_when_and_that_no_person_wrote_it() -> None:
    message = written(claimed())

    assert {name: str(value) for name, value in message.items() if name != "Content-Type"} == {
        "From": "Gatehouse <gate@msp.test>",
        "To": "ann@acme.test",
        "Subject": "Invitation to Acme",
        "Date": "Sun, 01 Mar 2026 09:00:01 +0000",
        "Message-ID": f"<{ID}@msp.test>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
    }
    assert message.get_content_type() == "multipart/alternative"


def test_a_letter_written_again_later_has_the_same_name_and_message_id() -> None:
    first, second = (letters().render(claimed(), NOW + timedelta(hours=n)) for n in range(2))

    assert first.name == second.name == f"2026-03-01T09-00-00Z-{ID}"
    assert parsed(first)["Message-ID"] == parsed(second)["Message-ID"]


def test_nothing_in_a_mail_is_fetched_from_anywhere_or_tells_that_it_was_read() -> None:
    html = body(written(claimed()), "html")

    assert re.findall(r"https?://[^\s\"<]+", html) == [f"https://front.test/links/invitation#token={TOKEN}"] * 3
    assert not re.search(r"<(img|link|script|iframe|object|video)|url\(|@import| on\w+=", html)


def test_without_a_name_and_a_support_contact_the_mail_still_reads_well() -> None:
    text = body(written(claimed(name="", support=None)), "plain")

    assert text.startswith("Hello,\n")
    assert text.rstrip().endswith("Questions? Ask your service provider.")
