"""E-mail addresses: which are accepted, and how they are written in an envelope and a header."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.policy import SMTP

from email_validator import EmailNotValidError, validate_email

from rules.refusals import Code, Refusal
from rules.text import characters
from rules.text.email_domains import LONGEST, ascii_domain, reads_as_ascii

# No quoted local parts and no [1.2.3.4]: they are hardly used, and parsers disagree about them.
_LOCAL = re.compile(r"[^\s()<>@,;:\\\".\[\]]+(\.[^\s()<>@,;:\\\".\[\]]+)*")
_DOMAIN = re.compile(r"[a-z0-9](-*[a-z0-9])*(\.[a-z0-9](-*[a-z0-9])*)*")


def checked(text: str) -> str:
    """Return the address as it is stored: its domain in lower case and in Unicode.

    White space around it is dropped. Raise Refusal(INVALID_EMAIL) if mail could not be sent to it, or if a character in it
    is invisible or looks like one of ASCII.
    """
    address = characters.trimmed(text)
    if len(address) > LONGEST:
        raise _invalid(f"An e-mail address has at most {LONGEST} characters.")
    if reads_as_ascii(address.rpartition("@")[0]) or characters.is_invisible_in(address):
        raise _invalid("The e-mail address holds an invisible character, or one that stands for another. Type it anew.")
    try:
        found = validate_email(address, strict=True, check_deliverability=False, test_environment=True).normalized
        mailbox(found)
    except EmailNotValidError as problem:
        raise _invalid(f"{address!r} is not an e-mail address: {problem}") from None
    except ValueError:
        raise _invalid(f"{address!r} is not an e-mail address that mail servers take.") from None
    return found


def mailbox(text: str) -> Address:
    """Return the address for an envelope or a header, its domain in ASCII.

    Raise ValueError, without quoting the text, for anything but one bare address.
    """
    local, _, domain = text.rpartition("@")
    domain = ascii_domain(domain)
    fits = len(local) + 1 + len(domain) <= LONGEST
    if not (text.isprintable() and fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise ValueError("must be one e-mail address, without control characters")
    return Address(username=local, domain=domain)


def named_mailbox(text: str) -> Address:
    """Return the address, its domain in ASCII, from `Name <address>` or a bare address. Raise ValueError for other text."""
    found: tuple[Address, ...] = SMTP.header_factory("from", text).addresses if text.isprintable() else ()
    if len(found) != 1:
        raise ValueError("must be one e-mail address, such as Gatehouse <no-reply@example.org>")
    named, bare = found[0], mailbox(found[0].addr_spec)
    return Address(named.display_name, bare.username, bare.domain)


def needs_smtputf8(mailbox: Address) -> bool:
    """Return whether only servers with SMTPUTF8 accept the address: its local part is not ASCII."""
    return not mailbox.username.isascii()


def _invalid(message: str) -> Refusal:
    return Refusal(Code.INVALID_EMAIL, message, path=("email",))
