"""The objects that each process of Gatehouse makes once. A process is a server, a mail worker or a command.

The GraphQL schema is not among these objects. Only a server needs the schema, and its import takes longer than the rest
of a command's start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from argon2 import PasswordHasher

from api.core.clock import Clock, RandomSource
from api.security.access_tokens import AccessTokens
from api.security.encryption import AesEncryption
from api.security.keys import CheckpointKeys, SigningKeys
from api.security.link_tokens import LinkTokens
from api.security.password_hashing import ARGON2ID, PasswordPool
from api.security.password_strength import PasswordStrength
from api.security.secret_keys import SecretKeys
from api.settings.settings import Settings
from api.telemetry.metrics import Metrics
from api.telemetry.security_log import CountedSecurityLog
from rules.auth.rate_limits import RateLimits
from services.ports import SignInPorts
from services.runtime import Runtime
from services.transactions import Transactions

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

GRACE = timedelta(seconds=10)
"""The maximum time that a shutdown waits for running transactions."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The objects that a process makes once, such as the clock, the keys and the password pool."""

    settings: Settings
    clock: Clock
    runtime: Runtime
    chance: RandomSource
    keys: SigningKeys
    tokens: AccessTokens
    pools: tuple[PasswordPool, PasswordStrength]
    ports: SignInPorts
    metrics: Metrics
    tracing: TracerProvider | None = None

    def close(self) -> None:
        """Finish the queued password hashes and strength checks, and accept no more calls.

        The method blocks the thread until the queues are empty. If they are full, this takes about a second.
        """
        for pool in self.pools:
            pool.close()


def make_parts(
    settings: Settings,
    clock: Clock | None = None,
    *,
    tracing: TracerProvider | None = None,
    hasher: PasswordHasher = ARGON2ID,
) -> Parts:
    """Make the parts that every process uses, without opening a database or a socket.

    `tracing` receives the spans of requests. Only tests give `clock` and `hasher`. The tests' hasher is faster.
    """
    clock = clock or Clock()
    chance = RandomSource(clock)
    secrets = SecretKeys.of(settings)
    keys = SigningKeys(secrets.signing)
    tokens = AccessTokens(keys, settings.issuer, settings.audience, settings.access_token_lifetime)
    passwords, strength = PasswordPool(now=clock.now, hasher=hasher), PasswordStrength(now=clock.now)
    encryption = AesEncryption(secrets.sealing, chance.token_bytes)
    metrics = Metrics()
    return Parts(
        settings=settings,
        clock=clock,
        runtime=Runtime(
            now=clock.now,
            new_id=chance.new_id,
            secret=chance.token_bytes,
            links=LinkTokens(secrets.links),
            transactions=Transactions(jitter=chance.jitter, secret=chance.token_bytes),
            security=CountedSecurityLog(metrics.registry),
            checkpoints=CheckpointKeys(secrets.checkpoints),
        ),
        chance=chance,
        keys=keys,
        tokens=tokens,
        pools=(passwords, strength),
        ports=SignInPorts(passwords, strength, RateLimits(), tokens, encryption, clock.sleep),
        metrics=metrics,
        tracing=tracing,
    )
