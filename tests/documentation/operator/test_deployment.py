"""The deployment files start a server with the configuration that the operator's manual describes."""

from __future__ import annotations

import subprocess
from configparser import ConfigParser, SectionProxy
from pathlib import Path
from secrets import token_urlsafe

import pytest
from typer.main import get_command

from api.cli import cli
from api.parts import GRACE
from api.server import GRACE_SECONDS
from api.settings.settings import PREFIX, Settings, load
from api.settings.startup_faults import faults
from tests.documentation.references import blocks
from tests.support.processes.commands import ROOT

MANUAL = (ROOT / "docs" / "operator.md").read_text()
GATEHOUSE = "/opt/gatehouse/bin/gatehouse"


@pytest.mark.parametrize(
    "block", [pytest.param(block, id=block.split()[0]) for block in blocks("docs/operator.md", "sh")]
)
def test_what_operators_are_to_type_is_sound_shell(block: str) -> None:
    checked = subprocess.run(["sh", "-n", "-c", block], stderr=subprocess.PIPE, text=True)

    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_settings_of_the_example_start_a_production_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for line in deployed("environment.example").splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            monkeypatch.setenv(name, value or token_urlsafe(48))

    settings = load()

    assert settings.env == "production"
    assert faults(settings, has_demo=False) == []


def deployed(name: str) -> str:
    return (ROOT / "docs" / "deployment" / name).read_text()


UNITS = sorted(path.name for path in (ROOT / "docs" / "deployment").glob("*.service"))
COMMANDS = set(get_command(cli).commands)  # type: ignore[attr-defined]  # a group, as cli has commands


def service(name: str) -> SectionProxy:
    # A unit may name a setting twice, which ConfigParser refuses unless it is not strict.
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # as ConfigParser's documentation says to do it
    unit.read_string(deployed(name))
    return unit["Service"]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_a_command_that_exists_with_the_settings_of_all(name: str) -> None:
    unit = service(name)

    assert unit["ExecStart"].split()[0] == GATEHOUSE
    assert unit["ExecStart"].split()[1] in COMMANDS
    assert unit["EnvironmentFile"] == "/etc/gatehouse/environment"
    assert unit["Environment"] == f"{PREFIX}DATA_DIR=/var/lib/{unit['StateDirectory']}"


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_confined_as_the_others_are(name: str) -> None:
    def confined(of: str) -> str:
        text = deployed(of)
        return text[text.index("StateDirectory=") : text.index("SystemCallErrorNumber")]

    unit = service(name)

    assert confined(name) == confined("gatehouse.service")
    assert (unit["UMask"], unit["StateDirectoryMode"], unit["User"]) == ("0077", "0700", "gatehouse")


def test_the_server_migrates_first_and_has_the_time_that_a_stop_takes() -> None:
    unit = service("gatehouse.service")

    assert unit["ExecStartPre"] == f"{GATEHOUSE} migrate"
    assert int(unit["TimeoutStopSec"]) > GRACE_SECONDS + GRACE.total_seconds()
    assert f"{GRACE_SECONDS} seconds, open transactions {GRACE.seconds}." in MANUAL


def test_every_timer_has_its_service() -> None:
    timers = {path.stem for path in (ROOT / "docs" / "deployment").glob("*.timer")}

    assert {f"{name}.service" for name in timers} < set(UNITS)


def test_nginx_takes_the_proxy_s_settings_as_they_are(tmp_path: Path) -> None:
    request = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=gatehouse -keyout {tmp_path}/privkey.pem"
    subprocess.run(
        ["openssl", *request.split(), "-out", str(tmp_path / "fullchain.pem")], check=True, stderr=subprocess.DEVNULL
    )
    site = tmp_path / "gatehouse.conf"
    site.write_text(deployed("nginx.conf").replace("/etc/ssl/gatehouse", str(tmp_path)))
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {site}; }}")

    checked = subprocess.run(["nginx", "-t", "-c", str(main)], stderr=subprocess.PIPE, text=True)

    assert checked.returncode == 0, checked.stderr
    fields = Settings.model_fields
    assert fields["host"].default == "localhost"  # nginx would count its two addresses as two servers
    assert f"server 127.0.0.1:{fields['port'].default} " in deployed("nginx.conf")
