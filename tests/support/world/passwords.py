"""The passwords of the tests: one password for every account, with hashes that take almost no time."""

from __future__ import annotations

from functools import cache

import pytest
from argon2 import PasswordHasher

from api.security.password_hashing import ARGON2ID, hash_now

PASSWORD = "correct horse battery staple"
HASHER = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)
"""An argon2id hasher that takes almost no time.

tests/api/security/test_password_hashing.py checks the parameters of production.
"""

at_productions_cost = pytest.mark.parametrize("hasher", [ARGON2ID], ids=["argon2id"])
"""Marks a test whose password hashes take as long as in production, because the test runs many sign-ins at once."""


@cache
def hashed(password: str, hasher: PasswordHasher = HASHER) -> str:
    """Return the hash of the password, as the world's server computes it. A password always has the same hash."""
    return hash_now(password, hasher)
