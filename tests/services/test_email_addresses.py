"""Which e-mail addresses are accepted, and their form in an SMTP envelope."""

from __future__ import annotations

import pytest

from rules.refusals import Code, Refusal
from rules.text.email_normalization import address_key
from services import email_addresses
from services.email_addresses import mailbox, named_mailbox, needs_smtputf8


@pytest.mark.parametrize(
    ("typed", "stored", "mailed"),
    [
        ("Eva@Faß.de", "Eva@faß.de", "Eva@xn--fa-hia.de"),
        ("pia@xn--fa-hia.de", "pia@faß.de", "pia@xn--fa-hia.de"),
        ("ada@βόλος.gr", "ada@βόλος.gr", "ada@xn--nxasmm1c.gr"),
        ("\xa0 ada@acme.test\t\u3000", "ada@acme.test", "ada@acme.test"),
    ],
)
def test_mail_goes_to_the_domain_that_was_typed(typed: str, stored: str, mailed: str) -> None:
    found = email_addresses.validate(typed)

    assert (found, mailbox(found).addr_spec) == (stored, mailed)
    assert address_key(found) == address_key(mailed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "ada@",
        "@acme.test",
        "ada@acme..test",
        "a b@acme.test",
        "ada@acme.test\nbcc: x@acme.test",
        *(f"ada{hidden}@acme.test" for hidden in "\u034f\ufe0f\u3164\u2800\u17b4\u200d\u00ad\u200b"),
        "\ufeffada@acme.test",
        "ada@acme.test\u200b",
        *(f"ada@ac{hidden}me.test" for hidden in "\u00ad\u200b\u200d\ufe0f\u2060"),
        "mi\u212ae@acme.test",
        "a" * 65 + "@acme.test",
        "a@" + "b" * 260 + ".test",
    ],
)
def test_an_address_that_cannot_be_mailed_or_read_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        email_addresses.validate(typed)

    assert refused.value.code is Code.INVALID_EMAIL


def test_only_a_local_part_beyond_ascii_needs_smtputf8() -> None:
    assert needs_smtputf8(mailbox("josé@acme.test"))
    assert not needs_smtputf8(mailbox("jose@faß.de"))


def test_the_sender_s_domain_is_idna2008_too() -> None:
    sender = named_mailbox("Gatehouse <no-reply@faß.de>")

    assert (sender.display_name, sender.addr_spec) == ("Gatehouse", "no-reply@xn--fa-hia.de")
