"""The mail server of GATEHOUSE_SMTP_URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

LOOKS_LIKE = "must look like smtp://user:password@host:587 or smtps://user:password@host"


class StartTls(StrEnum):
    """Whether a connection that begins without TLS is then encrypted by STARTTLS.

    - OPPORTUNISTIC: if the server offers STARTTLS. The default in development for a URL without a password.
    - REQUIRED: always. Otherwise no mail is sent.
    - NEVER: not even if the server offers STARTTLS.
    """

    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"
    NEVER = "never"


START_TLS_WORDS = {word.value: word for word in (StartTls.REQUIRED, StartTls.NEVER)}
"""Maps each value of the option `starttls` of an SMTP URL to the member of StartTls."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The address, the account and the encryption of a mail server.

    `tls_at_once` states whether the connection begins with TLS.
    """

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls_at_once: bool = False
    start_tls: StartTls = StartTls.OPPORTUNISTIC

    @classmethod
    def at(cls, url: str, *, in_production: bool = False) -> SmtpServer:
        """Return the mail server that the URL describes.

        The URL is `smtp://user:password@host:port?starttls=required` or `smtps://user:password@host:port`. Only the
        scheme and the host are required. Without the option `starttls`, STARTTLS is required in production and for a
        URL with a password, otherwise opportunistic. Raise ValueError if `url` is invalid. The message quotes no part
        of `url`.
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
