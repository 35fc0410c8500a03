"""Deselect the tests of clients if `make check-clients` has not installed their packages by npm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.project import Project, is_installed
from tests.support.processes.commands import Served, serving_demo


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    unfit = [] if is_installed() else [item for item in items if Path(__file__).parent in item.path.parents]
    if unfit:
        config.hook.pytest_deselected(items=unfit)
        items[:] = [item for item in items if item not in unfit]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a frontend project on which graphql-codegen and the TypeScript compiler have run without an error."""
    made = Project(tmp_path_factory.mktemp("frontend"))
    made.write()
    made.run("graphql-codegen", "--config", "codegen.ts")
    made.run("tsc")
    return made


@pytest.fixture
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served
