"""The lock files of the npm packages, and the findings that the linter of the GraphQL schema ignores."""

from __future__ import annotations

import json
import re

import pytest

from tests.documentation.generated.types_without_id import types_without_id
from tests.documentation.references import versioned
from tests.support.processes.commands import ROOT


@pytest.mark.parametrize("file", versioned("package-lock.json"))
def test_a_lock_file_names_no_registry(file: str) -> None:
    lock = json.loads((ROOT / file).read_text())

    packages = {name: package for name, package in lock["packages"].items() if name}

    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages.values())


def test_the_linter_lets_exactly_the_values_go_without_an_id() -> None:
    settings = (ROOT / "tests" / "lint-schema" / "eslint.config.js").read_text()

    (listed,) = re.findall(r"const VALUES = \[(.*?)\];", settings, re.DOTALL)

    assert re.findall(r'"(\w+)"', listed) == types_without_id()
