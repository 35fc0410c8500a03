"""Collect the faults that prevent a server from starting.

In every environment, a variable that names no setting is a fault. In production, missing settings, unsafe settings
(api/settings/unsafe_settings.py) and a database with the demo are faults too.
"""

from __future__ import annotations

from api.settings import unsafe_settings
from api.settings.settings import Settings


def faults(settings: Settings, *, has_demo: bool) -> list[str]:
    """Return a sentence for each fault that prevents a server from starting with `settings`.

    `has_demo` states whether the database contains the demo, whose passwords are public. In development, only an
    unknown variable with the prefix GATEHOUSE_ is a fault: it could be a misspelt GATEHOUSE_ENV=production.
    """
    found = unsafe_settings.misspelt()
    if settings.env == "development":
        return found
    found += [f"{lacking}." for lacking in settings.lacking]
    found += unsafe_settings.faults_of_every_process(settings) + unsafe_settings.faults_of_the_server(settings)
    if has_demo:
        found.append(
            "The database holds the demo, whose passwords are public: set GATEHOUSE_DATABASE_URL to another one."
        )
    return found
