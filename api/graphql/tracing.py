"""Whether requests are traced, and whether what that takes is installed. Nothing of OpenTelemetry is loaded when not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.settings.settings import PREFIX, Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

PACKAGES = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")
"""What the extra `tracing` brings."""


class NotInstalled(Exception):
    """Tracing is asked for, but its packages are not there; the message says what to install."""


def exporting(settings: Settings) -> TracerProvider | None:
    """Where spans go, by OpenTelemetry's own OTEL_ variables; None when tracing is off. Raises NotInstalled."""
    if settings.tracing == "off":
        return None
    try:
        from api.graphql.spans import exported
    except ModuleNotFoundError as missing:
        raise NotInstalled(
            f"{PREFIX}TRACING={settings.tracing} needs packages that are not installed: pip install {' '.join(PACKAGES)}"
        ) from missing
    return exported()
