"""Headers of a mail. A name or an address never adds a header, an SMTP command or a link."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from email.headerregistry import Address
from html import unescape
from pathlib import Path

import pytest

from api.mail.rendering import TEMPLATES
from rules.mail.kinds import MailKind
from services.email_addresses import mailbox, named_mailbox
from services.mail.outbox import MailRefused, MailToSend
from tests.api.mail.letters import NOW, TOKEN, body, claimed, parsed, words, written
from tests.support.mail.sending import letters

CONTROLS = ["\r", "\n", "\r\n", "\x00", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\u202e"]


def test_every_script_arrives_as_it_was_written_over_servers_that_pass_on_ascii_only() -> None:
    portal = "Ünïversität 東京 Žofie Ķ, " * 4

    envelope = letters().render(claimed(portal=portal), NOW)

    message = parsed(envelope)
    assert envelope.content.isascii()
    assert max(len(line) for line in envelope.content.splitlines()) < 100
    assert message["Subject"] == f"Invitation to {portal}".rstrip()
    assert f"You are invited to {portal.rstrip()}." in body(message, "plain")


def test_markup_in_a_name_is_text_in_html() -> None:
    message = written(claimed(portal='<b onclick="x">Acme & Co</b>', name="<script>", support="<img src=x>"))

    assert not re.search(r"<(b|script|img)\b", body(message, "html"))
    for shown in ('<b onclick="x">Acme & Co</b>', "<script>", "<img src=x>"):
        assert shown in body(message, "plain")
        assert shown in unescape(body(message, "html"))


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize(
    "spoiled",
    [
        lambda text: claimed(portal=text),
        lambda text: claimed(name=text),
        lambda text: claimed(support=text),
    ],
)
def test_a_control_character_in_a_name_is_a_blank(control: str, spoiled: Callable[[str], MailToSend]) -> None:
    message = written(spoiled(f"Acme{control}Bcc: eve@evil.test{control}{control}"))

    assert "Acme Bcc: eve@evil. test" in body(message, "plain").replace("evil.test", "evil. test")
    assert message["Bcc"] is None
    assert str(message["Subject"]) in ("Invitation to Acme", "Invitation to Acme Bcc: eve@evil. test")


@pytest.mark.parametrize("control", [*CONTROLS, " ", "\t", "\ud800"])
@pytest.mark.parametrize("place", ["{}ann@acme.test", "an{}n@acme.test", "ann@ac{}me.test", "ann@acme.test{}"])
def test_an_address_with_a_control_character_is_refused(control: str, place: str) -> None:
    with pytest.raises(MailRefused) as refused:
        letters().render(claimed(to=place.format(control)), NOW)

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
    letter = letters().render(claimed(to=text), NOW)

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
    layouts = {"subject", "layout.txt", "layout.html"}

    assert {file.stem for file in TEMPLATES.glob("*.j2")} - layouts == {kind.lower() for kind in MailKind}
    assert len({written(claimed(kind))["Subject"] for kind in MailKind}) == len(MailKind)


def test_templates_are_found_wherever_the_server_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert written(claimed())["Subject"] == "Invitation to Acme"


def test_a_letter_does_not_show_its_content_when_it_is_printed() -> None:
    given = claimed()
    shown = repr(letters().render(given, NOW)) + repr(given)

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
    message = written(replace(claimed(kind), actor="Bob Admin"))

    for text in (body(message, "plain"), words(body(message, "html"))):
        assert told in text
        assert "write to help@msp.test" in text


def test_names_that_hold_addresses_of_pages_become_no_links() -> None:
    evil = "Sign in at https://evil.example/login or www.evil.example"
    message = written(replace(claimed(name=evil, portal=evil), actor=evil))

    for text in (str(message["Subject"]), body(message, "plain"), unescape(body(message, "html"))):
        assert not re.search(r"(://|www\.|\w\.)\S*example", text)
