"""The limits of one GraphQL request, and the checks that do not need a parsed document."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from api.graphql.cost.rows_in_variables import Rows
from resolvers import request_limits
from rules.refusals import Code, Refusal
from rules.text import characters


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one GraphQL request. Unless noted, a request that exceeds a limit is refused with TOO_COMPLEX.

    Some defaults are constants of resolvers/request_limits.py, which describes these limits.
    """

    body: int = request_limits.MOST_BODY_BYTES
    anonymous_body: int = request_limits.MOST_ANONYMOUS_BODY_BYTES
    structure: int = 100_000
    """The maximum number of opening brackets, opening braces and commas of a body.

    Each of them can become a value in memory.
    """
    text: int = 64 * 1024
    """The maximum number of bytes of the document's text in UTF-8."""
    tokens: int = 2_000
    """The maximum number of tokens of the document, including comments. Parsing a token takes 5 µs."""
    nesting: int = 50
    """The maximum depth of nested brackets in a document, and of nested selections after fragments are expanded."""
    operations: int = 10
    fragments: int = 100
    depth: int = 15
    """The maximum nesting of fields. The introspection query of GraphiQL needs 13."""
    selections: int = 1_000
    """The maximum number of fields, spreads and inline fragments of an operation. A fragment counts at every spread."""
    root_fields: int = 50
    """The maximum number of root fields of a query."""
    mutations: int = 20
    """The maximum number of root fields of a mutation. Each root field is a separate transaction."""
    proofs: int = 1
    """The maximum number of root fields of a mutation that check a password or a code.

    With one such field, a request can make only one guess.
    """
    aliases: int = 50
    """The maximum number of aliases of an operation. The aliases of a fragment count at every spread."""
    alias_length: int = 100
    """The maximum number of characters of an alias. The answer repeats the alias in every row."""
    directives: int = 50
    """The maximum number of directives of an operation. The directives of a fragment count at every spread."""
    overlaps: int = 3_000
    """The maximum number of pairs of selections that give one object the same response name.

    Validation compares each pair, such as the two fields of `me { id id }`.
    """
    cost: int = request_limits.MOST_VALUES
    few_values: int = 100
    """The maximum number of values in the variables of a request whose cost is only estimated.

    The estimate assumes the greatest page sizes. If the estimate exceeds `light`, or the variables have more values,
    the request's exact cost is calculated.
    """
    light: int = 10_000
    """The maximum cost of a light operation.

    Other operations are heavy: api/graphql/pacing/turns.py limits their number.
    """
    seconds: int = request_limits.LONGEST_QUERY_SECONDS
    connections: int = 3
    """The maximum number of database connections that a request holds at once. A request that needs more waits."""
    page: int = 100
    """The maximum size of a page of a connection. A greater `first` or `last` counts as this number."""
    default_page: int = 50
    """The page size of a connection without `first` and `last`."""
    values: int = 50_000
    """The maximum number of values in the variables."""
    value_depth: int = 20
    """The maximum nesting of lists and objects in the variables."""
    errors: int = 100
    """The maximum number of errors in an answer. `extensions.errorsLeftOut` is the number of omitted errors."""
    validation_errors: int = 20
    """The maximum number of errors in an answer to a document that does not fit the schema.

    The limit also applies to variables that do not fit their types.
    """
    message: int = 500
    """The maximum number of characters of an error's message.

    Longer messages are cut, because they can quote the request.
    """
    kept_bytes: int = 32 * 1024 * 1024
    """The maximum number of bytes of the cache of parsed and validated documents in one process."""
    kept_document: int = 1024 * 1024
    """The maximum number of bytes of a cached document, estimated as twice its text plus 1 kB for each token."""
    list_length: int = request_limits.UNBOUNDED_LIST
    targets: int = 1_000
    """The number of users that a bulk mutation is assumed to change if its input has no list of users.

    A longer list counts as this number too.
    """
    directives_in_place: int = 5
    """The maximum number of directives of one field, fragment, operation or variable."""
    input_fields: int = 50
    """The maximum number of fields of an input object in the document, because validation reports each unknown field."""


DEFAULT_LIMITS = Limits()

_SMALLEST, _GREATEST = -(2**63), 2**63 - 1
_LONGEST_INTEGER = len(str(_SMALLEST))

# Exact enough to count tokens; the lexer rejects malformed text. No part of the pattern may backtrack.
_LEXEME = re.compile(
    r"""
    (?P<opens>[{(\[]) | (?P<closes>[})\]])
    | \"{3} (?: [^"\\] | \\"{3} | \\ | "(?!"") )*+ (?:\"{3})?
    | " (?: [^"\\\n\r] | \\. )*+ "?
    | \# [^\n\r]*+
    | [_A-Za-z][_0-9A-Za-z]*+
    | -?[0-9][0-9.eE+\-]*+
    | \.\.\. | [!$&:=|@]
    """,
    re.VERBOSE,
)


