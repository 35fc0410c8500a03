"""The settings: environment variables that begin with GATEHOUSE_. A setting without a safe default has no default."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.core.limits import LEAST_POOL, LONGEST_ACCESS_TOKEN, MOST_CONNECTIONS, MOST_POOL, SHORTEST_SECRET_BYTES
from api.core.smtp_server import SmtpServer
from api.settings import secret_key_file
from api.settings.settings_errors import SettingsError, faults_in
from api.settings.types import (
    ADVICE,
    ByDefault,
    DatabaseUrl,
    Directory,
    HostNames,
    Lifetime,
    Networks,
    Origins,
    Page,
    Secret,
    Secrets,
    Sender,
    ServiceCredentials,
    SmtpUrl,
    Word,
    check_host_of_development,
    file_in_data_dir,
)
from models.db.database import POOL_SIZE

PREFIX = "GATEHOUSE_"


class Settings(BaseSettings):
    """Gatehouse's settings, read from environment variables. In development, `load` adds a secret key from a file.

    `make docs` writes the docstring or description of each field into the README's table.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=True,
    )

    env: Literal["development", "production"] = "development"
    """`development` or `production`. Production has no demo and issues no tokens without a password; its log is JSON."""

    host: Word = "localhost"
    """The address to listen on; `localhost` means 127.0.0.1 and, if this machine has IPv6, ::1."""

    port: int = Field(default=8000, ge=0, le=65535)
    """The port to listen on; `0` means a free port."""

    max_connections: int = Field(default=MOST_CONNECTIONS, ge=1, le=100_000)
    """The maximum number of open connections; one more closes the connection that has waited longest for its client."""

    data_dir: Directory = Path("data")
    """The folder of Gatehouse's files; Gatehouse creates the folder readable by its owner only."""

    database_url: Annotated[DatabaseUrl, ByDefault("a SQLite file in the data folder")] = Field(
        default_factory=file_in_data_dir, repr=False
    )
    """`sqlite:///path/to/file` or `postgres://user:password@host/name`."""

    database_pool_size: int = Field(
        default=POOL_SIZE,
        ge=LEAST_POOL,
        le=MOST_POOL,
        description=f"The maximum number of connections of one process to PostgreSQL, {LEAST_POOL} to {MOST_POOL}; the"
        " sum over all processes must stay below PostgreSQL's `max_connections`.",
    )

    allow_sqlite: bool = False
    """`true` or `false`: whether production is allowed to run on SQLite, which serves one process on one machine."""

    secret_key: Annotated[Secret | None, ByDefault("in development made once and kept in the data folder")] = Field(
        default=None,
        description=f"The secret of at least {SHORTEST_SECRET_BYTES} bytes from which the keys for access tokens, links"
        " and sealed data are derived; required in production.",
    )

    signing_key: Annotated[Secret | None, ByDefault("the secret key")] = None
    """The key that signs access tokens instead of the secret key; it can be changed independently."""

    link_key: Annotated[Secret | None, ByDefault("the secret key")] = None
    """The key that derives the tokens of links and sessions instead of the secret key."""

    sealing_key: Annotated[Secret | None, ByDefault("the secret key")] = None
    """The key that encrypts stored secrets, such as those of authenticator apps, instead of the secret key."""

    previous_secret_keys: Secrets = ()
    """Earlier keys or the next key, separated by white space; they are accepted, but sign and encrypt nothing new."""

    retired_secret_keys: Secrets = ()
    """Earlier keys, separated by white space, that only decrypt secrets and verify the audit log, e.g. leaked keys."""

    issuer: Word = "gatehouse"
    """The `iss` claim of access tokens: their issuer."""

    audience: Word = "gatehouse-api"
    """The `aud` claim of access tokens: the API that accepts them."""

    access_token_lifetime: Lifetime = Field(
        default=LONGEST_ACCESS_TOKEN,
        description=f"The lifetime of an access token, at most {LONGEST_ACCESS_TOKEN // timedelta(minutes=1)} minutes:"
        " seconds such as `600`, or an ISO 8601 duration such as `PT10M`.",
    )

    allowed_hosts: HostNames = ()
    """The host names of the server, separated by white space; requests to other names are refused; required in production."""

    allowed_origins: Origins = ()
    """The origins of frontends in browsers, such as `https://portal.example.org`, separated by white space; in development
    also every origin on this machine."""

    trusted_proxies: Networks = ()
    """The addresses or networks of reverse proxies, separated by white space, or `none`; required in production. The server
    trusts their `X-Forwarded-For` and `X-Forwarded-Proto`."""

    graphiql: Annotated[bool | None, ByDefault("in development only")] = None
    """`true` or `false`: whether the server shows GraphiQL to browsers."""

    introspection: Annotated[bool | None, ByDefault("in development only")] = None
    """`true` or `false`: whether queries can read the schema."""

    metrics_token: Secret | None = Field(
        default=None,
        description=f"The Bearer token of at least {SHORTEST_SECRET_BYTES} bytes that requests for `/metrics` must send;"
        " if it is not set, development answers callers on this machine, and production answers no caller.",
    )

    service_credentials: ServiceCredentials = ()
    """The services that can ask `/introspect` about access tokens, separated by white space, each as `name:secret` with
    a secret as long as a key; without a service, the route does not exist."""

    smtp_url: Annotated[
        SmtpUrl | None, ByDefault("none: mail is written to files in development, and stays queued in production")
    ] = None
    """The mail server: `smtp://user:password@host:587` or `smtps://user:password@host`. STARTTLS with a valid certificate
    is required in production, for a URL with a password, and with `?starttls=required`; not with `?starttls=never`."""

    mail_from: Sender = "Gatehouse <no-reply@localhost>"
    """The sender of mails, `Name <address>`; required in production with a mail server."""

    link_base_url: Page = "http://localhost:5173"
    """The URL of the frontend; links in mails begin with it; required in production with a mail server."""

    mail_worker: Literal["inside", "off"] = "inside"
    """`inside`: the server sends mail; `off`: only `gatehouse worker` sends mail."""

    housekeeping: Literal["inside", "off"] = "inside"
    """`inside`: the server runs the hourly housekeeping; `off`: run `gatehouse housekeeping` every hour instead."""

    tracing: Literal["off", "otlp"] = "off"
    """`otlp`: the server exports an OpenTelemetry span for every GraphQL request, configured by `OTEL_` variables; requires
    the extra `tracing`."""

    @model_validator(mode="after")
    def _development_stays_on_this_machine(self) -> Self:
        if self.env == "development":
            check_host_of_development(self.host, PREFIX)
        return self

    @property
    def lacking(self) -> list[str]:
        """Return a sentence for each missing setting that production requires. Return an empty list in development."""
        if self.env == "development":
            return []
        found = []
        if self.secret_key is None:
            found.append(f"{PREFIX}SECRET_KEY must be set in production; {ADVICE}")
        if self.smtp_url and (missing := sorted({"mail_from", "link_base_url"} - self.model_fields_set)):
            names = " and ".join(f"{PREFIX}{name.upper()}" for name in missing)
            found.append(f"{names} must be set in production with {PREFIX}SMTP_URL")
        return found

    @property
    def serves_graphiql(self) -> bool:
        return self.env == "development" if self.graphiql is None else self.graphiql

    @property
    def serves_introspection(self) -> bool:
        return self.env == "development" if self.introspection is None else self.introspection

    @property
    def smtp_server(self) -> SmtpServer | None:
        """Return the mail server of `smtp_url`, or None if `smtp_url` is not set."""
        url = self.smtp_url and self.smtp_url.get_secret_value()
        return SmtpServer.at(url, in_production=self.env == "production") if url else None

    @property
    def mail_folder(self) -> Path:
        """Return the folder to which Gatehouse writes mails in development, if no mail server is set."""
        return self.data_dir / "mail"

    @property
    def key_file(self) -> Path:
        """Return the path of the file for the secret key that Gatehouse makes in development, if none is set."""
        return self.data_dir / "secret_key"

    @property
    def secret(self) -> bytes:
        """Return the secret key. Raise SettingsError if no secret key is set and `load` has not added one."""
        if self.secret_key is None:
            raise SettingsError(f"{PREFIX}SECRET_KEY is not set")
        return self.secret_key.get_secret_value().encode()


