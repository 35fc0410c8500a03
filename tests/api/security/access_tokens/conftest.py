"""Fixtures that the tests of this folder share."""

from __future__ import annotations

import pytest

from api.security.access_tokens import AccessTokens
from tests.api.security.access_tokens.signing import access_tokens


@pytest.fixture
def tokens() -> AccessTokens:
    return access_tokens()