def too_complex(what: str) -> NoReturn:
    """Raise Refusal(TOO_COMPLEX). `what` is the part of the message that names the limit and the limit's value."""
    raise Refusal(Code.TOO_COMPLEX, f"Too complex: {what}.")


def tokens_of(text: str, limits: Limits) -> int:
    """Return the number of tokens of a document.

    Raise Refusal(TOO_COMPLEX) if the document exceeds `limits.text`, `limits.tokens` or `limits.nesting`.
    """
    # A character takes at least one byte, so that a text with too many characters need not be encoded.
    if len(text) > limits.text or len(text.encode("utf-8", "surrogatepass")) > limits.text:
        too_complex(f"the document is longer than {limits.text} bytes; send values as variables")
    count = depth = 0
    for count, lexeme in enumerate(_LEXEME.finditer(text), start=1):
        if lexeme.lastgroup == "opens":
            depth += 1
        elif lexeme.lastgroup == "closes":
            depth -= 1
        if count > limits.tokens:
            too_complex(f"the document has more than {limits.tokens} tokens; send lists as variables")
        if depth > limits.nesting:
            too_complex(f"brackets are nested more than {limits.nesting} deep")
    return count


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of a value in the variables, such as `input.invitees[3].email` in a message."""

    within: _Place | None
    key: str | int
    depth: int

    @property
    def fields(self) -> tuple[str, ...]:
        """The path without positions in lists, such as `("input", "invitees", "email")`."""
        if self.within is None:
            return ()
        return (*self.within.fields, self.key) if isinstance(self.key, str) else self.within.fields

    def is_in_row(self, rows: Rows) -> bool:
        """Return whether the value is a field of an object in a list, such as `input.invitees[3].email`.

        `rows` maps each variable to the path of its list, such as `input` to `("invitees",)`. Other lists do not count.
        """
        variable, *path = self.fields
        return bool(path) and rows.get(variable) == tuple(path[:-1])

    def __str__(self) -> str:
        if self.within is None:
            return str(self.key)
        return f"{self.within}[{self.key}]" if isinstance(self.key, int) else f"{self.within}.{self.key}"


def check_text(text: str, where: object) -> None:
    """Raise Refusal(BAD_USER_INPUT) if `text` holds a character that cannot be stored. The message contains `where`."""
    if characters.is_unstorable(text):
        raise Refusal(Code.BAD_USER_INPUT, f"{where} holds a NUL character or half of a surrogate pair.")


def check_number(number: float, where: object) -> None:
    """Raise Refusal(BAD_USER_INPUT) if `number` is infinite or an integer of more than 64 bits.

    The message contains `where`.
    """
    if isinstance(number, int) and not _SMALLEST <= number <= _GREATEST:
        raise Refusal(Code.BAD_USER_INPUT, f"{where} is an integer of more than 64 bits.")
    if not math.isfinite(number):
        raise Refusal(Code.BAD_USER_INPUT, f"{where} is too great a number.")


def check_digits(digits: str, where: object) -> None:
    """Raise Refusal(BAD_USER_INPUT) if the number in the literal `digits` is infinite or has more than 64 bits.

    The message contains `where`. The limits are those of `check_number`.
    """
    if not digits.lstrip("-").isdigit():
        check_number(float(digits), where)
    elif len(digits) > _LONGEST_INTEGER:  # int() raises ValueError for more than 4,300 digits
        check_number(_GREATEST + 1, where)
    else:
        check_number(int(digits), where)


def check_variables(variables: Mapping[str, object], limits: Limits, rows: Rows) -> int:
    """Check the variables, and return the number of values in them.

    Raise Refusal(TOO_COMPLEX) if they exceed `limits.values` or `limits.value_depth`. Raise Refusal(BAD_USER_INPUT) for
    a text or number that cannot be stored. Texts in `rows` are skipped, because the bulk mutation refuses only the row
    with such a text.
    """
    pending: list[tuple[object, _Place]] = [(variables, _Place(None, "variables", 0))]
    values = 0
    while pending:
        value, place = pending.pop()
        if not isinstance(value, dict | list):
            _check_leaf(value, place, rows)
            continue
        values += len(value)
        if values > limits.values:
            too_complex(f"the variables hold more than {limits.values} values")
        if place.depth >= limits.value_depth:
            too_complex(f"the variables are nested more than {limits.value_depth} deep")
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, str):
                check_text(key, place)
            pending.append((inner, _Place(place, key, place.depth + 1)))
    return values


def _check_leaf(value: object, place: _Place, rows: Rows) -> None:
    if isinstance(value, str):
        if characters.is_unstorable(value) and not place.is_in_row(rows):
            check_text(value, place)
    elif isinstance(value, int | float):
        check_number(value, place)
