"""The limits of one request that descriptions of the schema contain. api/graphql/cost/limits.py applies them."""

from __future__ import annotations

MOST_VALUES = 100_000
"""The maximum number of values in an answer. api/graphql/cost/field_costs.py has the formula."""

UNBOUNDED_LIST = 20
"""The assumed length of a list whose field declares no bound. resolvers/core/field_costs.py has the declarations."""

SEARCH_VALUES = 500
"""The number of values that a search adds to the cost. A filter whose type has a field `search` adds the same number.
"""

MOST_BODY_BYTES = 1024 * 1024
"""The maximum number of bytes of a POST's body. A longer body is answered with status 413."""

MOST_ANONYMOUS_BODY_BYTES = 64 * 1024
"""The maximum number of bytes of the body of a POST without the header Authorization.

A longer body is answered with 413.
"""

LONGEST_QUERY_SECONDS = 15
"""The maximum duration of a query in seconds. A longer query is refused with UNAVAILABLE. Mutations have no limit."""
