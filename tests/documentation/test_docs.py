"""The documentation keeps its word: its operations are run, and what it names exists."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from configparser import ConfigParser, SectionProxy
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from secrets import token_urlsafe
from textwrap import dedent
from typing import Any

import pyotp
import pytest
from graphql import GraphQLEnumType, OperationDefinitionNode, build_schema, parse
from pydantic import SecretStr
from starlette.routing import Route
from typer.main import get_command

from api import app as server
from api.cli import cli
from api.server import GRACE_SECONDS
from api.settings.production import faults
from api.settings.settings import PREFIX, Settings, load
from rules.refusals import Code
from tests.support.commands import ROOT, SIGN_IN, Served, Shell, until

DOCS = {path.stem: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
GATEHOUSE = "/opt/gatehouse/bin/gatehouse"
OWN = ("ChangePassword", "ChangeEmail")
CLICK = "5f0c1d9e-3d9a-4f55-8a0c-0d3f8f5a6b1e"
OF_OTHERS = {"SSL_CERT_FILE"}
"""Environment variables of other programs."""
ACME = '{ portal(slug: "acme") { id } }'
ACTIVE = "{ users(filter: { statusIn: [ACTIVE], roleIn: [PORTAL_USER] }, first: 3) { nodes { id } } }"


def blocks(name: str, language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", DOCS[name], flags=re.MULTILINE | re.DOTALL)
    return [dedent(block) for _, block in found]


def operations(name: str) -> dict[str, str]:
    """The document's operations by name, in its order."""
    found = {}
    for block in blocks(name, "graphql"):
        (operation,) = parse(block).definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name
        found[operation.name.value] = block
    return found


def token_mailed(demo: Served, page: str) -> str:
    """The token of the newest mail that leads to that page of the frontend."""

    def found() -> list[str]:
        texts = [
            file.read_text().replace("=\n", "") for file in sorted((demo.file.parent / "data" / "mail").glob("*.eml"))
        ]
        return [token for text in texts for token in re.findall(rf"{page}#token=3D([\w-]+)", text)]

    until(found)
    return found()[-1]


def another_session(demo: Served, token: str) -> str:
    """A session of the same account, begun elsewhere."""
    demo.token("admin@acme.test", "gatehouse-demo-password", "acme")
    listed = demo.ask("{ viewer { sessions { id isCurrent } } }", token)["viewer"]["sessions"]
    return str(next(session["id"] for session in listed if not session["isCurrent"]))


def code(enrollment: Any, steps: int) -> str:
    """What the authenticator app shows now, or so many steps later: each code is good once."""
    totp = pyotp.TOTP(enrollment["enrollMfa"]["secret"])
    return totp.at(datetime.now(UTC), counter_offset=steps)


def everything(answer: Any) -> Iterator[tuple[str, Any]]:
    """Every field of an answer, however deep."""
    if isinstance(answer, dict):
        yield from answer.items()
    for below in answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ():
        yield from everything(below)


def mailed_code(demo: Served) -> str:
    """The code in the mail that the server has put into a file."""
    codes: list[str] = []

    def has_come() -> bool:
        for file in (demo.file.parent / "data" / "mail").glob("*.eml"):
            body = message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",))
            codes.extend(re.findall(r"\b\d{6}\b", str(body.get_content())) if body else [])
        return bool(codes)

    until(has_come)
    return codes[0]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("demo")
    shell = Shell({"data_dir": folder / "data"})
    shell("migrate")
    shell("demo")
    with shell.serving(folder) as served:
        yield served


