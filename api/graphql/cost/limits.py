"""The limits of one request, each with its unit, and the checks that need no parsed document."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from api.graphql.cost.rows_in_variables import Rows
from rules.refusals import Code, Refusal
from rules.text import characters


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one request. The answer to a request beyond one is TOO_COMPLEX, unless its text says otherwise."""

    body: int = 1024 * 1024
    """Bytes of a POST's body; more is answered with status 413."""
    anonymous_body: int = 64 * 1024
    """Bytes of a POST's body without the header Authorization; more is answered with status 413."""
    structure: int = 100_000
    """Brackets that open, braces that open and commas of a body: each may be a value that costs memory and time."""
    text: int = 64 * 1024
    """Bytes of the document's text in UTF-8."""
    tokens: int = 2_000
    """Words, numbers, strings, punctuators and comments of the document; parsing takes 5 µs for each."""
    nesting: int = 50
    """Brackets of any kind inside each other, and selections inside each other through fragments."""
    operations: int = 10
    fragments: int = 100
    depth: int = 15
    """Fields inside each other. The introspection query of GraphiQL needs 13."""
    selections: int = 1_000
    """Fields, spreads and inline fragments of an operation, those of a fragment once for every spread of it."""
    root_fields: int = 50
    """Root fields of a query."""
    mutations: int = 20
    """Root fields of a mutation: each is a transaction of its own."""
    proofs: int = 1
    """Root fields that check a password or a code: guesses come one in a request."""
    aliases: int = 50
    """Aliases of an operation, those of a fragment once for every spread of it."""
    alias_length: int = 100
    """Characters of an alias: the answer repeats it in every row."""
    directives: int = 50
    """Directives of an operation, those of a fragment once for every spread of it."""
    overlaps: int = 3_000
    """Pairs of selections that answer to the same name in the same place, which validation compares one by one."""
    cost: int = 100_000
    """Values that the answer may hold; api/graphql/cost/field_costs.py has the formula."""
    few_values: int = 100
    """Values in the variables up to which they do not change the cost of an operation."""
    light: int = 10_000
    """Cost up to which an operation is light. Heavier ones take turns, see api/graphql/turns.py."""
    seconds: int = 15
    """How long a query may take; one that takes longer is answered with UNAVAILABLE."""
    connections: int = 3
    """Database connections that a request may hold at the same time; its further reads wait."""
    page: int = 100
    """Rows of the longest page: `first` and `last` count as at most this many."""
    default_page: int = 50
    """Rows of a page without `first` and `last`."""
    values: int = 50_000
    """Values in the variables."""
    value_depth: int = 20
    """Lists and objects inside each other in the variables."""
    errors: int = 100
    """Errors in an answer; `extensions.errorsLeftOut` counts the others."""
    validation_errors: int = 20
    """Errors returned for an invalid document, or for variables that do not have their declared types."""
    message: int = 500
    """Characters of an error's message, which may quote the request; it is cut there."""
    kept_bytes: int = 32 * 1024 * 1024
    """Bytes of the cache of documents, in one process."""
    kept_document: int = 1024 * 1024
    """Bytes of the largest cached document: its text counts twice, and each of its tokens 1 kB."""
    list_length: int = 20
    """Entries that a list counts for if its field declares none (see resolvers/core/field_costs.py)."""
    targets: int = 1_000
    """Users that a bulk mutation may name. Also the outcomes it counts for if the request does not list the users."""
    directives_in_place: int = 5
    """Directives of one field, fragment, operation or variable."""
    input_fields: int = 50
    """Fields of one input object in the document: validation reports each unknown one."""


DEFAULT_LIMITS = Limits()

_SMALLEST, _GREATEST = -(2**63), 2**63 - 1
_LONGEST_INTEGER = len(str(_SMALLEST))

# Only as exact as counting needs: the lexer is the judge of what is well-formed. Nothing here may backtrack.
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
    """Raise Refusal(TOO_COMPLEX). `what` names the limit and its value."""
    raise Refusal(Code.TOO_COMPLEX, f"Too complex: {what}.")


def tokens_of(text: str, limits: Limits) -> int:
    """Return how many tokens a document has. Raise Refusal(TOO_COMPLEX) if it is too long or too deep to parse."""
    # Every character takes a byte at least, so that only short texts are encoded to be measured.
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
    """The place of a value in the variables. It is formatted only for the message of a refusal."""

    within: _Place | None
    key: str | int
    depth: int

    @property
    def fields(self) -> tuple[str, ...]:
        """The names from the variable to this place, without the indexes of lists."""
        if self.within is None:
            return ()
        return (*self.within.fields, self.key) if isinstance(self.key, str) else self.within.fields

    def is_in_row(self, rows: Rows) -> bool:
        """Return whether this is a field of one of the rows."""
        variable, *path = self.fields
        return bool(path) and rows.get(variable) == tuple(path[:-1])

    def __str__(self) -> str:
        if self.within is None:
            return str(self.key)
        return f"{self.within}[{self.key}]" if isinstance(self.key, int) else f"{self.within}.{self.key}"


def check_text(text: str, where: object) -> None:
    """Raise Refusal(BAD_USER_INPUT), which names `where`, if the text has a character that cannot be stored."""
    if characters.is_unstorable(text):
        raise Refusal(Code.BAD_USER_INPUT, f"{where} holds a NUL character or half of a surrogate pair.")


def check_number(number: float, where: object) -> None:
    """Raise Refusal(BAD_USER_INPUT), which names `where`, for an integer beyond 64 bits or an infinite number."""
    if isinstance(number, int) and not _SMALLEST <= number <= _GREATEST:
        raise Refusal(Code.BAD_USER_INPUT, f"{where} is an integer of more than 64 bits.")
    if not math.isfinite(number):
        raise Refusal(Code.BAD_USER_INPUT, f"{where} is too great a number.")


def check_digits(digits: str, where: object) -> None:
    """Check the text of a number literal, as `check_number` does for a number."""
    if not digits.lstrip("-").isdigit():
        check_number(float(digits), where)
    elif len(digits) > _LONGEST_INTEGER:  # Python converts no more than 4,300 digits
        check_number(_GREATEST + 1, where)
    else:
        check_number(int(digits), where)


def check_variables(variables: Mapping[str, object], limits: Limits, rows: Rows) -> int:
    """Return how many values the variables hold.

    Raise Refusal(TOO_COMPLEX) for too many values, and Refusal(BAD_USER_INPUT), which names the place, for a value that
    cannot be stored. A text in one of the `rows` is not checked: the mutation refuses it with its row.
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
