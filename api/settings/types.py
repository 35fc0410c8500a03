"""The types of the settings, with the validators that reject invalid values."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from api.core.limits import LONGEST_ACCESS_TOKEN, SHORTEST_SECRET_BYTES
from api.core.smtp_server import SmtpServer
from services.email_addresses import named_mailbox


@dataclass(frozen=True, slots=True)
class ByDefault:
    """The default that the README shows for a setting whose default is computed or None."""

    words: str


LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
ADVICE = "make one with: openssl rand -base64 48"


def check_secret(value: SecretStr) -> SecretStr:
    """Return `value`. Raise ValueError if the value is shorter than SHORTEST_SECRET_BYTES or holds white space."""
    text = value.get_secret_value()
    if len(text.encode()) < SHORTEST_SECRET_BYTES:
        raise ValueError(f"must be at least {SHORTEST_SECRET_BYTES} bytes long; {ADVICE}")
    # White space separates the previous keys, and every secret key may become a previous key.
    if text.split() != [text]:
        raise ValueError(f"must not hold white space; {ADVICE}")
    return value


def check_host_of_development(host: str, prefix: str) -> None:
    """Raise ValueError if `host` is neither a loopback address nor localhost.

    `prefix` is the prefix of the settings' variables, for the message.
    """
    if host not in LOOPBACK:
        raise ValueError(
            f"{prefix}HOST: development listens on 127.0.0.1, ::1 or localhost only, because it issues tokens without a"
            f" password; to serve other machines, set {prefix}ENV=production"
        )


def _service_credential(value: SecretStr) -> SecretStr:
    name, _, secret = value.get_secret_value().partition(":")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,50}", name):
        raise ValueError("must be name:secret, with a name of at most 50 letters, digits, points and hyphens")
    check_secret(SecretStr(secret))
    return value


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.isascii() and value.isdigit() and len(value) < 10:
        return timedelta(seconds=int(value))
    if value[:1] != "P":
        raise ValueError("must be seconds such as 600, or an ISO 8601 duration such as PT10M")
    return value


def _short(value: timedelta) -> timedelta:
    if not timedelta(0) < value <= LONGEST_ACCESS_TOKEN or value % timedelta(seconds=1):
        raise ValueError(
            f"must be whole seconds, at least one and at most {LONGEST_ACCESS_TOKEN // timedelta(minutes=1)} minutes"
        )
    return value


def _word(value: str) -> str:
    if value.split() != [value]:
        raise ValueError("must be one word without white space")
    return value


def _absolute_directory(value: Path) -> Path:
    # The default database URL holds this path. In a URL, ? begins the query and # begins the fragment.
    if "?" in str(value) or "#" in str(value):
        raise ValueError("must not hold ? or #")
    return value.absolute()


def _smtp_server(value: SecretStr) -> SecretStr:
    try:
        SmtpServer.at(value.get_secret_value())
    except ValueError as error:
        raise ValueError(str(error)) from None
    return value


def _sender(value: str) -> str:
    named_mailbox(value)
    return value


def _page(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be where the frontend is, such as https://portal.example.org")
    return value.rstrip("/")


def file_in_data_dir(validated: dict[str, Any]) -> str:
    """Return the URL of the default database: a SQLite file in the data folder."""
    return f"sqlite://{validated['data_dir'] / 'gatehouse.sqlite3'}"


def _known_database(value: str) -> str:
    if not value.startswith(("sqlite://", "postgres://", "postgresql://")):
        raise ValueError("must begin with sqlite://, postgres:// or postgresql://")
    return value


def _words(value: object) -> object:
    return value.split() if isinstance(value, str) else value


def _host_names(value: tuple[str, ...]) -> tuple[str, ...]:
    for name in value:
        if not re.fullmatch(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", name):
            raise ValueError("must be host names without port or path, such as api.example.org or *.example.org")
    return tuple(name.lower() for name in value)


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for origin in value:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or origin != f"{parts.scheme}://{parts.netloc}" or "*" in origin:
            raise ValueError("must be origins such as https://portal.example.org, without a path")
    return value


def _networks_or_none(value: object) -> object:
    return () if value == "none" else _words(value)


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for network in value:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise ValueError("must be addresses or networks such as 10.0.0.5 or 10.0.0.0/24, or none") from None
    return value


Secret = Annotated[SecretStr, AfterValidator(check_secret)]
Lifetime = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_short)]
Word = Annotated[str, AfterValidator(_word)]
Sender = Annotated[str, AfterValidator(_sender)]
Page = Annotated[Word, AfterValidator(_page)]
DatabaseUrl = Annotated[str, AfterValidator(_known_database)]
Directory = Annotated[Path, AfterValidator(_absolute_directory)]
SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp_server)]
Secrets = Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(_words)]
ServiceCredentials = Annotated[
    tuple[Annotated[SecretStr, AfterValidator(_service_credential)], ...], NoDecode, BeforeValidator(_words)
]
HostNames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_host_names)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_origins)]
Networks = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_networks_or_none), AfterValidator(_networks)]
