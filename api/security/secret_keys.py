"""The secret keys of each purpose, as the settings name them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr


class KeySettings(Protocol):
    """The settings that name keys; None in place of a purpose's own key means the secret key."""

    @property
    def secret(self) -> bytes: ...

    @property
    def signing_key(self) -> SecretStr | None: ...

    @property
    def link_key(self) -> SecretStr | None: ...

    @property
    def sealing_key(self) -> SecretStr | None: ...

    @property
    def previous_secret_keys(self) -> tuple[SecretStr, ...]: ...

    @property
    def retired_secret_keys(self) -> tuple[SecretStr, ...]: ...


@dataclass(frozen=True, slots=True)
class SecretKeys:
    """The secret keys of each purpose, from which its own keys are derived: the current one first."""

    signing: tuple[bytes, ...] = field(repr=False)
    """The first signs access tokens; all verify them."""

    links: tuple[bytes, ...] = field(repr=False)
    """The first derives new tokens of links and sessions; all derive those that are out."""

    sealing: tuple[bytes, ...] = field(repr=False)
    """The first seals and makes digests; all open, and find what digests of theirs name."""

    @classmethod
    def of(cls, settings: KeySettings) -> SecretKeys:
        """Return the keys that these settings name. Raise what `settings.secret` raises if there is no secret key."""
        accepted = tuple(map(_octets, settings.previous_secret_keys))
        retired = tuple(map(_octets, settings.retired_secret_keys))

        def purpose(own: SecretStr | None, *others: bytes) -> tuple[bytes, ...]:
            current = _octets(own) if own else settings.secret
            return tuple(dict.fromkeys((current, *others)))

        return cls(
            signing=purpose(settings.signing_key, *accepted),
            links=purpose(settings.link_key, *accepted),
            sealing=purpose(settings.sealing_key, *accepted, *retired),
        )


def _octets(secret: SecretStr) -> bytes:
    return secret.get_secret_value().encode()
