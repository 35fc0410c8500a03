"""What prevents a server from starting with given settings."""

from __future__ import annotations

from api.settings import unsafe_settings
from api.settings.settings import Settings


def faults(settings: Settings, *, has_demo: bool) -> list[str]:
    """What has to be set or undone before a server may start with these settings, all of it.

    In development that is what names no setting, since it may be what was to make it production. A development page and
    introspection cannot be among it: production has the first nowhere (`api/app.py`), the other only where it is asked
    for.
    """
    found = unsafe_settings.misspelt()
    if settings.env == "development":
        return found
    found += [f"{lacking}." for lacking in settings.lacking]
    found += unsafe_settings.of_every_process(settings) + unsafe_settings.of_the_server(settings)
    if has_demo:
        found.append(
            "The database holds the demo, whose passwords are public: set GATEHOUSE_DATABASE_URL to another one."
        )
    return found
