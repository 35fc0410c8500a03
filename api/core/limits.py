"""Limits that the settings and other packages of api/ use."""

from __future__ import annotations

from datetime import timedelta

LONGEST_ACCESS_TOKEN = timedelta(minutes=15)
"""The maximum lifetime of an access token."""

MOST_CONNECTIONS = 512
"""The default of the setting `max_connections`: the maximum number of open connections of a process."""

LEAST_POOL, MOST_POOL = 2, 200
"""The bounds of the setting `database_pool_size`."""

SHORTEST_SECRET_BYTES = 32
"""The minimum length of a secret key, of a metrics token and of a service's secret, in bytes."""
