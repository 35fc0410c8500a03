"""Fixtures that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.security.password_hashing import PasswordPool
from tests.api.security.hashing import GatedHasher, now


@pytest.fixture
def pool() -> Iterator[PasswordPool]:
    pool = PasswordPool(now=now)
    yield pool
    pool.close()


@pytest.fixture
def hasher() -> GatedHasher:
    return GatedHasher()
