"""A text that tests send in requests. No span may contain this text."""

from __future__ import annotations

SECRET = "canary-in-a-request"
