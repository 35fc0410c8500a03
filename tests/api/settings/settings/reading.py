"""Read invalid settings, and return the messages."""

from __future__ import annotations

import pytest

from api.settings.settings import load
from api.settings.settings_errors import SettingsError

SECRET = "s3cret-" * 6


def fault(**given: object) -> str:
    with pytest.raises(SettingsError) as refused:
        load(**given)
    return str(refused.value)
