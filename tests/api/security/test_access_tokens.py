import hashlib
import hmac
import json
import logging
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from api.security.access_tokens import AccessTokens, Claims, bearer
from api.security.keys import SigningKeys
from rules.refusals import Code, Refusal

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTES_15 = timedelta(minutes=15)
ACCOUNT = UUID("01941f29-7c00-7aaa-8aaa-aaaaaaaaaaaa")
SESSION = UUID("01941f29-7c00-7bbb-8bbb-bbbbbbbbbbbb")
TOKEN = UUID("01941f29-7c00-7ccc-8ccc-cccccccccccc")
KEYS = SigningKeys([b"k" * 32])
STRANGERS_KEYS = SigningKeys([b"s" * 32])
HEADER = {"alg": "EdDSA", "kid": KEYS.kid, "typ": "at+jwt"}
START = int(NOW.timestamp())
CLAIMS = {
    "exp": START + 900,
    "iat": START,
    "nbf": START,
    "iss": "gatehouse",
    "aud": "gatehouse-api",
    "sub": str(ACCOUNT),
    "sid": str(SESSION),
    "jti": str(TOKEN),
}


@pytest.fixture
def tokens() -> AccessTokens:
    return access_tokens()


def access_tokens(keys: SigningKeys = KEYS, **given: Any) -> AccessTokens:
    return AccessTokens(keys, **{"issuer": "gatehouse", "audience": "gatehouse-api", "lifetime": MINUTES_15, **given})


def base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def signed(header: object = HEADER, payload: object = CLAIMS, keys: SigningKeys = KEYS) -> str:
    """Any header and payload under a good signature; text is taken as it is, so that it need not be sound JSON."""
    parts = [each if isinstance(each, str) else json.dumps(each) for each in (header, payload)]
    signing_input = ".".join(base64url(part.encode("utf-8", "surrogatepass")) for part in parts)
    return f"{signing_input}.{base64url(keys.private_key.sign(signing_input.encode()))}"


def with_claims(**changed: object) -> str:
    return signed(payload={**CLAIMS, **changed})


def refused(tokens: AccessTokens, text: Any, now: datetime = NOW) -> str:
    """The message of the refusal."""
    with pytest.raises(Refusal) as refusal:
        tokens.verify(text, now)
    assert refusal.value.code is Code.UNAUTHENTICATED
    return refusal.value.message


def test_an_issued_token_says_who_is_asking(tokens: AccessTokens) -> None:
    issued = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN)

    claims = tokens.verify(issued.text, NOW)

    assert claims == Claims(ACCOUNT, SESSION, TOKEN, expires_at=NOW + MINUTES_15)
    assert issued.expires_in_seconds == 900


def test_a_token_has_exactly_the_agreed_header_and_claims(tokens: AccessTokens) -> None:
    issued = tokens.issue(ACCOUNT, SESSION, NOW + timedelta(milliseconds=999), TOKEN)

    decoded = jwt.decode_complete(issued.text, options={"verify_signature": False})

    assert decoded["header"] == HEADER
    assert decoded["payload"] == CLAIMS


def test_other_programs_can_verify_a_token_with_the_published_keys(tokens: AccessTokens) -> None:
    issued = tokens.issue(ACCOUNT, SESSION, datetime.now(UTC), TOKEN)

    published = jwt.PyJWKSet.from_dict(dict(KEYS.jwks()))
    payload = jwt.decode(issued.text, published[KEYS.kid], algorithms=["EdDSA"], audience="gatehouse-api")

    assert payload["sub"] == str(ACCOUNT)


def test_the_hand_made_tokens_of_these_tests_are_good_when_nothing_is_wrong_with_them(tokens: AccessTokens) -> None:
    assert tokens.verify(signed(), NOW).account_id == ACCOUNT


# Time