def read(**given: Any) -> Settings:
    """Return the environment's settings. `given` overrides variables. Raise SettingsError if a setting is invalid."""
    try:
        return Settings(**given)
    except ValidationError as error:
        # `from None`: the original error holds the values, and one of them may be a secret.
        raise SettingsError(*faults_in(error, PREFIX)) from None


def load(**given: Any) -> Settings:
    """Read the settings and the secret key. Raise SettingsError if a setting is invalid, or missing in production."""
    if lacking := (settings := read(**given)).lacking:
        raise SettingsError(*lacking)
    return with_files(settings)


def with_files(settings: Settings) -> Settings:
    """Return the settings, completed by the secret key of the key file if none is set.

    Make the data folder and the key file if the settings need them. Raise SettingsError if this is not possible.
    """
    try:
        # With PostgreSQL and a given key no file is needed, and the disk may be read-only.
        if settings.secret_key is None or settings.database_url.startswith("sqlite:"):
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if settings.secret_key is not None:
            return settings
        return settings.model_copy(update={"secret_key": secret_key_file.read_or_make(settings.key_file)})
    except OSError as error:
        raise SettingsError(f"{PREFIX}DATA_DIR: cannot use {settings.data_dir}: {error.strerror}") from error
    except ValueError as problem:
        raise SettingsError(str(problem)) from None
