"""Only this server can open a sealed secret, and only for the row that it was sealed for."""

from __future__ import annotations

import secrets
from uuid import UUID

import pytest

from api.security.encryption import AesEncryption
from services.ports import UnknownKey

SECRET, OTHER = b"a-secret-for-tests-of-32-bytes-or-more", b"another-secret-for-tests-of-32-bytes-or-more"
ONE, TWO = UUID(int=1), UUID(int=2)


def keys(secret: bytes = SECRET, *previous: bytes) -> AesEncryption:
    return AesEncryption((secret, *previous), secrets.token_bytes)


def test_what_was_sealed_opens_again_and_shows_nothing_meanwhile() -> None:
    sealed = keys().seal(b"JBSWY3DPEHPK3PXP", ONE)

    assert keys().open(sealed, ONE).plain == b"JBSWY3DPEHPK3PXP"
    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert keys().seal(b"JBSWY3DPEHPK3PXP", ONE) != sealed


def test_a_secret_that_was_put_into_another_row_does_not_open() -> None:
    sealed = keys().seal(b"secret", ONE)

    with pytest.raises(UnknownKey):
        keys().open(sealed, TWO)


def test_another_server_does_not_open_it_unless_it_knows_the_earlier_key() -> None:
    sealed = keys(SECRET).seal(b"secret", ONE)

    with pytest.raises(UnknownKey) as unknown:
        keys(OTHER).open(sealed, ONE)
    assert unknown.value.name == keys(SECRET).names[0]
    assert keys(OTHER, SECRET).open(sealed, ONE) == (b"secret", keys(SECRET).names[0], False)


def test_a_sealed_text_names_its_key_and_the_name_never_changes() -> None:
    sealed = keys(SECRET).seal(b"secret", ONE)

    assert sealed.partition(".")[0] == keys(SECRET).names[0] == "d525089104ff89a0"
    assert keys(OTHER).names != keys(SECRET).names
    assert keys(SECRET).open(sealed, ONE).is_current


def test_what_an_earlier_version_sealed_without_a_name_opens_under_any_known_key() -> None:
    sealed = keys(SECRET).seal(b"secret", ONE).partition(".")[2]

    assert keys(OTHER, SECRET).open(sealed, ONE) == (b"secret", keys(SECRET).names[0], False)
    assert not keys(SECRET).open(sealed, ONE).is_current
    with pytest.raises(UnknownKey):
        keys(OTHER).open(sealed, ONE)


@pytest.mark.parametrize("text", ["", ".", "x", "é", "AAAA", "0123456789abcdef.", "a.b.c"])
def test_what_is_no_sealed_text_at_all_is_of_no_known_key(text: str) -> None:
    with pytest.raises(UnknownKey):
        keys().open(text, ONE)


def test_a_digest_is_the_same_for_the_same_parts_only() -> None:
    assert keys().digest("ann", "acme") == keys().digest("ann", "acme")
    assert len({keys().digest(*parts) for parts in (("ann", "acme"), ("an", "nacme"), ("ann\nacme",), ("ann",))}) == 4
    assert keys(OTHER).digest("ann") != keys(SECRET).digest("ann")
