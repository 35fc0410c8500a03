"""A text that a request holds and no span may hold."""

from __future__ import annotations

SECRET = "canary-in-a-request"
