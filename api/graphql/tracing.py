"""The setting for tracing. Without it no package of OpenTelemetry is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

PACKAGES = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")
"""The packages of the extra `tracing`."""


class NotInstalled(Exception):
    """Tracing is on, and its packages are not installed; the message names them."""


def exporting(protocol: Literal["off", "otlp"]) -> TracerProvider | None:
    """Return a provider that exports spans as OpenTelemetry's OTEL_ variables say; None if `protocol` is "off".

    Raise NotInstalled if the packages are missing.
    """
    if protocol == "off":
        return None
    try:
        from api.graphql.spans import exported
    except ModuleNotFoundError as missing:
        raise NotInstalled(
            f"GATEHOUSE_TRACING={protocol} needs packages that are not installed: pip install {' '.join(PACKAGES)}"
        ) from missing
    return exported()
