"""Validation of e-mail addresses, and the form of an address in the envelope and the headers of a mail."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.policy import SMTP

from email_validator import EmailNotValidError, validate_email

from rules.messages.edits import FieldMessage
from rules.refusals import Refusal
from rules.text import characters
from rules.text.email_normalization import LONGEST, ascii_domain, reads_as_ascii

# Quoted local parts and IP addresses such as [1.2.3.4] are rare, and parsers disagree about them. Both are refused.
_LOCAL = re.compile(r"[^\s()<>@,;:\\\".\[\]]+(\.[^\s()<>@,;:\\\".\[\]]+)*")
PATH = ("email",)
_DOMAIN = re.compile(r"[a-z0-9](-*[a-z0-9])*(\.[a-z0-9](-*[a-z0-9])*)*")


def validate(text: str) -> str:
    """Return the address in the form that the database stores.

    White space around the address is removed. The domain is converted to lower case and to Unicode. Raise
    Refusal(INVALID_EMAIL) in these cases:

    - `text` is not a valid address, is longer than LONGEST, or contains an invisible character.
    - Unicode normalization would turn a character before the `@` into an ASCII character.
    """
    address = characters.strip_white_space(text)
    if len(address) > LONGEST:
        raise Refusal(FieldMessage.ADDRESS_TOO_LONG, path=PATH, maximum=LONGEST)
    if reads_as_ascii(address.rpartition("@")[0]) or characters.is_invisible_in(address):
        raise Refusal(FieldMessage.ADDRESS_UNCLEAR, path=PATH)
    try:
        found = validate_email(address, strict=True, check_deliverability=False, test_environment=True).normalized
        mailbox(found)
    except EmailNotValidError:
        raise Refusal(FieldMessage.NO_ADDRESS, path=PATH, value=characters.replace_unstorable(address)) from None
    except ValueError:
        raise Refusal(FieldMessage.NOT_MAILED, path=PATH, value=characters.replace_unstorable(address)) from None
    return found


def mailbox(text: str) -> Address:
    """Return the address with an ASCII domain, for an envelope or a header.

    Raise ValueError if `text` is not one address without a display name. The error message does not contain `text`.
    """
    local, _, domain = text.rpartition("@")
    domain = ascii_domain(domain)
    fits = len(local) + 1 + len(domain) <= LONGEST
    if not (text.isprintable() and fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise ValueError("must be one e-mail address, without control characters")
    return Address(username=local, domain=domain)


def named_mailbox(text: str) -> Address:
    """Return the address with an ASCII domain and its display name.

    `text` is `Name <address>` or an address alone. Raise ValueError for any other text.
    """
    found: tuple[Address, ...] = SMTP.header_factory("from", text).addresses if text.isprintable() else ()
    if len(found) != 1:
        raise ValueError("must be one e-mail address, such as Gatehouse <no-reply@example.org>")
    named, bare = found[0], mailbox(found[0].addr_spec)
    return Address(named.display_name, bare.username, bare.domain)


def needs_smtputf8(mailbox: Address) -> bool:
    """Return whether the address can be used only with a mail server that supports SMTPUTF8.

    This is the case if the part before the `@` contains a non-ASCII character.
    """
    return not mailbox.username.isascii()
