"""What an operator can set: environment variables that start with GATEHOUSE_, each with a default where one is safe."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.core.credential_limits import LONGEST_ACCESS_TOKEN
from api.core.smtp_server import SmtpServer
from api.settings import secret_key_file
from api.settings.types import (
    ADVICE,
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
    SmtpUrl,
    Word,
    file_in_data_dir,
)
from models.db.database import POOL_SIZE

PREFIX = "GATEHOUSE_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SettingsError(ValueError):
    """The settings cannot be used; the message is one line, names each variable at fault and quotes no secret."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class Settings(BaseSettings):
    """The settings as given; nothing is read or written on disk until `load`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=True,
    )

    env: Literal["development", "production"] = "development"
    """In production nothing secret is made up: what has no safe default must be given."""

    host: Word = "127.0.0.1"
    """The address to listen on."""

    port: int = Field(default=8000, ge=0, le=65535)
    """The port to listen on; 0 takes a free one."""

    max_connections: int = Field(default=512, ge=1, le=100_000)
    """The most connections that are open at once, idle ones included; beyond it the one that has waited longest for its
    client is closed."""

    data_dir: Directory = Path("data")
    """Where the default database and a generated secret key are kept; created for its owner only."""

    database_url: DatabaseUrl = Field(default_factory=file_in_data_dir, repr=False)
    """`sqlite:///absolute/path`, or `postgres://user:password@host:port/name`; by default a SQLite file in data_dir."""

    database_pool_size: int = Field(default=POOL_SIZE, ge=2, le=200)
    """Connections to PostgreSQL that each server keeps at most; the sum over all servers stays below max_connections."""

    allow_sqlite: bool = False
    """Whether production may run on SQLite, which serves one process on one machine."""

    secret_key: Secret | None = None
    """At least 32 bytes from which each purpose's key is derived; in development made and kept in data_dir."""

    signing_key: Secret | None = None
    """Signs access tokens in place of secret_key, so that one can be changed without the other."""

    link_key: Secret | None = None
    """Derives the tokens of links and sessions in place of secret_key."""

    sealing_key: Secret | None = None
    """Seals what is stored to be read again, and keys digests, in place of secret_key."""

    previous_secret_keys: Secrets = ()
    """Other keys, separated by white space, accepted for everything and used for nothing new: earlier ones, or the next."""

    retired_secret_keys: Secrets = ()
    """Earlier keys, separated by white space, that only open what they sealed: a key that leaked belongs here."""

    issuer: Word = "gatehouse"
    """The `iss` of access tokens: who issued them."""

    audience: Word = "gatehouse-api"
    """The `aud` of access tokens: whom they are for."""

    access_token_lifetime: Lifetime = LONGEST_ACCESS_TOKEN
    """How long an access token is good for, at most 15 minutes: seconds such as 600, or a duration such as PT10M."""

    allowed_hosts: HostNames = ()
    """The names under which the server is reached, separated by white space; must be given in production."""

    allowed_origins: Origins = ()
    """Where frontends are served from that call from a browser, such as https://portal.example.org, separated by white
    space; in development every origin on this machine may too."""

    trusted_proxies: Networks = ()
    """Networks of reverse proxies whose X-Forwarded-For and -Proto are believed; in production given, or `none`."""

    graphiql: bool | None = None
    """Whether browsers get GraphiQL; by default in development only."""

    introspection: bool | None = None
    """Whether the schema can be asked for; by default in development only."""

    metrics_token: Secret | None = None
    """What a scraper of /metrics sends as Bearer token; without one only development answers, on this machine."""

    smtp_url: SmtpUrl | None = None
    """The mail server: `smtp://user:password@host:587` or `smtps://user:password@host`. STARTTLS with a checked
    certificate is required with a password and in production; `?starttls=never` turns it off, `?starttls=required` asks
    for it elsewhere. Without a server, mails go to files in data_dir in development, and wait in production."""

    mail_from: Sender = "Gatehouse <no-reply@localhost>"
    """The sender of mails, `Name <address>`; must be given in production where there is a mail server."""

    link_base_url: Page = "http://127.0.0.1:5173"
    """Where the frontend's pages for links in mails begin; must be given in production where there is a mail server."""

    mail_worker: Literal["inside", "off"] = "inside"
    """Whether the server sends mail itself; with `off`, `gatehouse worker` has to."""

    housekeeping: Literal["inside", "off"] = "inside"
    """Whether the server does every hour what only time brings about; with `off`, `gatehouse housekeeping` has to be run."""

    tracing: Literal["off", "otlp"] = "off"
    """With `otlp`, a span for every GraphQL request goes to where OpenTelemetry's own OTEL_ variables say."""

    @model_validator(mode="after")
    def _development_stays_on_this_machine(self) -> Self:
        if self.env == "development" and self.host not in LOOPBACK:
            raise ValueError(
                f"{PREFIX}HOST: development, with its open doors, listens on 127.0.0.1, ::1 or localhost only;"
                f" to be reached from elsewhere, set {PREFIX}ENV=production"
            )
        return self

    @property
    def lacking(self) -> list[str]:
        """What every command needs in production because nothing is made up there; empty when all is given."""
        if self.env == "development":
            return []
        found = []
        if self.secret_key is None:
            found.append(f"{PREFIX}SECRET_KEY must be given in production; {ADVICE}")
        missing = sorted({"mail_from", "link_base_url"} - self.model_fields_set)
        if self.smtp_url is not None and missing:
            names = " and ".join(f"{PREFIX}{name.upper()}" for name in missing)
            found.append(f"{names} must be given in production where {PREFIX}SMTP_URL is")
        return found

    @property
    def serves_graphiql(self) -> bool:
        return self.env == "development" if self.graphiql is None else self.graphiql

    @property
    def serves_introspection(self) -> bool:
        return self.env == "development" if self.introspection is None else self.introspection

    @property
    def smtp_server(self) -> SmtpServer | None:
        """The mail server; None when none is set."""
        if self.smtp_url is None:
            return None
        return SmtpServer.at(self.smtp_url.get_secret_value(), in_production=self.env == "production")

    @property
    def mail_folder(self) -> Path:
        """Where mails go in development when there is no mail server."""
        return self.data_dir / "mail"

    @property
    def key_file(self) -> Path:
        """Where development keeps the secret key that it made."""
        return self.data_dir / "secret_key"

    @property
    def secret(self) -> bytes:
        """The secret key; SettingsError when none was given and these settings did not come from `load`."""
        if self.secret_key is None:
            raise SettingsError(f"{PREFIX}SECRET_KEY is not set")
        return self.secret_key.get_secret_value().encode()


