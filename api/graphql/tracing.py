"""The export of spans, if tracing is on. OpenTelemetry is imported only if tracing is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

PACKAGES = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")
"""The packages that the extra `tracing` installs."""


class NotInstalled(Exception):
    """Raised if tracing is on and its packages are not installed. The message names the packages."""


def tracer_provider(protocol: Literal["off", "otlp"]) -> TracerProvider | None:
    """Return a provider that exports spans, configured by the OTEL_ variables. Return None if `protocol` is "off".

    Raise NotInstalled if the packages are missing.
    """
    if protocol == "off":
        return None
    try:
        from api.graphql.request_spans import span_exporter
    except ModuleNotFoundError as missing:
        raise NotInstalled(
            f"GATEHOUSE_TRACING={protocol} needs packages that are not installed: pip install {' '.join(PACKAGES)}"
        ) from missing
    return span_exporter()
