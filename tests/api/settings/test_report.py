"""`gatehouse config` prints every setting with its value and source, even invalid settings, and never a secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.settings.settings import PREFIX, Settings
from tests.support.processes.commands import Shell

SECRET = "hunter2-hunter2-hunter2-hunter2-hunter2"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell({"data_dir": tmp_path / "data"})


def told(shell: Shell, **settings: Any) -> dict[str, dict[str, Any]]:
    """Return the JSON report of each setting, by the setting's name."""
    result = shell("config", "--json", **settings)
    return {each["variable"].removeprefix(PREFIX).lower(): each for each in json.loads(result.stdout)["settings"]}


def test_every_setting_is_printed_in_order_with_value_and_source(shell: Shell) -> None:
    result = shell("config", port="9000")

    lines = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    assert (result.exit_code, result.stderr) == (0, "")
    assert [name for name, _ in lines] == [PREFIX + name.upper() for name in Settings.model_fields]
    shown = {name: " ".join(rest.split()) for name, rest in lines}
    assert shown["GATEHOUSE_PORT"] == "9000 environment, default 8000"
    assert shown["GATEHOUSE_ENV"] == "development default"
    assert shown["GATEHOUSE_SMTP_URL"] == "- default"


def test_it_writes_nothing_and_needs_no_database(shell: Shell, tmp_path: Path) -> None:
    shell("config")

    assert list(tmp_path.iterdir()) == []


def test_values_and_defaults_are_as_one_would_write_them(shell: Shell, tmp_path: Path) -> None:
    found = told(shell, access_token_lifetime="600", allowed_hosts="a.example  b.example", graphiql="0")

    pairs = {name: (each["value"], each["default"]) for name, each in found.items()}
    assert pairs["access_token_lifetime"] == ("PT10M", "PT15M")
    assert pairs["allowed_hosts"] == ("a.example b.example", None)
    assert pairs["graphiql"] == ("false", "true")
    assert pairs["database_url"] == (f"sqlite://{tmp_path}/data/gatehouse.sqlite3",) * 2


def test_defaults_of_the_environment_are_reported_as_they_are_there(shell: Shell) -> None:
    found = told(shell, env="production")

    assert [found[name]["value"] for name in ("graphiql", "introspection")] == ["false", "false"]


def test_a_generated_key_is_reported_by_its_file(shell: Shell, tmp_path: Path) -> None:
    before = told(shell)["secret_key"]
    shell("migrate")

    after = told(shell)["secret_key"]

    assert (before["isSet"], before["source"]) == (False, "default")
    assert (after["isSet"], after["source"], after["value"]) == (True, "file", None)
    assert after["file"] == str(tmp_path / "data" / "secret_key")
    assert told(shell, env="production")["secret_key"]["isSet"] is False


SECRETIVE: dict[str, tuple[str, str | None]] = {
    "secret_key": (SECRET, None),
    "previous_secret_keys": (f"{SECRET} {SECRET}x", None),
    "retired_secret_keys": (SECRET, None),
    "signing_key": (SECRET, None),
    "link_key": (SECRET, None),
    "sealing_key": (SECRET, None),
    "metrics_token": (SECRET, None),
    "service_credentials": (f"billing:{SECRET} wiki:{SECRET}", None),
    "smtp_url": (f"smtp://gate:{SECRET}@mail.example:587", "smtp://gate:…@mail.example:587"),
    "database_url": (f"postgres://gate:{SECRET}@db/x?sslmode=require", "postgres://gate:…@db/x?sslmode=require"),
}


@pytest.mark.parametrize("name", SECRETIVE)
def test_a_secret_is_said_to_be_set_and_never_shown(shell: Shell, name: str) -> None:
    value, shown = SECRETIVE[name]

    results = [shell("config", *arguments, **{name: value}) for arguments in ((), ("--json",))]

    assert [result.exit_code for result in results] == [0, 0]
    assert SECRET not in "".join(result.output for result in results)
    found = told(shell, **{name: value})[name]
    assert (found["isSet"], found["value"], found["source"]) == (True, shown, "environment")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"postgres://gate:a@{SECRET}/b?c#d@db/x", "postgres://gate:…@db/x"),
        (f"postgres://db/x?user=gate&password={SECRET}", "postgres://db/x?user=…&password=…"),
        ("postgres://gate@db/x", "postgres://gate@db/x"),
        ("sqlite:///home/a:b@c/x.sqlite3", "sqlite:///home/a:b@c/x.sqlite3"),
    ],
)
def test_a_password_is_hidden_wherever_a_url_holds_it(shell: Shell, url: str, shown: str) -> None:
    assert told(shell, database_url=url)["database_url"]["value"] == shown


@pytest.mark.parametrize(
    "name", ["secret_key", "smtp_url", "database_url", "metrics_token", "service_credentials", "previous_secret_keys"]
)
def test_a_secret_that_cannot_be_used_is_not_shown_either(shell: Shell, name: str) -> None:
    result = shell("config", **{name: "gopher://hunter2 hunter2"})

    assert result.exit_code == 1
    assert f"GATEHOUSE_{name.upper()}" in result.stderr
    assert "hunter2" not in result.output


def test_faulty_settings_are_printed_with_all_faults_at_once(shell: Shell) -> None:
    result = shell("config", env="production", port="http", smtp_url="smtp://mail.example")

    assert result.exit_code == 1
    assert {line.split()[0] for line in result.stdout.splitlines() if line.endswith("at fault")} == {
        "GATEHOUSE_PORT",
        "GATEHOUSE_SECRET_KEY",
        "GATEHOUSE_ALLOWED_HOSTS",
        "GATEHOUSE_LINK_BASE_URL",
        "GATEHOUSE_DATABASE_URL",
        "GATEHOUSE_TRUSTED_PROXIES",
    }
    assert "GATEHOUSE_PORT                   http" in result.stdout
    assert [line.split()[0].rstrip(":") for line in result.stderr.splitlines()] == [
        "GATEHOUSE_PORT",
        "GATEHOUSE_SECRET_KEY",
        "GATEHOUSE_LINK_BASE_URL",
        "GATEHOUSE_DATABASE_URL",
        "GATEHOUSE_ALLOWED_HOSTS",
        "GATEHOUSE_TRUSTED_PROXIES",
    ]


def test_a_fault_is_reported_to_scripts_too(shell: Shell) -> None:
    result = shell("config", "--json", port="http")

    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert answer["faults"] == [each["fault"] for each in answer["settings"] if each["fault"]]
    assert answer["faults"][0].startswith("GATEHOUSE_PORT: ")


def test_a_kept_key_that_others_can_read_is_a_fault(shell: Shell, tmp_path: Path) -> None:
    shell("migrate")
    (tmp_path / "data" / "secret_key").chmod(0o644)

    result = shell("config")

    assert (result.exit_code, "can be read by others" in result.stderr) == (1, True)


def test_a_variable_that_names_no_setting_is_a_fault_with_the_nearest_name(shell: Shell) -> None:
    result = shell("config", smptp_url="smtp://mail.example")

    nearest = "GATEHOUSE_SMPTP_URL names no setting; the nearest is GATEHOUSE_SMTP_URL.\n"
    assert (result.exit_code, result.stderr) == (1, nearest)


def test_that_there_is_no_proxy_is_shown_as_it_was_said(shell: Shell) -> None:
    assert told(shell, trusted_proxies="none")["trusted_proxies"]["value"] == "none"
    assert told(shell)["trusted_proxies"]["isSet"] is False
