"""What the mails say, to whom, and that nothing in a name or an address becomes part of a header or a command."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest

from api.mail.rendering import TEMPLATES, Envelope
from models.links.table import LinkRow
from models.mail.table import MailRow, MailState
from rules.mail.kinds import PURPOSES, MailKind
from services.email_addresses import mailbox, named_mailbox
from services.mail.outbox import ClaimedMail, Refused
from tests.support.smtp import letters

NOW = datetime(2026, 3, 1, 9, 0, 1, tzinfo=UTC)
ID = UUID("019ca7d0-5a00-7000-8000-000000000001")
TOKEN = "tHe-_t0ken" * 4
CONTROLS = ["\r", "\n", "\r\n", "\x00", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\u202e"]


def errand(
    kind: MailKind = MailKind.INVITATION,
    *,
    to: str = "ann@acme.test",
    name: str = "Ann Smith",
    portal: str = "Acme",
    support: str | None = "help@msp.test",
) -> ClaimedMail:
    mail = MailRow(
        id=ID,
        portal_id=ID,
        user_id=ID,
        staff_id=None,
        link_id=ID if kind in PURPOSES else None,
        kind=kind,
        recipient=to,
        dedupe_key="",
        state=MailState.QUEUED,
        created_at=NOW - timedelta(seconds=1),
        due_at=NOW,
        attempts=1,
        lease=None,
        finished_at=None,
        problem=None,
        deadline=NOW + timedelta(days=7) if kind is MailKind.IDLE_WARNING else None,
    )
    if kind not in PURPOSES:
        return ClaimedMail(mail, None, None, name, portal, support)
    link = LinkRow(ID, ID, None, PURPOSES[kind], "nonce", "hash", NOW, NOW + timedelta(days=7), None, None)
    return ClaimedMail(mail, link, TOKEN, name, portal, support)


def written(given: ClaimedMail) -> EmailMessage:
    return parsed(letters().write(given, NOW))


def parsed(envelope: Envelope) -> EmailMessage:
    return message_from_bytes(envelope.content, EmailMessage, policy=default)


def body(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found
    return str(found.get_content()).replace("\r\n", "\n")


def words(html: str) -> str:
    """The HTML as it reads."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize(
    ("kind", "page", "subject", "what"),
    [
        (MailKind.INVITATION, "invitation", "Invitation to Acme", "You are invited to Acme."),
        (MailKind.VERIFY_EMAIL, "verify-email", "Confirm your e-mail address for Acme", "your e-mail address at Acme"),
        (MailKind.PASSWORD_RESET, "reset-password", "Set a new password for Acme", "Your password for Acme"),
    ],
)
def test_each_kind_says_what_it_is_why_it_came_where_to_go_until_when_and_whom_to_ask(
    kind: MailKind, page: str, subject: str, what: str
) -> None:  # K2, K8, K24
    message = written(errand(kind))

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
def test_a_notice_says_what_happened_what_to_do_and_whom_to_ask_and_carries_no_link(
    kind: MailKind, subject: str, what: str
) -> None:  # K24, T10
    message = written(errand(kind))

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
    message = written(errand(kind))

    text = [line for line in body(message, "plain").splitlines() if line and "http" not in line]

    assert len(text) == 5 + (kind in PURPOSES) + (kind is MailKind.REGISTRATION_CODE)
    assert [line for line in text if line not in words(body(message, "html")).replace(" ,", ",")] == []


def test_the_headers_say_who_when_and_that_no_person_wrote_it() -> None:
    message = written(errand())

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
    first, second = (letters().write(errand(), NOW + timedelta(hours=n)) for n in range(2))

    assert first.name == second.name == f"2026-03-01T09-00-00Z-{ID}"
    assert parsed(first)["Message-ID"] == parsed(second)["Message-ID"]


def test_nothing_in_a_mail_is_fetched_from_anywhere_or_tells_that_it_was_read() -> None:
    html = body(written(errand()), "html")

    assert re.findall(r"https?://[^\s\"<]+", html) == [f"https://front.test/links/invitation#token={TOKEN}"] * 3
    assert not re.search(r"<(img|link|script|iframe|object|video)|url\(|@import| on\w+=", html)


def test_without_a_name_and_a_support_contact_the_mail_still_reads_well() -> None:
    text = body(written(errand(name="", support=None)), "plain")

    assert text.startswith("Hello,\n")
    assert text.rstrip().endswith("Questions? Ask your service provider.")


def test_every_script_arrives_as_it_was_written_over_servers_that_pass_on_ascii_only() -> None:
    portal = "Ünïversität 東京 Žofie Ķ, " * 4

    envelope = letters().write(errand(portal=portal), NOW)

    message = parsed(envelope)
    assert envelope.content.isascii()
    assert max(len(line) for line in envelope.content.splitlines()) < 100
    assert message["Subject"] == f"Invitation to {portal}".rstrip()
    assert f"You are invited to {portal.rstrip()}." in body(message, "plain")


