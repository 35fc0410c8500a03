"""SettingsError, and the conversion of pydantic's errors to sentences that quote no value."""

from __future__ import annotations

from pydantic import ValidationError


class SettingsError(ValueError):
    """Raised if the settings cannot be used.

    The message is one line. It names each invalid variable and quotes no secret. `faults` holds one sentence for each
    fault.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def faults_in(error: ValidationError, prefix: str) -> list[str]:
    """Return a sentence for each error. The sentence begins with the name of the invalid variable."""
    return [
        _sentence(each["loc"], each["msg"], prefix)
        for each in error.errors()
        # This error reports a default that is computed from an invalid setting. The invalid setting has its own error.
        if each["type"] != "default_factory_not_called"
    ]


def _sentence(location: tuple[int | str, ...], message: str, prefix: str) -> str:
    message = " ".join(message.removeprefix("Value error, ").split())
    return f"{prefix}{str(location[0]).upper()}: {message}" if location else message
