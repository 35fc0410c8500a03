"""Reading settings that are wrong."""

from __future__ import annotations

import pytest

from api.settings.errors import SettingsError
from api.settings.settings import load

SECRET = "s3cret-" * 6


def fault(**given: object) -> str:
    with pytest.raises(SettingsError) as refused:
        load(**given)
    return str(refused.value)
