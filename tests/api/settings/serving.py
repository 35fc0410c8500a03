"""Settings with which a production server can start."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from api.settings.settings import Settings

SECRET = "a-secret-for-tests-of-32-bytes-or-more"


def production(**given: Any) -> Settings:
    return Settings(
        **{
            "env": "production",
            "secret_key": SecretStr(SECRET),
            "allowed_hosts": ("api.example.org",),
            "trusted_proxies": "none",
            "database_url": "sqlite:///nowhere/db",
            "allow_sqlite": True,
            **given,
        }
    )
