"""Tests in a browser exist only where there is Chromium, and a GraphiQL page that npm has built."""

from __future__ import annotations

import pytest

from api.core.graphiql_build import FOLDER
from tests.browser.chromium import found


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if found() and (FOLDER / "dist" / "index.html").is_file():
        return
    unfit = [item for item in items if item.get_closest_marker("browser")]
    if unfit:
        config.hook.pytest_deselected(items=unfit)
        items[:] = [item for item in items if item not in unfit]
