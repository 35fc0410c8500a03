"""The linter of the schema: what it installs, and which findings it is configured to ignore."""

from __future__ import annotations

import json
import re

from graphql import GraphQLObjectType, build_schema

from tests.support.processes.commands import ROOT

LINTER = ROOT / "tests" / "lint-schema"
SCHEMA = build_schema((ROOT / "schema.graphql").read_text())


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((LINTER / "package-lock.json").read_text())

    packages = {name: package for name, package in lock["packages"].items() if name}

    assert "node_modules/@graphql-eslint/eslint-plugin" in packages
    assert all("integrity" in package and "resolved" not in package for package in packages.values())


def test_every_type_that_needs_no_id_exists_and_has_none() -> None:
    (listed,) = re.findall(r"const VALUES = \[(.*?)\];", (LINTER / "eslint.config.js").read_text(), re.DOTALL)

    values = [SCHEMA.type_map[name] for name in re.findall(r'"(\w+)"', listed)]

    assert values
    assert all(isinstance(value, GraphQLObjectType) and "id" not in value.fields for value in values)
