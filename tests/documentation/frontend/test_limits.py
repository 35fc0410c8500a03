"""Every number in the prose of the frontend guide equals the constant that enforces it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from api.connections.connection_limits import ConnectionLimits
from api.csv import export_endpoint, import_endpoint
from api.csv.csv_endpoint import STATUSES
from api.graphql.cost.limits import DEFAULT_LIMITS
from models.portals.table import column_default
from resolvers.core.duration_text import duration_text
from resolvers.paging.arguments import DEFAULT_PAGE, LARGEST_PAGE
from rules.auth import passwords
from rules.auth.lockout import MOST_IN_A_ROW, SECOND_FACTOR_ATTEMPTS
from rules.auth.rate_limits import RateLimits
from rules.bulk_limits import IDEMPOTENCY_KEY_LIVES, MOST_USERS, PREVIEW_LIVES
from rules.csv.reading import MOST_BYTES, MOST_EMPTY_ROWS, MOST_ROWS
from rules.housekeeping import MOST_SESSIONS
from rules.mail.cooldown import COOLDOWN
from services.auth import sessions
from services.auth.sign_in import CHALLENGE_LIVES, PASSWORD_CHANGE_LIVES
from services.csv.user_export import PAGE_ROWS
from services.onboarding.registration import MOST_TRIES
from tests.support.processes.commands import ROOT

CODE = re.compile(r"^ *```.*?^ *```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
PROSE = " ".join(CODE.sub("", (ROOT / "docs" / "frontend.md").read_text(encoding="utf-8")).split())
LIMITS, REQUEST = RateLimits(), DEFAULT_LIMITS

STATED = (
    f"longer than {REQUEST.body // 1024**2} MiB, or than {REQUEST.anonymous_body // 1024} KiB without an access token",
    f"without one of them a page has {DEFAULT_PAGE} entries",
    f"may hold {REQUEST.proofs} field that checks a password or a code, {REQUEST.mutations} mutations, {REQUEST.aliases}"
    f" aliases and {REQUEST.depth} levels of fields",
    f"An answer may hold {REQUEST.cost:,} values",
    f"longer than {REQUEST.seconds} seconds",
    f"send it with the token, within {duration_text(PASSWORD_CHANGE_LIVES)},",
    f"({LIMITS.sign_ins.failures} in {duration_text(LIMITS.sign_ins.within)}, {LIMITS.links.failures} with links)",
    f"{column_default('lockout_threshold')} wrong passwords in a row",
    f"or {SECOND_FACTOR_ATTEMPTS} wrong codes of a second factor",
    f"The lock ends after {column_default('lockout_minutes')} minutes",
    f"After {MOST_IN_A_ROW} consecutive failures",
    f"A token younger than {duration_text(sessions.MINIMUM_AGE)} ",
    f"at most {MOST_SESSIONS} sessions",
    f"ends {duration_text(sessions.IDLE)} after the last refresh, and after {duration_text(sessions.LONGEST)} at",
    f"valid for {duration_text(CHALLENGE_LIVES)} and for {SECOND_FACTOR_ATTEMPTS} attempts",
    f"{passwords.SHORTEST} to {passwords.LONGEST} characters,",
    f"or {passwords.SHORTEST_WITH_SECOND_FACTOR} to {passwords.LONGEST} if a second factor",
    f"A page has 1 to {LARGEST_PAGE} users, by default {DEFAULT_PAGE}.",
    f"at most {MOST_USERS:,} ids",
    f"once and within {duration_text(PREVIEW_LIVES)}:",
    f"the stored answer for {duration_text(IDEMPOTENCY_KEY_LIVES)},",
    f"less than {duration_text(COOLDOWN)} ago",
    f"invalid after {MOST_TRIES} wrong attempts",
    f"read again for every {PAGE_ROWS:,} rows",
    f"at most {export_endpoint.AT_ONCE} exports at once",
    f"An export ends after {duration_text(timedelta(seconds=export_endpoint.LONGEST_SECONDS))} at the latest",
    f"reads nothing for {ConnectionLimits().send_seconds} seconds",
    f"at most {MOST_ROWS:,} rows and {MOST_BYTES // 1024**2} MiB",
    f"more than {MOST_EMPTY_ROWS:,} of them above the last row",
    f"in parts of {MOST_USERS:,},",
    f"for {duration_text(IDEMPOTENCY_KEY_LIVES)} the account gets the same answer",
    f"at most {import_endpoint.AT_ONCE} import at once",
)

OF_HTTP = (
    *(f"| {status}" for status in sorted({*STATUSES.values(), 400})),
    "and 405, 413 and 415 as above",
    "is UTF-8 with",
    "Microsoft 365,",
    "only get 200 in place of 400 and 429",
    "is no 401",
    "with the status 400",
    "graphql-response+json",
)
"""Phrases of the guide with numbers that are not limits, most of them HTTP status codes.

test_status_codes.py tests the guide's table of status codes.
"""


@pytest.mark.parametrize("sentence", STATED)
def test_the_guide_states_the_limit_that_is_enforced(sentence: str) -> None:
    assert sentence in PROSE


def test_every_number_of_the_guide_is_held_against_a_constant() -> None:
    rest = re.sub(r"\| \d{3} \|", "", PROSE)
    for sentence in (*STATED, *OF_HTTP):
        rest = rest.replace(sentence, "")

    assert re.findall(r".{0,40}\d.{0,40}", rest) == [], "state it in STATED, built from the constant that enforces it"
