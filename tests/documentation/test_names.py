"""The names in the documents exist: codes, enum values, commands, settings, files and pages."""

from __future__ import annotations

import re

import pytest
from graphql import GraphQLEnumType, build_schema
from pydantic import SecretStr
from starlette.routing import Route
from typer.main import get_command

from api import app as server
from api.cli import cli
from api.parts import make_parts
from api.settings.settings import PREFIX, Settings
from models.mail.table import MailState
from rules.audit.chain import ChainFault
from rules.refusals import Code
from tests.documentation.references import versioned
from tests.support.processes.commands import ROOT

DOCS = {path.stem: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
OF_OTHERS = {"SSL_CERT_FILE"}
"""Environment variables that belong to other programs."""


def constants() -> set[str]:
    """Return the upper-case names that production code defines: constants and members of enums."""
    sources = [path for path in versioned(".py") if not path.startswith("tests/")]
    return {
        name
        for path in sources
        for name in re.findall(r"^ *([A-Z][A-Z_]+)\b(?:: [^=]+)? = ", (ROOT / path).read_text(), flags=re.MULTILINE)
    }


@pytest.mark.parametrize("name", DOCS)
def test_every_code_and_value_that_is_named_exists(name: str) -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())
    values = {value for type in schema.type_map.values() if isinstance(type, GraphQLEnumType) for value in type.values}
    known = values | set(Code) | set(MailState) | {fault.name for fault in ChainFault} | OF_OTHERS
    if name in ("architecture", "contributing", "messages"):
        known |= constants()

    named = set(re.findall(r"`([A-Z][A-Z_]{3,})`", DOCS[name]))

    assert {word for word in named if not word.startswith(PREFIX)} <= known


def variables_of_tests() -> set[str]:
    """Return the names of the environment variables that tests and benchmarks read, in lower case, without PREFIX."""
    texts = [file.read_text() for folder in ("bench", "support") for file in (ROOT / "tests" / folder).rglob("*.py")]
    return {name.lower() for text in texts for name in re.findall(rf'"{PREFIX}([A-Z_]+)"', text)}


@pytest.mark.parametrize("name", DOCS)
def test_every_command_and_setting_that_is_named_exists(name: str) -> None:
    commands = set(
        re.findall(r"(?:`|^|/bin/)(?:[A-Z_]+=\S+ )*gatehouse ([a-z][a-z-]+)", DOCS[name], flags=re.MULTILINE)
    )
    settings = set(re.findall(rf"\b{PREFIX}([A-Z_]+)\b", DOCS[name]))

    assert commands <= set(getattr(get_command(cli), "commands"))  # noqa: B009  # Typer types it as any command
    assert {setting.lower() for setting in settings} <= set(Settings.model_fields) | variables_of_tests()


@pytest.mark.parametrize("name", DOCS)
def test_every_file_and_page_that_is_named_exists(name: str) -> None:
    secret = "a-secret-for-tests-of-32-bytes-or-more"
    services = (SecretStr(f"wiki:{secret}"),)
    parts = make_parts(Settings(secret_key=SecretStr(secret), service_credentials=services))
    pages = {route.path for route in server.app(parts).routes if isinstance(route, Route)}
    files = set(re.findall(r"`((?:api|models|resolvers|rules|services|tests|docs)/[\w/.-]*)`", DOCS[name]))
    named = set(re.findall(r"`(?:GET|POST) (/\S+)`", DOCS[name]))

    assert {file for file in files if not (ROOT / file).exists()} == set()
    assert named <= pages
