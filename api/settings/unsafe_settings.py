"""Checks that settings are safe in production.

Each fault is a sentence that begins with the variable's name and says what to set.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from publicsuffixlist import PublicSuffixList
from pydantic import SecretStr
from zxcvbn_rs_py import zxcvbn

from api.core.graphiql_build import is_built
from api.settings.settings import PREFIX, Settings
from api.settings.types import ADVICE

LEAST_GUESSES = 19.0
"""The minimum strength of a secret: the decimal logarithm of the number of guesses that zxcvbn estimates for it.

zxcvbn counts up to 2^64 guesses (10^19.3). A secret of 32 random characters exceeds the minimum.
"""

EXAMINED_CHARACTERS = 72
"""The number of leading characters of a secret that zxcvbn examines."""

TEST_PREFIX = f"{PREFIX}TEST_"
"""The prefix of environment variables that configure the tests. They are not reported as unknown settings."""

_KEYS = ("secret_key", "signing_key", "link_key", "sealing_key", "previous_secret_keys", "metrics_token")


def unknown_variables() -> list[str]:
    """Return the names of environment variables that begin with GATEHOUSE_ and name no setting."""
    known = {_variable(name) for name in Settings.model_fields}
    return sorted(
        name
        for name in os.environ
        if (upper := name.upper()).startswith(PREFIX) and upper not in known and not upper.startswith(TEST_PREFIX)
    )


def misspelt() -> list[str]:
    """Return a sentence for each unknown environment variable that begins with GATEHOUSE_.

    The sentence suggests the setting with the most similar name, if any.
    """
    return [f"{name} names no setting{_nearest(name.upper().removeprefix(PREFIX))}." for name in unknown_variables()]


def faults_of_every_process(settings: Settings) -> list[str]:
    """Return the faults that prevent a server and a mail worker from running in production, as sentences."""
    return [*_keys(settings), *_database(settings.database_url, allows_sqlite=settings.allow_sqlite), *_links(settings)]


def faults_of_the_server(settings: Settings) -> list[str]:
    """Return the faults that prevent a server, but not a mail worker, from running in production, as sentences."""
    return [*_hosts_and_proxies(settings), *_graphiql(settings)]


def _keys(settings: Settings) -> Iterator[str]:
    for name in _KEYS:
        value = getattr(settings, name)
        if any(_is_guessable(key) for key in (value if isinstance(value, tuple) else (value,)) if key is not None):
            yield f"{_variable(name)} holds a key that can be guessed: {ADVICE}."
    if any(_is_guessable(_secret_of(credential)) for credential in settings.service_credentials):
        yield f"{_variable('service_credentials')} holds a secret that can be guessed: {ADVICE}."
    own = (settings.signing_key, settings.link_key, settings.sealing_key)
    signing, links, sealing = ((key or settings.secret_key) for key in own)
    if any(signing == links == sealing == key for key in settings.previous_secret_keys):
        yield f"{_variable('previous_secret_keys')} holds the key that is in use: name other keys only."
    if set(settings.retired_secret_keys) & {signing, links, *settings.previous_secret_keys}:
        yield f"{_variable('retired_secret_keys')} holds a key that is in use or accepted: take it away there."


def _database(url: str, *, allows_sqlite: bool) -> Iterator[str]:
    name = _variable("database_url")
    if url.startswith("sqlite:"):
        if not allows_sqlite:
            yield (
                f"{name} leads to SQLite, which serves one process on one machine: set it to PostgreSQL, or"
                f" {_variable('allow_sqlite')}=true."
            )
    elif any(not _is_this_machine(host) for host in _hosts(url)) and "sslmode" not in parse_qs(urlsplit(url).query):
        yield f"{name} does not say whether TLS is used: end it with ?sslmode=verify-full, or another of libpq's words."


def _links(settings: Settings) -> Iterator[str]:
    if _is_in_the_clear(settings.link_base_url):
        yield f"{_variable('link_base_url')} must begin with https://, because links carry secrets."


def _hosts_and_proxies(settings: Settings) -> Iterator[str]:
    if not settings.allowed_hosts:
        yield f"{_variable('allowed_hosts')} is empty: set it to the names under which the server is reached."
    suffixes = PublicSuffixList()
    for host in settings.allowed_hosts:
        if host.startswith("*.") and suffixes.privatesuffix(host[2:]) is None:
            yield f"{_variable('allowed_hosts')} holds {host}, which takes in other organizations: name your own domain."
    for origin in filter(_is_in_the_clear, settings.allowed_origins):
        yield f"{_variable('allowed_origins')} holds {origin}, which must begin with https://."
    if "trusted_proxies" not in settings.model_fields_set:
        yield (
            f"{_variable('trusted_proxies')} is not set: name the reverse proxies in front, or say none where there is"
            " none."
        )


def _graphiql(settings: Settings) -> Iterator[str]:
    if settings.serves_graphiql and not is_built():
        yield (
            f"{_variable('graphiql')} is true, but this installation lacks the GraphiQL page, and production loads none"
            " from elsewhere: install a wheel that was built where npm is, or set it to false."
        )


def _is_guessable(key: SecretStr) -> bool:
    return bool(zxcvbn(key.get_secret_value()[:EXAMINED_CHARACTERS]).guesses_log10 < LEAST_GUESSES)


def _secret_of(credential: SecretStr) -> SecretStr:
    """Return the secret of a credential `name:secret`."""
    return SecretStr(credential.get_secret_value().partition(":")[2])


def _is_in_the_clear(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and not _is_this_machine(parts.hostname or "")


def _hosts(url: str) -> Iterator[str]:
    """Yield all hosts of a PostgreSQL URL. A path or an empty string means a Unix socket."""
    parts = urlsplit(url)
    places = parts.netloc.rpartition("@")[2].split(",")
    yield from (
        unquote(place.partition("]")[0].lstrip("[") if place[:1] == "[" else place.partition(":")[0])
        for place in places
    )
    yield from (host for listed in parse_qs(parts.query).get("host", []) for host in listed.split(","))


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost") or host.startswith("/")


def _nearest(name: str) -> str:
    known = [field.upper() for field in Settings.model_fields]
    # A common prefix counts more than the edit distance: ENVIRONMENT is nearest to ENV.
    begun = [each for each in known if name.startswith(each) or each.startswith(name)]
    near = begun or difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; the nearest is {PREFIX}{near[0]}" if near else ""


def _variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"
