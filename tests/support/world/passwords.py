"""Passwords of the tests: one for every account, and hashes that take next to no time."""

from __future__ import annotations

from functools import cache

import pytest
from argon2 import PasswordHasher

from api.security.password_hashing import ARGON2ID, hash_now

PASSWORD = "correct horse battery staple"
HASHER = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)
"""argon2id that takes next to no time; tests/api/security/test_password_hashing.py holds what production hashes with."""

at_productions_cost = pytest.mark.parametrize("hasher", [ARGON2ID], ids=["argon2id"])
"""For a test of many sign-ins at once, where it matters how long one takes."""


@cache
def hashed(password: str, hasher: PasswordHasher = HASHER) -> str:
    """As the world's server hashes it; the same hash for the same password."""
    return hash_now(password, hasher)
