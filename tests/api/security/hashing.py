"""A password with its hash, addresses of callers, and a hasher that a test can hold up."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Literal

from argon2 import PasswordHasher

RIGHT = "correct horse battery staple"

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)

HERE = "192.0.2.1"


def now() -> datetime:
    return NOON


class GatedHasher(PasswordHasher):
    """A hasher that compares passwords only after the test has opened its gate."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.gate = threading.Event()
        self.started = threading.Semaphore(0)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.started.release()
        assert self.gate.wait(timeout=30)
        return super().verify(hash, password)
