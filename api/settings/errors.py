"""What is wrong with settings, in words that name the variable and quote no value."""

from __future__ import annotations

from pydantic import ValidationError


class SettingsError(ValueError):
    """The settings cannot be used; the message is one line, names each variable at fault and quotes no secret."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def faults_in(error: ValidationError, prefix: str) -> list[str]:
    """Return a sentence for each error, which begins with the variable at fault."""
    return [
        _sentence(each["loc"], each["msg"], prefix)
        for each in error.errors()
        # A default that is computed from an invalid setting: that setting has its own sentence.
        if each["type"] != "default_factory_not_called"
    ]


def _sentence(location: tuple[int | str, ...], message: str, prefix: str) -> str:
    message = " ".join(message.removeprefix("Value error, ").split())
    return f"{prefix}{str(location[0]).upper()}: {message}" if location else message