def test_a_token_is_good_until_the_second_of_its_end_and_not_in_it(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text

    tokens.verify(text, NOW + MINUTES_15 - timedelta(milliseconds=1))
    told = refused(tokens, text, NOW + MINUTES_15)

    assert told == "The access token has expired."
    assert refused(access_tokens(), text, NOW + MINUTES_15) == told


def test_the_given_time_counts_and_not_the_wall_clock(tokens: AccessTokens) -> None:
    long_ago, far_off = datetime(2001, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

    for now in (long_ago, far_off):
        assert tokens.verify(tokens.issue(ACCOUNT, SESSION, now, TOKEN).text, now).expires_at == now + MINUTES_15


def test_a_naive_time_is_a_bug_and_raises(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text

    with pytest.raises(TypeError):
        tokens.verify(text, NOW.replace(tzinfo=None))
    with pytest.raises(TypeError):
        tokens.issue(ACCOUNT, SESSION, NOW.replace(tzinfo=None), TOKEN)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_clock_that_is_five_seconds_ahead_is_forgiven_and_six_are_not(tokens: AccessTokens, claim: str) -> None:
    assert tokens.verify(with_claims(**{claim: START + 5}), NOW)
    assert refused(tokens, with_claims(**{claim: START + 6}))


def test_a_token_is_not_good_before_its_time_even_when_it_is_remembered(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text
    tokens.verify(text, NOW)

    assert refused(tokens, text, NOW - 6 * SECOND)


def test_no_token_lives_longer_than_15_minutes_however_well_it_is_signed(tokens: AccessTokens) -> None:
    assert refused(tokens, with_claims(exp=START + 901))
    assert refused(tokens, with_claims(exp=START + 10**9))
    assert refused(tokens, with_claims(iat=START - 1))


def test_a_token_that_ends_before_it_begins_is_refused(tokens: AccessTokens) -> None:
    assert refused(tokens, with_claims(iat=START + 4, exp=START + 4), NOW)


@pytest.mark.parametrize("lifetime", [timedelta(0), -SECOND, timedelta(seconds=1.5), MINUTES_15 + SECOND])
def test_a_lifetime_over_15_minutes_or_not_in_whole_seconds_cannot_be_configured(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="at most 15 minutes"):
        access_tokens(lifetime=lifetime)


def test_a_shorter_lifetime_is_told_to_the_client() -> None:
    tokens = access_tokens(lifetime=timedelta(minutes=1))

    issued = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN)

    assert issued.expires_in_seconds == 60
    assert tokens.verify(issued.text, NOW).expires_at == NOW + timedelta(minutes=1)


# Claims


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_every_claim_is_required(tokens: AccessTokens, claim: str) -> None:
    without = {name: value for name, value in CLAIMS.items() if name != claim}

    assert refused(tokens, signed(payload=without))
    assert refused(tokens, with_claims(**{claim: None}))


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(
    "value", [True, START + 0.5, str(START), "now", [START], {}, -1, 10**12, 10**30, float("nan"), float("inf")]
)
def test_a_time_is_a_whole_number_of_seconds(tokens: AccessTokens, claim: str, value: object) -> None:
    assert refused(tokens, with_claims(**{claim: value}))


@pytest.mark.parametrize("claim", ["sub", "sid", "jti"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "ann",
        7,
        [str(ACCOUNT)],
        {"id": str(ACCOUNT)},
        str(ACCOUNT).upper(),
        ACCOUNT.hex,
        f"{{{ACCOUNT}}}",
        f"urn:uuid:{ACCOUNT}",
        f" {ACCOUNT}",
        f"{ACCOUNT}\n",
    ],
)
def test_an_id_is_a_uuid_in_its_one_spelling(tokens: AccessTokens, claim: str, value: object) -> None:
    assert refused(tokens, with_claims(**{claim: value}))


@pytest.mark.parametrize("issuer", ["", "stranger", "gatehouse/", "Gatehouse", ["gatehouse"], 7, {}])
def test_a_token_of_another_issuer_is_refused(tokens: AccessTokens, issuer: object) -> None:
    assert refused(tokens, with_claims(iss=issuer))


@pytest.mark.parametrize("audience", ["", "stranger", "gatehouse", ["gatehouse-api"], ["gatehouse-api", "x"], 7, {}])
def test_a_token_for_another_audience_is_refused(tokens: AccessTokens, audience: object) -> None:
    assert refused(tokens, with_claims(aud=audience))


def test_installations_with_one_key_and_two_names_do_not_take_each_others_tokens(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text

    assert refused(access_tokens(issuer="other"), text)
    assert refused(access_tokens(audience="other"), text)


def test_a_claim_that_is_not_known_yet_is_ignored(tokens: AccessTokens) -> None:
    assert tokens.verify(with_claims(groups=["External users"]), NOW).account_id == ACCOUNT


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_a_claim_that_stands_twice_is_refused(tokens: AccessTokens, claim: str) -> None:
    value = json.dumps(CLAIMS[claim])
    twice = json.dumps(CLAIMS)[:-1] + f', "{claim}": {value}}}'

    assert refused(tokens, signed(payload=twice))


@pytest.mark.parametrize(
    "payload", ["", "null", "[]", '"text"', "7", "{", "{}", "[" * 1500, "9" * 2500, '{"exp": NaN}']
)
def test_a_payload_that_is_no_object_of_claims_is_refused(tokens: AccessTokens, payload: str) -> None:
    assert refused(tokens, signed(payload=payload))


# Signature and header


def test_a_token_signed_by_somebody_else_is_refused(tokens: AccessTokens) -> None:
    in_our_name = signed(keys=STRANGERS_KEYS)
    in_his_own = access_tokens(STRANGERS_KEYS).issue(ACCOUNT, SESSION, NOW, TOKEN).text

    assert refused(tokens, in_our_name)
    assert refused(tokens, in_his_own)


def test_a_changed_payload_is_refused(tokens: AccessTokens) -> None:
    header, _, signature = signed().split(".")
    forged = base64url(json.dumps({**CLAIMS, "sub": str(SESSION)}).encode())

    assert refused(tokens, f"{header}.{forged}.{signature}")


def test_every_changed_character_makes_a_token_bad_even_after_it_was_remembered(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text
    tokens.verify(text, NOW)

    for place, character in enumerate(text):
        other = "A" if character != "A" else "B"
        assert refused(tokens, text[:place] + other + text[place + 1 :])


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS256", "RS256", "ES256", "Ed25519", None, [], 7])
def test_only_the_one_algorithm_is_taken_even_under_a_good_signature(tokens: AccessTokens, algorithm: object) -> None:
    assert refused(tokens, signed({**HEADER, "alg": algorithm}))


def test_an_unsigned_token_is_refused(tokens: AccessTokens) -> None:
    parts = [base64url(json.dumps(each).encode()) for each in ({**HEADER, "alg": "none"}, CLAIMS)]
    unsigned = ".".join([*parts, ""])

    assert refused(tokens, unsigned)
    assert refused(tokens, unsigned + base64url(b"anything"))
    assert refused(tokens, signed().rpartition(".")[0] + ".")


def test_the_public_key_is_no_shared_secret(tokens: AccessTokens) -> None:
    public = KEYS.private_key.public_key()
    spellings = [
        public.public_bytes_raw(),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
    ]
    parts = [base64url(json.dumps(each).encode()) for each in ({**HEADER, "alg": "HS256"}, CLAIMS)]

    for secret in spellings:
        code = hmac.new(secret, ".".join(parts).encode(), hashlib.sha256).digest()
        assert refused(tokens, ".".join([*parts, base64url(code)]))


@pytest.mark.parametrize("kind", ["JWT", "at+JWT", "application/at+jwt", "rt+jwt", "id+jwt", "", None, 7])
def test_a_token_of_another_type_is_refused(tokens: AccessTokens, kind: object) -> None:
    assert refused(tokens, signed({**HEADER, "typ": kind}))


def test_a_token_without_a_type_is_refused(tokens: AccessTokens) -> None:
    assert refused(tokens, signed({"alg": "EdDSA", "kid": KEYS.kid}))


@pytest.mark.parametrize("kid", ["", "unknown", STRANGERS_KEYS.kid, "../secret_key", "' OR 1=1", None, 7, [], {}])
def test_only_a_configured_key_is_taken(tokens: AccessTokens, kid: object) -> None:
    assert refused(tokens, signed({**HEADER, "kid": kid}))
    assert refused(tokens, signed({**HEADER, "kid": kid}, keys=STRANGERS_KEYS))


def test_a_token_without_a_key_name_is_refused(tokens: AccessTokens) -> None:
    assert refused(tokens, signed({"alg": "EdDSA", "typ": "at+jwt"}))


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"], "exp": START},
        {"crit": []},
        {"crit": ["b64"], "b64": True},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"jwk": STRANGERS_KEYS.jwks()["keys"][0]},
        {"jku": "https://stranger.example/jwks.json"},
        {"x5u": "https://stranger.example/cert.pem"},
        {"x5c": ["AAAA"]},
        {"zip": "DEF"},
        {"cty": "JWT"},
    ],
)
def test_a_header_with_anything_more_is_refused(tokens: AccessTokens, extra: dict[str, object]) -> None:
    assert refused(tokens, signed({**HEADER, **extra}))
    assert refused(tokens, signed({**HEADER, **extra}, keys=STRANGERS_KEYS))


def test_after_a_rotation_tokens_of_the_previous_key_are_good_until_it_is_taken_away() -> None:
    text = access_tokens(SigningKeys([b"o" * 32])).issue(ACCOUNT, SESSION, NOW, TOKEN).text

    rotated = access_tokens(SigningKeys([b"n" * 32, b"o" * 32]))
    done = access_tokens(SigningKeys([b"n" * 32]))

    assert rotated.verify(text, NOW).account_id == ACCOUNT
    assert refused(done, text)


# Shape


@pytest.mark.parametrize(
    "text", [None, 7, b"bytes", signed().encode(), [signed()], {"token": signed()}, True, object()]
)
def test_what_is_not_text_is_refused(tokens: AccessTokens, text: object) -> None:
    assert refused(tokens, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        signed() + ".",
        signed() + "=",
        signed() + "==",
        signed() + "\n",
        " " + signed(),
        signed() + "." + signed(),
        signed().replace(".", "=.", 1),
        signed() + "\ud800",
        signed() + "\u00e9",
        "\0" * 100,
    ],
)
def test_what_is_not_three_parts_of_base64url_is_refused(tokens: AccessTokens, text: str) -> None:
    assert refused(tokens, text)


def test_a_token_over_four_kibibytes_is_refused_however_well_it_is_signed(tokens: AccessTokens) -> None:
    fits, too_long = with_claims(more="x" * 2500), with_claims(more="x" * 2900)

    assert len(fits) <= 4096 < len(too_long)
    assert tokens.verify(fits, NOW)
    assert refused(tokens, too_long)
    assert refused(tokens, "a." * 10**6)


@settings(deadline=None)
@given(header=st.text(max_size=50) | st.dictionaries(st.sampled_from([*HEADER, "crit", "b64"]), st.none() | st.text()))
def test_no_header_makes_anything_but_a_refusal(header: object) -> None:
    assert refused(access_tokens(), signed(header))


def test_deep_and_long_headers_are_refused(tokens: AccessTokens) -> None:
    for header in ("[" * 2000, '{"a":' * 400, "9" * 2500, f'{{"kid": {"9" * 2000}}}'):
        assert refused(tokens, signed(header))


# Memory and silence


def test_a_remembered_token_expires_all_the_same(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text
    tokens.verify(text, NOW)
    assert tokens.remembered == 1

    assert refused(tokens, text, NOW + MINUTES_15) == "The access token has expired."
    assert tokens.remembered == 0


def test_a_remembered_token_says_the_same_again(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text

    assert tokens.verify(text, NOW) == tokens.verify(text, NOW + SECOND)


def test_no_more_tokens_are_remembered_than_configured() -> None:
    tokens = access_tokens(most_remembered=3)
    texts = [tokens.issue(ACCOUNT, SESSION, NOW, UUID(int=number)).text for number in range(10)]

    for text in [*texts, *texts]:
        tokens.verify(text, NOW)

    assert tokens.remembered == 3


def test_bad_tokens_are_not_remembered(tokens: AccessTokens) -> None:
    for number in range(10):
        refused(tokens, with_claims(iss=f"stranger {number}"))
        refused(tokens, with_claims(exp=START - number, iat=START - 100))

    assert tokens.remembered == 0


def test_no_usable_token_lies_in_memory(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text
    tokens.verify(text, NOW)

    kept = str(vars(tokens))

    assert str(ACCOUNT) in kept
    assert text not in kept
    assert text.rpartition(".")[2] not in kept


def test_no_token_is_printed_or_logged(tokens: AccessTokens, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    issued = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN)
    stranger = signed(keys=STRANGERS_KEYS)

    with pytest.raises(Refusal) as refusal:
        tokens.verify(stranger, NOW)

    assert issued.text not in repr(issued)
    assert stranger not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
    assert caplog.text == ""


# The Authorization header


def test_without_a_header_there_is_no_token() -> None:
    assert bearer(None) is None


@pytest.mark.parametrize("header", ["Bearer abc.def-_.~+/=", "bearer abc.def-_.~+/=", "BEARER   abc.def-_.~+/="])
def test_the_token_stands_after_the_scheme_in_any_case(header: str) -> None:
    assert bearer(header) == "abc.def-_.~+/="


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer\tabc",
        "Bearerabc",
        " Bearer abc",
        "Bearer abc ",
        "Bearer abc\n",
        "Bearer abc def",
        "Bearer abc, Bearer def",
        "Bearer =",
        "Bearer a=b",
        "Bearer \u00e9",
        "Basic YW5uOnNlY3JldA==",
        "Digest abc",
        "abc",
        "Bearer " + "=" * 10_000,
    ],
)
def test_any_other_header_is_refused(header: str) -> None:
    with pytest.raises(Refusal) as refusal:
        bearer(header)

    assert refusal.value.code is Code.UNAUTHENTICATED
    assert refusal.value.message == "The Authorization header must be: Bearer, a space, and an access token."