def test_every_operation_for_frontends_works_in_the_order_shown(demo: Served) -> None:
    shown = operations("frontend")
    answers: dict[str, Any] = {"SignIn": demo.ask(shown["SignIn"])}
    token = answers["SignIn"]["signIn"]["session"]["accessToken"]
    active = [user["id"] for user in demo.ask(ACTIVE, token)["users"]["nodes"]]
    new, newer = "tidal mangrove quartz", "another mangrove, a little taller"
    variables: dict[str, Callable[[], dict[str, Any]]] = {
        "Refresh": lambda: {"refreshToken": answers["SignIn"]["signIn"]["session"]["refreshToken"]},
        "SignOut": lambda: {"session": another_session(demo, token)},
        "EnrollMfa": lambda: {"current": "gatehouse-demo-password"},
        "ConfirmMfa": lambda: {"code": code(answers["EnrollMfa"], 0)},
        "SecondFactor": lambda: {
            "challenge": demo.ask(shown["SignIn"])["signIn"]["mfaChallenge"]["challengeToken"],
            "code": code(answers["EnrollMfa"], 1),
        },
        "DisableMfa": lambda: {"current": "gatehouse-demo-password"},
        "Reset": lambda: {"linkToken": token_mailed(demo, "reset-password"), "password": new},
        "ChangePassword": lambda: {"current": new, "new": newer},
        "ChangeEmail": lambda: {"current": newer},
        "Verify": lambda: {"linkToken": token_mailed(demo, "verify-email")},
        "Page": lambda: {"after": None},
        "Deactivate": lambda: {"ids": active},
        "Run": lambda: {"previewId": answers["Preview"]["lockUsers"]["operation"]["id"], "click": CLICK},
        "Again": lambda: {"id": answers["Deactivate"]["deactivateUsers"]["operation"]["id"]},
        "Invite": lambda: {"portalId": demo.ask(ACME, token)["portal"]["id"], "click": CLICK},
        "Vouch": lambda: {"id": answers["Invite"]["inviteUsers"]["outcomes"][0]["userId"]},
        "Opened": lambda: {"link": link("Vouch", 0)},
        "Accept": lambda: {"link": link("Vouch", 0)},
        "Register": lambda: {"link": link("Invite", 1)},
        "EnterCode": lambda: {"link": link("Invite", 1), "code": mailed_code(demo)},
        "Finish": lambda: {"registration": answers["EnterCode"]["confirmRegistration"]["registrationToken"]},
    }

    def link(name: str, place: int) -> str:
        outcome = answers[name]["inviteUsers"]["outcomes"][place]
        return str(outcome["inviteLink"]).partition("#token=")[2]

    for name, text in shown.items():
        if name != "SignIn":
            own = (
                demo.token("user@acme.test", new if name == "ChangePassword" else newer, "acme")
                if name in OWN
                else token
            )
            answers[name] = demo.ask(text, own, **variables.get(name, dict)())

    assert list(answers) == [
        *("SignIn", "Refresh", "Sessions", "SignOut", "EnrollMfa", "ConfirmMfa", "SecondFactor", "DisableMfa"),
        *("Forgot", "Reset", "ChangePassword", "ChangeEmail", "Verify"),
        *("Page", "Find", "Deactivate", "Preview", "Run"),
        *("Invite", "Vouch", "Unanswered", "Opened", "Accept", "Register", "EnterCode", "Finish", "Again"),
    ]
    for name, answer in answers.items():
        fields = list(everything(answer))
        assert [value for field, value in fields if field == "errors" and value] == [], name
        assert [field for field, value in fields if field in ("nodes", "outcomes", "tiles") and not value] == [], name
    assert demo.ask(shown["Run"], token, **variables["Run"]())["lockUsers"]["replayed"] is True
    again = answers["Again"]["node"]
    assert again["summary"] == answers["Deactivate"]["deactivateUsers"]["summary"]
    assert answers["Run"]["lockUsers"]["summary"]["succeeded"] > 0
    assert answers["Opened"]["invitationPreview"]["nextStep"] == "SET_PASSWORD"
    assert answers["Accept"]["acceptInvitation"]["session"]
    assert answers["Finish"]["completeRegistration"]["session"]["viewer"]["name"] == "Emmy Noether"


