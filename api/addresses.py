"""E-mail addresses as they may stand in an envelope and in a header: one mailbox, and nothing that ends a line."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.policy import SMTP

# No quoted local parts and no [1.2.3.4]: nobody has them, and parsers disagree about them.
_LOCAL = re.compile(r"[^\s()<>@,;:\\\".\[\]]+(\.[^\s()<>@,;:\\\".\[\]]+)*")
_DOMAIN = re.compile(r"[a-z0-9](-*[a-z0-9])*(\.[a-z0-9](-*[a-z0-9])*)*", re.IGNORECASE)
_LONGEST = 254  # RFC 5321, less its angle brackets


def mailbox(text: str) -> Address:
    """The address, its domain in ASCII; ValueError, which does not quote it, for anything but one bare mailbox."""
    local, _, domain = text.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("an e-mail address has a domain") from None
    fits = len(local) + 1 + len(domain) <= _LONGEST
    if not (text.isprintable() and fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise ValueError("must be one e-mail address, without control characters")
    return Address(username=local, domain=domain)


def named_mailbox(text: str) -> Address:
    """The same for `Name <address>` or a bare address."""
    found: tuple[Address, ...] = SMTP.header_factory("from", text).addresses if text.isprintable() else ()
    if len(found) != 1:
        raise ValueError("must be one e-mail address, such as Gatehouse <no-reply@example.org>")
    named, bare = found[0], mailbox(found[0].addr_spec)
    return Address(named.display_name, bare.username, bare.domain)
