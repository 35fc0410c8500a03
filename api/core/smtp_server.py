"""The mail server that a URL names."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

LOOKS_LIKE = "must look like smtp://user:password@host:587 or smtps://user:password@host"


class StartTls(StrEnum):
    """Whether a connection that begins in clear is encrypted. OPPORTUNISTIC cannot be asked for: it is the default of
    development without a password."""

    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"
    NEVER = "never"


START_TLS_WORDS = {word.value: word for word in (StartTls.REQUIRED, StartTls.NEVER)}
"""What `?starttls=` takes."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls_at_once: bool = False
    start_tls: StartTls = StartTls.OPPORTUNISTIC

    @classmethod
    def at(cls, url: str, *, in_production: bool = False) -> SmtpServer:
        """Read `smtp://user:password@host:port?starttls=required` or `smtps://…`; ValueError quotes nothing of it.

        Without `?starttls=`, STARTTLS is required with a password and in production, and used where offered otherwise.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or (465 if parts.scheme == "smtps" else 25)
        except ValueError:
            raise ValueError(LOOKS_LIKE) from None
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        said = options.pop("starttls", None)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/") or parts.fragment:
            raise ValueError(LOOKS_LIKE)
        is_unknown = said is not None and (said not in START_TLS_WORDS or parts.scheme == "smtps")
        if options or is_unknown:
            raise ValueError("may end with ?starttls=required or ?starttls=never, where it begins with smtp://")
        if bool(parts.username) != bool(parts.password):
            raise ValueError("must hold both a user and a password, or neither")
        default = StartTls.REQUIRED if parts.password or in_production else StartTls.OPPORTUNISTIC
        return cls(
            host=parts.hostname,
            port=port,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls_at_once=parts.scheme == "smtps",
            start_tls=START_TLS_WORDS[said] if said else default,
        )