def test_the_next_page_follows_the_first_and_a_tile_lists_whom_it_counts(demo: Served) -> None:
    token = demo.token("admin@acme.test", "gatehouse-demo-password", "acme")
    page = operations("frontend")["Page"]
    first = demo.ask(page, token, after=None)
    second = demo.ask(page, token, after=first["users"]["pageInfo"]["endCursor"])
    tiles = first["licenseTiles"]["tiles"]

    listed = [
        demo.ask(
            "query L($c: UserCategory, $f: UserFilter) { users(category: $c, filter: $f) { totalCount } }",
            token,
            c=tile["category"],
            f={name: tile[name] for name in ("statusIn", "statusReasonIn") if tile[name] is not None},
        )["users"]["totalCount"]
        for tile in tiles
    ]

    assert not {user["id"] for user in first["users"]["nodes"]} & {user["id"] for user in second["users"]["nodes"]}
    assert listed == [tile["count"] for tile in tiles]


def test_a_wrong_password_is_answered_as_told(demo: Served) -> None:
    payload = demo.ask(SIGN_IN, login="admin@acme.test", password="not the password", slug="acme")["signIn"]

    assert payload["session"] is None
    assert [error["code"] for error in payload["errors"]] == ["INVALID_CREDENTIALS"]


@pytest.mark.parametrize("name", DOCS)
def test_every_code_and_value_that_is_named_exists(name: str) -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())
    values = {value for type in schema.type_map.values() if isinstance(type, GraphQLEnumType) for value in type.values}

    named = set(re.findall(r"`([A-Z][A-Z_]{3,})`", DOCS[name]))

    assert {word for word in named if not word.startswith(PREFIX)} <= values | set(Code) | OF_OTHERS


@pytest.mark.parametrize("name", DOCS)
def test_every_command_and_setting_that_is_named_exists(name: str) -> None:
    commands = set(
        re.findall(r"(?:`|^|/bin/)(?:[A-Z_]+=\S+ )*gatehouse ([a-z][a-z-]+)", DOCS[name], flags=re.MULTILINE)
    )
    settings = set(re.findall(rf"\b{PREFIX}([A-Z_]+)\b", DOCS[name]))

    assert commands <= set(getattr(get_command(cli), "commands"))  # noqa: B009  # Typer types it as any command
    assert {setting.lower() for setting in settings} <= set(Settings.model_fields)


@pytest.mark.parametrize("name", DOCS)
def test_every_file_and_page_that_is_named_exists(name: str) -> None:
    parts = server.gatehouse(Settings(secret_key=SecretStr("a-secret-for-tests-of-32-bytes-or-more")))
    pages = {route.path for route in server.app(parts).routes if isinstance(route, Route)}
    files = set(re.findall(r"`((?:api|models|resolvers|rules|services|tests|docs)/[\w/.-]*)`", DOCS[name]))
    named = set(re.findall(r"`(?:GET|POST) (/\S+)`", DOCS[name]))

    assert {file for file in files if not (ROOT / file).exists()} == set()
    assert named <= pages


@pytest.mark.parametrize("block", [pytest.param(block, id=block.split()[0]) for block in blocks("operator", "sh")])
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
    assert int(unit["TimeoutStopSec"]) > GRACE_SECONDS + server.GRACE.total_seconds()
    assert f"{GRACE_SECONDS} seconds, open transactions {server.GRACE.seconds}." in DOCS["operator"]


def test_every_timer_has_its_service() -> None:
    timers = {path.stem for path in (ROOT / "docs" / "deployment").glob("*.timer")}

    assert {f"{name}.service" for name in timers} < set(UNITS)


def test_nginx_takes_the_proxy_s_settings_as_they_are(tmp_path: Path) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=gatehouse"),
            *("-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    site = tmp_path / "gatehouse.conf"
    site.write_text(deployed("nginx.conf").replace("/etc/ssl/gatehouse", str(tmp_path)))
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {site}; }}")

    checked = subprocess.run(["nginx", "-t", "-c", str(main)], stderr=subprocess.PIPE, text=True)

    assert checked.returncode == 0, checked.stderr
    fields = Settings.model_fields
    assert f"server {fields['host'].default}:{fields['port'].default} " in deployed("nginx.conf")
