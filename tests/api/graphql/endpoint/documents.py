"""Documents that several tests of the endpoint send."""

from __future__ import annotations

import pytest

from tests.api.graphql.edge import GRAPHQL, JSON

BOTH = pytest.mark.parametrize("accept", [GRAPHQL, JSON])

TWO_OPERATIONS = "query A { hello } query B { me { id } }"


def shortened(parameter: object) -> str:
    return repr(parameter)[:60]


# ── request errors ───────────────────────────────────────────────────────────────────────────────────────────────────

REQUEST_ERRORS = [
    ("{", None, "GRAPHQL_PARSE_FAILED"),
    ("", None, "GRAPHQL_PARSE_FAILED"),
    (" ", None, "GRAPHQL_PARSE_FAILED"),
    ("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED"),
    ("{ ...F } fragment F on Query { ...F }", None, "GRAPHQL_VALIDATION_FAILED"),
    ("{ ...F } fragment F on Query { hello } fragment F on Query { me { id } }", None, "GRAPHQL_VALIDATION_FAILED"),
    ("query ($n: Int!) { hello(n: $n) }", {}, "BAD_USER_INPUT"),
    ("query ($n: Int!) { hello(n: $n) }", {"n": "five"}, "BAD_USER_INPUT"),
    (TWO_OPERATIONS, None, "OPERATION_RESOLUTION_FAILURE"),
    ("fragment F on Query { hello }", None, "OPERATION_RESOLUTION_FAILURE"),
    ("type Query { a: Int }", None, "OPERATION_RESOLUTION_FAILURE"),
    ("subscription { hello }", None, "OPERATION_RESOLUTION_FAILURE"),
]
