"""Which version of Gatehouse runs."""

from __future__ import annotations

from importlib.metadata import version

VERSION = version("gatehouse")
