import json
from base64 import urlsafe_b64decode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from api.security.keys import CheckpointKeys, SigningKeys, derive, thumbprint

OLD, NEW = b"o" * 32, b"n" * 32


def test_a_derived_key_is_the_same_each_time() -> None:
    assert derive(NEW, "links") == derive(NEW, "links")
    assert len(derive(NEW, "links")) == 32


def test_each_purpose_and_each_secret_has_a_key_of_its_own() -> None:
    derived = {derive(secret, purpose) for secret in (OLD, NEW) for purpose in ("links", "link", "codes")}

    assert len(derived) == 6


def test_a_derived_key_never_changes_between_releases() -> None:
    # Else every link and token that is out would die with an upgrade.
    assert derive(NEW, "links").hex() == "44f5c76cefc57358c8c14e1f01e9da4f94a7a4f009a7edada7862832a6ceb0af"
    assert SigningKeys([NEW]).kid == "tpy1BeH_g88n_b9aOwkTooUZzGuQmzUXdA5VenVDKeQ"


@pytest.mark.parametrize("secret", [b"", b"x" * 31])
def test_a_short_secret_is_refused(secret: bytes) -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        derive(secret, "links")


def test_a_purpose_must_be_named() -> None:
    with pytest.raises(ValueError, match="needs a purpose"):
        derive(NEW, "")


def test_a_keys_name_is_its_rfc_7638_thumbprint() -> None:
    # The example of RFC 8037, appendix A.3.
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(x + "="))

    assert thumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_published_keys_are_public_and_the_signing_one_comes_first() -> None:
    keys = SigningKeys([NEW, OLD])

    published = keys.jwks()["keys"]

    assert [key["kid"] for key in published] == [SigningKeys([NEW]).kid, SigningKeys([OLD]).kid]
    for key in published:
        assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("OKP", "Ed25519", "sig", "EdDSA")


def test_other_programs_can_verify_with_the_published_keys() -> None:
    keys = SigningKeys([NEW])
    signed = jwt.encode({"sub": "ann"}, keys.private_key, algorithm="EdDSA")

    published = jwt.PyJWKSet.from_json(json.dumps(keys.jwks()))

    assert jwt.decode(signed, published[keys.kid], algorithms=["EdDSA"]) == {"sub": "ann"}


def test_after_a_rotation_the_previous_key_still_verifies_and_no_longer_signs() -> None:
    before = SigningKeys([OLD])

    after = SigningKeys([NEW, OLD])

    assert after.kid != before.kid
    assert after.public_key(before.kid) == before.private_key.public_key()
    assert after.private_key.public_key() == SigningKeys([NEW]).private_key.public_key()


def test_a_key_that_is_not_configured_is_unknown() -> None:
    keys = SigningKeys([NEW])

    assert keys.public_key(SigningKeys([OLD]).kid) is None
    assert keys.public_key("") is None


def test_the_same_secret_given_twice_is_published_once() -> None:
    keys = SigningKeys([NEW, NEW])

    assert len(keys.jwks()["keys"]) == 1


def test_every_one_of_many_secrets_must_be_long_enough() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        SigningKeys([NEW, b"short"])


def test_a_checkpoint_key_never_changes_between_releases() -> None:
    # Else no stored checkpoint would verify after an upgrade.
    keys = CheckpointKeys([NEW])

    assert keys.current == "GHmoxlGXPosJpCVotcloGePkrhVuTkNbjEG8CZkfbKM"
    assert keys.current != SigningKeys([NEW]).jwks()["keys"][0]["x"]


def test_a_checkpoint_is_verified_by_the_public_key_alone() -> None:
    keys, stranger = CheckpointKeys([NEW, OLD]), CheckpointKeys([b"s" * 32])

    signature = keys.sign("text")

    assert stranger.is_valid(keys.current, "text", signature)
    assert not keys.is_valid(keys.current, "another text", signature)
    assert not keys.is_valid(stranger.current, "text", signature)
    assert keys.current == CheckpointKeys([NEW]).current
    assert [keys.knows(each.current) for each in (keys, CheckpointKeys([OLD]), stranger)] == [True, True, False]


@pytest.mark.parametrize("broken", ["", "A", "no key", "ä", "A" * 43, "A" * 86])
def test_a_malformed_key_or_signature_is_not_valid(broken: str) -> None:
    keys = CheckpointKeys([NEW])

    assert not keys.is_valid(broken, "text", keys.sign("text"))
    assert not keys.is_valid(keys.current, "text", broken)
