"""The report of `gatehouse config`: every setting with its value, its default and the source of its value.

A value is written in the form that an environment variable takes. The value of a secret is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from api.settings.settings import PREFIX, Settings, load, read
from api.settings.settings_errors import SettingsError
from api.settings.startup_faults import faults
from api.settings.types import file_in_data_dir
from api.settings.unsafe_settings import unknown_variables

HIDDEN = "…"

NEVER_SHOWN = frozenset(
    {
        "secret_key",
        "signing_key",
        "link_key",
        "sealing_key",
        "previous_secret_keys",
        "retired_secret_keys",
        "metrics_token",
        "service_credentials",
    }
)
SHOWN_WITHOUT_PASSWORD = frozenset({"database_url", "smtp_url"})
IN_DEVELOPMENT_ONLY = frozenset({"graphiql", "introspection"})

# _PASSWORD ends at the last @, because a password may hold an unescaped @. _OPTION matches every option of the URL
# except these three, because any other option may be a password.
_PASSWORD = re.compile(r"^([a-z]+://[^:/@]*):.*@", re.DOTALL)
_OPTION = re.compile(r"(?<=[?&])(?!(?:starttls|ssl|sslmode)=)([^=&]*)=[^&]*")


class Source(StrEnum):
    ENVIRONMENT = "environment"
    FILE = "file"
    """A file in the data folder. Gatehouse has written the file."""
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class SettingStatus:
    """One setting in the report.

    - `value`: the value as text. None if the setting has no value or is a secret.
    - `default`: the default as text. None if the setting has no default.
    - `file`: the path of the file that holds the value. None if no file holds it.
    - `fault`: a sentence about the invalid value. None if the value is valid.
    """

    variable: str
    is_set: bool
    value: str | None
    default: str | None
    source: Source
    file: str | None
    fault: str | None

    @property
    def shown(self) -> str:
        """Return the value as `gatehouse config` prints it."""
        return self.value or ("(set, hidden)" if self.is_set else "-")

    @property
    def origin(self) -> str:
        """Return the source of the value, and the default, as `gatehouse config` prints them."""
        if self.fault:
            return f"{self.source}: at fault"
        if self.source is Source.ENVIRONMENT:
            return f"environment, default {self.default or '-'}"
        return f"file {self.file}" if self.file else self.source


@dataclass(frozen=True, slots=True)
class Report:
    """The settings in the order of `Settings`, the faults, and the unknown variables.

    An unknown variable begins with GATEHOUSE_ and names no setting.
    """

    settings: list[SettingStatus]
    faults: list[str]
    unknown: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return the report as a dictionary that can be written as JSON, for scripts."""
        settings = [
            {
                "variable": each.variable,
                "isSet": each.is_set,
                "value": each.value,
                "default": each.default,
                "source": each.source,
                "file": each.file,
                "fault": each.fault,
            }
            for each in self.settings
        ]
        return {"settings": settings, "faults": self.faults, "unknown": self.unknown}


def report() -> Report:
    """Return the report on the settings of the environment. The function writes no file and opens no database."""
    given = EnvSettingsSource(Settings)()
    values = {name: _value(field, given[name]) for name, field in Settings.model_fields.items() if name in given}
    wrong, blamed = _faults()
    return Report(
        settings=[_status(name, given, values, blamed.get(name)) for name in Settings.model_fields],
        faults=wrong,
        unknown=unknown_variables(),
    )


def _faults() -> tuple[list[str], dict[str, str]]:
    """Return a sentence for each fault, and a dict from the name of each faulty setting to one of these sentences."""
    found: list[str] = []
    blamed: dict[str, str] = {}
    # An invalid value prevents the checks between settings. The second round replaces invalid values by their defaults.
    for _ in range(2):
        try:
            new = _unfit(read(**{name: _default(name, {}) for name in blamed}))
        except SettingsError as error:
            new = list(error.faults)
        found += [fault for fault in new if fault not in found]
        blamed = {name: fault for fault in found for name in _named_first(fault)}
    return found, blamed


def _unfit(settings: Settings) -> list[str]:
    found = faults(settings, has_demo=False)
    if not found and settings.secret_key is None and settings.key_file.exists():
        load()  # raises SettingsError if the key in the file cannot be used
    return found


def _named_first(fault: str) -> list[str]:
    return [name for name in Settings.model_fields if re.match(rf"{PREFIX}{name.upper()}\b", fault)]


def _value(field: FieldInfo, given: Any) -> Any:
    """Return the setting's parsed value, or `given` if it cannot be parsed."""
    kind: Any = Annotated[field.annotation, Field(), *field.metadata]
    try:
        return TypeAdapter(kind).validate_python(given)
    except ValidationError:
        return given


def _status(name: str, given: Mapping[str, Any], values: Mapping[str, Any], fault: str | None) -> SettingStatus:
    default = _default(name, values)
    source, file = (Source.ENVIRONMENT if name in given else Source.DEFAULT), None
    value = _folder(values) if name == "data_dir" else values.get(name, default)
    if name == "secret_key" and name not in given and values.get("env", "development") == "development":
        kept = _folder(values) / "secret_key"
        if kept.exists():
            source, file, value = Source.FILE, str(kept), "kept"
    if name == "trusted_proxies" and name in given and value == ():
        value = "none"
    return SettingStatus(
        variable=f"{PREFIX}{name.upper()}",
        is_set=value is not None and value != (),
        value=_written(name, value, is_faulty=fault is not None),
        default=_written(name, default, is_faulty=False),
        source=source,
        file=file,
        fault=fault,
    )


def _default(name: str, values: Mapping[str, Any]) -> Any:
    if name == "database_url":
        return file_in_data_dir({"data_dir": _folder(values)})
    if name in IN_DEVELOPMENT_ONLY:
        return values.get("env", "development") == "development"
    return Settings.model_fields[name].default


def _folder(values: Mapping[str, Any]) -> Any:
    return _value(Settings.model_fields["data_dir"], values.get("data_dir", Settings.model_fields["data_dir"].default))


def _written(name: str, value: Any, *, is_faulty: bool) -> str | None:
    if value is None or value == () or name in NEVER_SHOWN:
        return None
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if name in SHOWN_WITHOUT_PASSWORD:
        # A malformed URL is not shown, because the password may be anywhere in it.
        return None if is_faulty else _OPTION.sub(rf"\1={HIDDEN}", _PASSWORD.sub(rf"\1:{HIDDEN}@", value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return str(TypeAdapter(timedelta).dump_python(value, mode="json"))
    return " ".join(value) if isinstance(value, tuple) else str(value)
