"""Access tokens (RFC 9068, RFC 8725). A token identifies an account and a session, and grants no permissions."""

from __future__ import annotations

import hashlib
import json
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

import jwt

from api.core.limits import LONGEST_ACCESS_TOKEN
from api.security.keys import SigningKeys
from rules.refusals import Code, Refusal

LONGEST_TEXT = 4096
LEEWAY = timedelta(seconds=5)
"""The accepted difference between the clocks of two servers. A token's time of issue can be this far in the future.

The leeway does not extend the lifetime of a token.
"""

_ALGORITHM = "EdDSA"
_TYPE = "at+jwt"
_CLAIMS = ("exp", "iat", "nbf", "iss", "aud", "sub", "sid", "jti")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_LAST_SECOND = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _SECOND
# PyJWT accepts `=` in a token, so that several texts would have one signature.
_THREE_PARTS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new access token. The token's text is not part of `repr`, so that no log contains it."""

    text: str = field(repr=False)
    expires_in_seconds: int


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified token.

    Only the database shows whether the session of the token has ended.
    """

    account_id: UUID
    session_id: UUID
    token_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Verified:
    claims: Claims
    valid_from: datetime


class _StrictJWT(jwt.PyJWT):
    """PyJWT, except that a payload with two members of the same name is rejected.

    Parsers disagree about which of the two members is valid.
    """

    def _decode_payload(self, decoded: dict[str, Any]) -> dict[str, Any]:
        try:
            payload = json.loads(decoded["payload"], object_pairs_hook=_unique_names)
        except (ValueError, RecursionError):
            raise jwt.DecodeError("the payload is not strict JSON") from None
        if not isinstance(payload, dict):
            raise jwt.DecodeError("the payload is not a JSON object")
        return payload


class AccessTokens:
    """Issues and verifies access tokens.

    An instance caches at most `most_remembered` verified tokens, and must be used in one thread only.
    """

    def __init__(
        self, keys: SigningKeys, issuer: str, audience: str, lifetime: timedelta, *, most_remembered: int = 4096
    ) -> None:
        if not _SECOND <= lifetime <= LONGEST_ACCESS_TOKEN or lifetime % _SECOND:
            raise ValueError(
                f"an access token lives for whole seconds, at most {LONGEST_ACCESS_TOKEN // timedelta(minutes=1)} minutes"
            )
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime
        self._most_remembered = most_remembered
        self._remembered: OrderedDict[bytes, _Verified] = OrderedDict()
        # `verify` checks the times against its argument `now`. PyJWT could check them only against the system clock.
        self._jwt = _StrictJWT(
            {
                "require": list(_CLAIMS),
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            }
        )

    @property
    def remembered(self) -> int:
        """The number of verified tokens in the cache."""
        return len(self._remembered)

    def issue(self, account_id: UUID, session_id: UUID, now: datetime, token_id: UUID) -> IssuedToken:
        """Return a signed access token for the session. `token_id` is the claim `jti`.

        The token is valid from `now` for the lifetime of access tokens.
        """
        issued = (now - _EPOCH) // _SECOND
        seconds = self._lifetime // _SECOND
        payload = {
            "exp": issued + seconds,
            "iat": issued,
            "nbf": issued,
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(account_id),
            "sid": str(session_id),
            "jti": str(token_id),
        }
        headers = {"typ": _TYPE, "kid": self._keys.kid}
        text = self._jwt.encode(payload, self._keys.private_key, algorithm=_ALGORITHM, headers=headers)
        return IssuedToken(text, seconds)

    def verify(self, text: str, now: datetime) -> Claims:
        """Return the claims of the token. Raise Refusal(UNAUTHENTICATED) if the token is invalid or expired at `now`."""
        if not isinstance(text, str) or len(text) > LONGEST_TEXT or not _THREE_PARTS.fullmatch(text):
            _refuse()
        # The cache is keyed by digest, so that no usable token stays in memory.
        digest = hashlib.sha256(text.encode()).digest()
        verified = self._remembered.get(digest) or self._verified(text)
        if now >= verified.claims.expires_at:
            self._remembered.pop(digest, None)
            _refuse("The access token has expired.")
        if now < verified.valid_from - LEEWAY:
            _refuse()
        self._remember(digest, verified)
        return verified.claims

    def _verified(self, text: str) -> _Verified:
        try:
            kid = jwt.get_unverified_header(text).get("kid", "")
            key = self._keys.public_key(kid)
            if key is None:
                _refuse()
            decoded = self._jwt.decode_complete(
                text, key, algorithms=[_ALGORITHM], issuer=self._issuer, audience=self._audience
            )
        except jwt.PyJWTError:
            _refuse()
        # A token with other headers, such as `crit` or `jwk`, is refused even if its signature is valid.
        if decoded["header"] != {"alg": _ALGORITHM, "kid": kid, "typ": _TYPE}:
            _refuse()
        return _read(decoded["payload"])

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        self._remembered[digest] = verified
        self._remembered.move_to_end(digest)
        if len(self._remembered) > self._most_remembered:
            self._remembered.popitem(last=False)


def bearer(header: str | None) -> str | None:
    """Return the token in the value of an Authorization header. Return None if `header` is None.

    Raise Refusal(UNAUTHENTICATED) if the header does not have the form `Bearer TOKEN`.
    """
    if header is None:
        return None
    match = _BEARER.fullmatch(header)
    if match is None:
        _refuse("The Authorization header must be: Bearer, a space, and an access token.")
    return match[1]


def _read(payload: dict[str, Any]) -> _Verified:
    issued, not_before, expires = (_instant(payload[claim]) for claim in ("iat", "nbf", "exp"))
    if not timedelta(0) < expires - issued <= LONGEST_ACCESS_TOKEN:
        _refuse()
    claims = Claims(_uuid(payload["sub"]), _uuid(payload["sid"]), _uuid(payload["jti"]), expires)
    return _Verified(claims, valid_from=max(issued, not_before))


def _instant(seconds: object) -> datetime:
    # In Python a bool is an int, but True is not a time.
    if type(seconds) is not int or not 0 <= seconds <= _LAST_SECOND:
        _refuse()
    return _EPOCH + timedelta(seconds=seconds)


def _uuid(text: object) -> UUID:
    try:
        value = UUID(text) if isinstance(text, str) else None
    except ValueError:
        value = None
    # Accept one spelling. UUID() also accepts braces, the prefix `urn:uuid:`, and capitals.
    if value is None or str(value) != text:
        _refuse()
    return value


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice")
    return members


def _refuse(message: str = "The access token is not valid.") -> NoReturn:
    # `from None`: PyJWT's message may quote the token, and must not reach a log.
    raise Refusal(Code.UNAUTHENTICATED, message) from None
