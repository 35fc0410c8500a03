"""What prevents a server from starting with given settings."""

from __future__ import annotations

from api.settings import unsafe_settings
from api.settings.settings import Settings


def faults(settings: Settings, *, has_demo: bool) -> list[str]:
    """Return a sentence for each fault that prevents a server from starting with these settings.

    In development only variables that name no setting are faults: one may be a misspelt GATEHOUSE_ENV. Development pages
    and introspection need no check: production never has the former, and the latter only if it is set.
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
