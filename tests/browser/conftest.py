"""Deselect the tests in a browser if Chromium is not installed, and those of GraphiQL if npm has not built its page."""

from __future__ import annotations

import pytest

from api.core.graphiql_build import FOLDER
from tests.browser.chromium import found


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    is_installed, is_built = found(), (FOLDER / "dist" / "index.html").is_file()
    unfit = [
        item
        for item in items
        if item.get_closest_marker("browser") and not (is_installed and (is_built or not _shows_graphiql(item)))
    ]
    if unfit:
        config.hook.pytest_deselected(items=unfit)
        items[:] = [item for item in items if item not in unfit]


def _shows_graphiql(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "graphiql" in item.fixturenames
