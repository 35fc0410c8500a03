"""The contents of a release: the version, its section of the changelog, and the dependencies in production."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.support.processes.commands import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONSTRAINTS = ("constraints.txt", "constraints-tracing.txt")
OVERRIDDEN = {
    "asyncpg",
    "graphql-core",
    "httptools",
    "starlette",
    "strawberry-graphql",
    "tortoise-orm",
    "uvicorn",
}
"""Libraries whose private parts the code overrides. A minor version of such a library may change these parts."""


def pinned(name: str) -> dict[str, frozenset[str]]:
    """Return the hashes of each `package==version` of a lock file."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    return {line.split()[0]: frozenset(re.findall(r"--hash=(\S+)", line)) for line in lines}


def test_the_newest_section_of_the_changelog_is_the_project_s_version() -> None:
    sections = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)

    assert sections[0] == PROJECT["version"]


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_production_installs_only_what_was_tested_with_the_same_hashes(name: str) -> None:
    production, tested = pinned(name), pinned("requirements.lock")

    assert production
    assert all(production.values())
    assert production.items() <= tested.items()


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_production_has_every_dependency_and_none_for_development_alone(name: str) -> None:
    extras = PROJECT["optional-dependencies"]
    required = PROJECT["dependencies"] + (extras["tracing"] if name == "constraints-tracing.txt" else [])
    installed = {pin.partition("==")[0] for pin in pinned(name)}

    assert {Requirement(each).name for each in required} <= installed
    assert not {Requirement(each).name for each in extras["dev"]} & installed


def test_every_dependency_in_production_has_a_lower_and_an_upper_bound() -> None:
    declared = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["tracing"]

    bounds = {Requirement(each).name: {spec.operator for spec in Requirement(each).specifier} for each in declared}

    assert {name: found for name, found in bounds.items() if found != {">=", "<"}} == {}


def test_a_library_whose_private_parts_are_overridden_stays_within_its_minor() -> None:
    declared = {each.name: each for each in map(Requirement, PROJECT["dependencies"])}
    tested = {name: version for name, _, version in (pin.partition("==") for pin in pinned("requirements.lock"))}

    for name in OVERRIDDEN:
        major, minor = map(int, tested[name].split(".")[:2])
        assert not declared[name].specifier.contains(f"{major}.{minor + 1}"), name
        assert declared[name].specifier.contains(tested[name]), name