def test_markup_in_a_name_is_text_in_html() -> None:
    message = written(errand(portal='<b onclick="x">Acme & Co</b>', name="<script>", support="<img src=x>"))

    assert not re.search(r"<(b|script|img)\b", body(message, "html"))
    for shown in ('<b onclick="x">Acme & Co</b>', "<script>", "<img src=x>"):
        assert shown in body(message, "plain")
        assert shown in unescape(body(message, "html"))


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize(
    "spoiled",
    [
        lambda text: errand(portal=text),
        lambda text: errand(name=text),
        lambda text: errand(support=text),
    ],
)
def test_a_control_character_in_a_name_is_a_blank(control: str, spoiled: Callable[[str], ClaimedMail]) -> None:
    message = written(spoiled(f"Acme{control}Bcc: eve@evil.test{control}{control}"))

    assert "Acme Bcc: eve@evil. test" in body(message, "plain").replace("evil.test", "evil. test")
    assert message["Bcc"] is None
    assert str(message["Subject"]) in ("Invitation to Acme", "Invitation to Acme Bcc: eve@evil. test")


@pytest.mark.parametrize("control", [*CONTROLS, " ", "\t", "\ud800"])
@pytest.mark.parametrize("place", ["{}ann@acme.test", "an{}n@acme.test", "ann@ac{}me.test", "ann@acme.test{}"])
def test_an_address_with_a_control_character_is_refused(control: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        letters().write(errand(to=place.format(control)), NOW)

    assert refused.value.problem == "bad-address"
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@acme.test",
        "ann@",
        "ann@acme.test,eve@evil.test",
        "ann,eve@evil.test",
        "Ann <ann@acme.test>",
        "<ann@acme.test>",
        "ann@acme.test> SIZE=1",
        '"a b"@acme.test',
        "a@b@acme.test",
        "ann@[127.0.0.1]",
        "ann@-acme.test",
        "ann@acme..test",
        ".ann@acme.test",
        "ann@" + "a" * 64 + ".test",
        "a" * 250 + "@acme.test",
    ],
)
def test_what_is_not_one_bare_mailbox_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="e-mail address") as refused:
        mailbox(text)

    assert not text or text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "envelope"),
    [
        ("o'brien+tag@acme.test", "o'brien+tag@acme.test"),
        ("ann@localhost", "ann@localhost"),
        ("ann@bücher.test", "ann@xn--bcher-kva.test"),
        ("jürgen@acme.test", "jürgen@acme.test"),
    ],
)
def test_an_unusual_address_is_taken_with_its_domain_in_ascii(text: str, envelope: str) -> None:
    letter = letters().write(errand(to=text), NOW)

    assert letter.recipient == envelope
    assert f"\r\nTo: {envelope}\r\n".encode() in letter.content


def test_a_sender_may_have_a_name() -> None:
    assert named_mailbox("Gate <a@b.test>") == Address("Gate", "a", "b.test")
    assert named_mailbox("a@b.test") == Address("", "a", "b.test")


@pytest.mark.parametrize("text", ["", "Gate", "a@b.test, c@d.test", "Gate\r\nBcc: <a@b.test>", "Gate <a b@c.test>"])
def test_a_sender_is_one_mailbox(text: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        named_mailbox(text)


def test_there_is_a_template_for_each_kind() -> None:
    layouts = {"subject", "letter.txt", "letter.html"}

    assert {file.stem for file in TEMPLATES.glob("*.j2")} - layouts == {kind.lower() for kind in MailKind}
    assert len({written(errand(kind))["Subject"] for kind in MailKind}) == len(MailKind)


def test_templates_are_found_wherever_the_server_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert written(errand())["Subject"] == "Invitation to Acme"


def test_a_letter_does_not_show_its_content_when_it_is_printed() -> None:
    given = errand()
    shown = repr(letters().write(given, NOW)) + repr(given)

    assert TOKEN not in shown
    assert "ann@acme.test" not in shown


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (MailKind.INVITATION, "Bob Admin invites you to Acme."),
        (MailKind.PASSWORD_RESET, "because Bob Admin, who manages"),
        (MailKind.SECOND_FACTOR_CHANGED, "Bob Admin, who manages users of Acme, took away the second factor"),
    ],
)
def test_what_an_admin_causes_names_the_admin_and_the_support_contact(kind: MailKind, told: str) -> None:
    message = written(replace(errand(kind), actor="Bob Admin"))

    for text in (body(message, "plain"), words(body(message, "html"))):
        assert told in text
        assert "write to help@msp.test" in text


def test_names_that_hold_addresses_of_pages_become_no_links() -> None:
    evil = "Sign in at https://evil.example/login or www.evil.example"
    message = written(replace(errand(name=evil, portal=evil), actor=evil))

    for text in (str(message["Subject"]), body(message, "plain"), unescape(body(message, "html"))):
        assert not re.search(r"(://|www\.|\w\.)\S*example", text)