def read(**given: Any) -> Settings:
    """The environment's settings (`given` wins), with nothing looked at on disk; SettingsError says what is wrong."""
    try:
        return Settings(**given)
    except ValidationError as error:
        # `from None`: the original names the values, and one of them may be a secret.
        raise SettingsError(*_told(error)) from None


def load(**given: Any) -> Settings:
    """As `read`, with what the settings need on disk; in production SettingsError also names what is lacking."""
    if lacking := (settings := read(**given)).lacking:
        raise SettingsError(*lacking)
    return with_files(settings)


def with_files(settings: Settings) -> Settings:
    """The settings with the kept secret key, made where it has to be; SettingsError where the disk is in the way."""
    try:
        return _with_files(settings)
    except OSError as error:
        raise SettingsError(f"{PREFIX}DATA_DIR: cannot use {settings.data_dir}: {error.strerror}") from error


def _told(error: ValidationError) -> list[str]:
    return [
        _fault(each["loc"], each["msg"])
        for each in error.errors()
        # A default that hangs on a setting at fault: that setting is told.
        if each["type"] != "default_factory_not_called"
    ]


def _fault(location: tuple[int | str, ...], message: str) -> str:
    message = " ".join(message.removeprefix("Value error, ").split())
    return f"{PREFIX}{str(location[0]).upper()}: {message}" if location else message


def _with_files(settings: Settings) -> Settings:
    # With PostgreSQL and a given key nothing is kept on disk, and the disk may be read-only.
    if settings.secret_key is None or settings.database_url.startswith("sqlite:"):
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.secret_key is not None:
        return settings
    try:
        return settings.model_copy(update={"secret_key": secret_key_file.kept(settings.key_file)})
    except ValueError as problem:
        raise SettingsError(str(problem)) from None
