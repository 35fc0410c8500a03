"""The secret keys of each purpose, taken from the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr


class KeySettings(Protocol):
    """The settings that hold keys.

    `signing_key`, `link_key` and `sealing_key` are optional. If one of them is None, `secret` is used instead.
    """

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
    """The secret keys of each purpose, current key first.

    `api.security.keys.derive` derives the working keys from them.
    """

    signing: tuple[bytes, ...] = field(repr=False)
    """The keys of access tokens. The first key signs, and all keys verify."""

    links: tuple[bytes, ...] = field(repr=False)
    """The keys of links and sessions. The first key derives new tokens, and all keys verify existing tokens."""

    sealing: tuple[bytes, ...] = field(repr=False)
    """The keys of stored secrets and digests. The first key seals and makes digests.

    All keys open stored secrets. A stored digest is looked up under each key.
    """

    checkpoints: tuple[bytes, ...] = field(repr=False)
    """The keys of checkpoints of the audit log. The first key signs, and all keys verify."""

    @classmethod
    def of(cls, settings: KeySettings) -> SecretKeys:
        """Return the secret keys of the settings.

        Raise SettingsError if the setting SECRET_KEY is missing and a purpose has no key of its own.
        """
        accepted = tuple(map(_octets, settings.previous_secret_keys))
        retired = tuple(map(_octets, settings.retired_secret_keys))

        def purpose(own: SecretStr | None, *others: bytes) -> tuple[bytes, ...]:
            current = _octets(own) if own else settings.secret
            return tuple(dict.fromkeys((current, *others)))

        return cls(
            signing=purpose(settings.signing_key, *accepted),
            links=purpose(settings.link_key, *accepted),
            sealing=purpose(settings.sealing_key, *accepted, *retired),
            checkpoints=purpose(settings.signing_key, *accepted, *retired),
        )


def _octets(secret: SecretStr) -> bytes:
    return secret.get_secret_value().encode()
