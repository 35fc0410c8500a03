"""The installed version of Gatehouse."""

from __future__ import annotations

from importlib.metadata import version

VERSION = version("gatehouse")
