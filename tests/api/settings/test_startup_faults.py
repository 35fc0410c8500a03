"""The faults that prevent a server from starting in production."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from api.core.graphiql_build import is_built
from api.settings import unsafe_settings
from api.settings.settings import Settings
from api.settings.startup_faults import faults
from tests.api.settings.serving import production
from tests.support.processes.commands import MIGRATIONS, Shell

COMMANDS = ("serve", "migrate", "worker")


def test_production_with_everything_set_has_no_fault() -> None:
    assert faults(production(), has_demo=False) == []


def test_every_fault_is_named_at_once_with_what_to_set() -> None:
    found = faults(production(allowed_hosts=(), secret_key=None, smtp_url="smtp://mail.example"), has_demo=True)

    named = [re.findall(r"GATEHOUSE_\w+", fault)[0] for fault in found]
    assert named == [
        "GATEHOUSE_SECRET_KEY",
        "GATEHOUSE_LINK_BASE_URL",
        "GATEHOUSE_ALLOWED_HOSTS",
        "GATEHOUSE_DATABASE_URL",
    ]


def test_a_server_unfit_for_production_lists_all_faults_and_does_not_start(tmp_path: Path) -> None:
    shell = Shell({"data_dir": tmp_path / "data"})
    shell("migrate")
    shell("demo")

    result = shell("serve", env="production")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "Not fit for production:",
        "- GATEHOUSE_SECRET_KEY must be set in production; make one with: openssl rand -base64 48.",
        "- GATEHOUSE_DATABASE_URL leads to SQLite, which serves one process on one machine: set it to PostgreSQL, or"
        " GATEHOUSE_ALLOW_SQLITE=true.",
        "- GATEHOUSE_ALLOWED_HOSTS is empty: set it to the names under which the server is reached.",
        "- GATEHOUSE_TRUSTED_PROXIES is not set: name the reverse proxies in front, or say none where there is none.",
        "- The database holds the demo, whose passwords are public: set GATEHOUSE_DATABASE_URL to another one.",
    ]


def test_a_database_that_cannot_be_asked_is_listed_with_the_rest(tmp_path: Path) -> None:
    result = Shell({"data_dir": tmp_path})("serve", env="production", database_url=f"sqlite://{tmp_path}/new")

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == f"- The database lacks {', '.join(MIGRATIONS)}. Run: gatehouse migrate"
    assert result.stderr.count("\n- ") == 5


def test_a_key_that_development_made_is_not_used_in_production(tmp_path: Path) -> None:
    shell = Shell({"data_dir": tmp_path / "data"})
    shell("migrate")

    result = shell("serve", env="production", allowed_hosts="api.example.org")

    assert (tmp_path / "data" / "secret_key").exists()
    assert (result.exit_code, "GATEHOUSE_SECRET_KEY must be set" in result.stderr) == (1, True)


SAFE = "qX7vR2mK9sT4wZ8bN3cF6hJ1dL5gP0yA"

OTHER = "Zt5uW1xE8rB4nM7kV2jH9fD3sQ6pL0oC"

DISTANT = "postgres://gate:house@db.internal/gatehouse"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"secret_key": "a" * 32}, "GATEHOUSE_SECRET_KEY holds a key that can be guessed"),
        ({"secret_key": "change-me-" * 4}, "GATEHOUSE_SECRET_KEY holds a key that can be guessed"),
        ({"secret_key": "0123456789abcdef" * 2}, "GATEHOUSE_SECRET_KEY holds a key that can be guessed"),
        ({"signing_key": "ab" * 16}, "GATEHOUSE_SIGNING_KEY holds a key that can be guessed"),
        ({"link_key": "ab" * 16}, "GATEHOUSE_LINK_KEY holds a key that can be guessed"),
        ({"sealing_key": "ab" * 16}, "GATEHOUSE_SEALING_KEY holds a key that can be guessed"),
        (
            {"service_credentials": "wiki:" + "ab" * 16},
            "GATEHOUSE_SERVICE_CREDENTIALS holds a secret that can be guessed",
        ),
        ({"metrics_token": "ab" * 16}, "GATEHOUSE_METRICS_TOKEN holds a key that can be guessed"),
        ({"previous_secret_keys": f"{OTHER} {'a' * 32}"}, "GATEHOUSE_PREVIOUS_SECRET_KEYS holds a key that can be"),
        ({"previous_secret_keys": SAFE}, "GATEHOUSE_PREVIOUS_SECRET_KEYS holds the key that is in use"),
        ({"retired_secret_keys": SAFE}, "GATEHOUSE_RETIRED_SECRET_KEYS holds a key that is in use or accepted"),
        (
            {"retired_secret_keys": OTHER, "previous_secret_keys": OTHER},
            "GATEHOUSE_RETIRED_SECRET_KEYS holds a key that is in use or accepted",
        ),
        ({"link_base_url": "http://portal.example.org"}, "GATEHOUSE_LINK_BASE_URL must begin with https://"),
        ({"allowed_origins": "https://a.example http://b.example"}, "GATEHOUSE_ALLOWED_ORIGINS holds http://b.example"),
        ({"allow_sqlite": False}, "GATEHOUSE_DATABASE_URL leads to SQLite"),
        ({"database_url": DISTANT}, "GATEHOUSE_DATABASE_URL does not say whether TLS is used"),
        ({"database_url": "postgres:///x?host=/run,db.internal"}, "GATEHOUSE_DATABASE_URL does not say whether TLS"),
        ({"database_url": "postgres://a@127.0.0.1,db.internal:1/x"}, "GATEHOUSE_DATABASE_URL does not say whether"),
        ({"allowed_hosts": "api.example.org *.com"}, "GATEHOUSE_ALLOWED_HOSTS holds *.com"),
        ({"allowed_hosts": "*.co.uk"}, "GATEHOUSE_ALLOWED_HOSTS holds *.co.uk"),
    ],
)
def test_what_is_unsafe_in_production_is_a_fault_that_names_its_setting(given: dict[str, Any], told: str) -> None:
    (fault,) = faults(production(**{"secret_key": SAFE, **given}), has_demo=False)

    assert fault.startswith(told)


@pytest.mark.parametrize(
    "given",
    [
        {"trusted_proxies": "10.0.0.0/8 ::1"},
        {"link_base_url": "http://localhost:5173", "allowed_origins": "http://127.0.0.1:5173 http://[::1]:80"},
        {"database_url": f"{DISTANT}?sslmode=verify-full"},
        {"database_url": f"{DISTANT}?sslmode=disable"},
        {"database_url": "postgres://gate:house@127.0.0.1:5432/x"},
        {"database_url": "postgres://gate@[::1]:5432,localhost/x"},
        {"database_url": "postgres:///x?host=/run/postgresql"},
        {"allowed_hosts": "*.example.org *.api.example.co.uk"},
        {"secret_key": SAFE, "signing_key": OTHER, "previous_secret_keys": SAFE},
        {"secret_key": SAFE, "retired_secret_keys": "a" * 32},
    ],
)
def test_what_is_said_on_purpose_or_stays_on_this_machine_is_no_fault(given: dict[str, Any]) -> None:
    assert faults(production(**given), has_demo=False) == []


def test_that_no_proxy_is_in_front_must_be_said() -> None:
    unsaid = Settings(**production().model_dump(exclude={"trusted_proxies"}))

    assert [fault.split()[0] for fault in faults(unsaid, has_demo=False)] == ["GATEHOUSE_TRUSTED_PROXIES"]


def test_production_refuses_graphiql_that_was_not_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = faults(production(graphiql=True), has_demo=False)

    assert [fault.split()[0] for fault in found] == ([] if is_built() else ["GATEHOUSE_GRAPHIQL"])
    assert not is_built(tmp_path)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("GATEHOUSE_ENVIRONMENT", "GATEHOUSE_ENV"),
        ("GATEHOUSE_TRUSTED_PROXY", "GATEHOUSE_TRUSTED_PROXIES"),
        ("gatehouse_alowed_hosts", "GATEHOUSE_ALLOWED_HOSTS"),
    ],
)
def test_a_misspelt_variable_stops_every_command_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, nearest: str
) -> None:
    shell = Shell({"data_dir": tmp_path / "data"})
    monkeypatch.setenv(name, "production")

    told = f"{name} names no setting; the nearest is {nearest}."
    assert told in unsafe_settings.misspelt()
    results = [shell(command, **{name.upper().removeprefix("GATEHOUSE_"): "production"}) for command in COMMANDS]
    assert [result.exit_code for result in results] == [1, 1, 1]
    assert all("names no setting; the nearest is" in result.stderr for result in results)


@pytest.mark.parametrize(
    "given",
    [
        {"allowed_hosts": "api.example.org:80"},
        {"allowed_hosts": "*"},
        {"allowed_origins": "https://x.example/path"},
        {"allowed_origins": "*"},
        {"trusted_proxies": "proxy.internal"},
        {"trusted_proxies": "*"},
    ],
)
def test_a_door_that_is_named_wrongly_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="must be"):
        production(**given)
