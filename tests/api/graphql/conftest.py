"""Fixtures that the tests of this folder share."""

from __future__ import annotations

import pytest

from tests.api.graphql.edge import Edge


@pytest.fixture
def edge() -> Edge:
    return Edge()
