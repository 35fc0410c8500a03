"""Tokens of links and codes: derived from the link's row and the server's key, and never stored."""

from __future__ import annotations

from hashlib import sha256

from models.links import LinkRow
from services.runtime import Runtime


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return sha256(token.encode()).hexdigest()


def code_of(token: str) -> str:
    """The six digits that stand for a token where people type it."""
    return f"{int(sha256(f'code {token}'.encode()).hexdigest(), 16) % 1_000_000:06d}"


def token_of(runtime: Runtime, link: LinkRow) -> str | None:
    """The link's token, derived anew; None when it was made with a secret key that this server does not know."""
    known = runtime.links.tokens(link.purpose, link.id, link.nonce)
    return next((token for token in known if token_hash(token) == link.token_hash), None)
