"""Collect the faults that prevent a server from starting.

The faults are variables that name no setting and, in production, missing settings, unsafe settings
(api/settings/unsafe_settings.py) and a database with the demo.
"""

from __future__ import annotations

from api.settings import unsafe_settings
from api.settings.settings import Settings


def faults(settings: Settings, *, has_demo: bool) -> list[str]:
    """Return a sentence for each fault that prevents a server from starting with `settings`.

    In development, the only faults are variables with the prefix GATEHOUSE_ that name no setting, because such a
    variable could be a misspelt GATEHOUSE_ENV=production. `has_demo` states whether the database contains the demo,
    which is a fault in production, because the demo's passwords are public.
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
