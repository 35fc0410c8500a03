"""Documents that would cost too much are refused before they run."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query

from api.graphql.cost.limits import DEFAULT_LIMITS
from tests.api.graphql.cost.nesting import deep
from tests.api.graphql.edge import JSON, Edge, only_error


def times(length: int, text: str) -> str:
    """Return `text` repeated `length` times. Each # in the text becomes the number of the repetition."""
    return " ".join(text.replace("#", str(number)) for number in range(length))


def doubling(length: int, leaf: str, body: str = "{ ...F# ...F# }") -> str:
    """Return a query with a chain of `length` fragments. Each fragment spreads the next one twice."""
    chain = " ".join(f"fragment F{number} on Row " + body.replace("#", str(number + 1)) for number in range(length))
    return f"{{ me {{ ...F0 }} }} {chain} fragment F{length} on Row {leaf}"


HOSTILE = {
    "doubling fragments": (doubling(40, "{ id }"), "more than 1000 fields and fragments"),
    "doubling empty fragments": (doubling(40, "{ }"), "more than 1000 fields and fragments"),
    "a long chain of fragments": (doubling(90, "{ id }"), "nested more than 50 deep"),
    "doubling through fields": (
        doubling(12, "{ id }", "{ me { ...F# } me { ...F# } }"),
        "more than 1000 fields and fragments",
    ),
    "a field a thousand times": ("{" + "me{id}" * 1000 + "}", "more than 2000 tokens"),
    "a field 300 times": ("{ me {" + "me{id}" * 300 + "} }", "overlap in more than 3000 pairs"),
    "a field 300 times through a fragment": (
        "{ me {" + "me{...F}" * 300 + "} } fragment F on Row { id }",
        "overlap in more than 3000 pairs",
    ),
    "fragments that overlap": (
        "{ me {" + times(99, "...F#") + "} }" + times(99, "fragment F# on Row { id name }"),
        "overlap in more than 3000 pairs",
    ),
    "an unused fragment that overlaps": (
        "{ hello } fragment F on Row {" + "me{id}" * 100 + "}",
        "overlap in more than 3000 pairs",
    ),
    "deep fields": (deep(40, "{ me "), "fields are nested more than 15 deep"),
    "deep fields through fragments": (doubling(15, "{ id }", "{ me { ...F# } }"), "nested more than 15 deep"),
    "deep inline fragments": (deep(60, "{ ...", "{ hello }"), "brackets are nested more than 50 deep"),
    "deep braces": ("{" * 65_536, "brackets are nested more than 50 deep"),
    "deep brackets": ("{ hello(text: " + "[" * 65_000, "brackets are nested more than 50 deep"),
    "deep parentheses": ("{ hello" + "(" * 65_000, "brackets are nested more than 50 deep"),
    "a deep list": ("{ hello(text: " + deep(60, "[", "1", "]") + ") }", "brackets are nested more than 50 deep"),
    "a deep object": ("{ hello(filter: " + deep(60, "{a: ", "1") + ") }", "brackets are nested more than 50 deep"),
    "a deep type": ("query ($a: " + deep(60, "[", "Int", "]") + ") { hello }", "brackets are nested more than 50 deep"),
    "aliases": ("{ me {" + times(51, "a#: id") + "} }", "more than 50 aliases"),
    "aliases through fragments": (
        "{ me { ...A b: me { ...A } } } fragment A on Row {" + times(26, "a#: id") + "}",
        "more than 50 aliases",
    ),
    "a long alias": ("{ rows(first: 100) { nodes { " + "a" * 101 + ": id } } }", "alias is longer than 100 characters"),
    "directives": ("{ me {" + times(51, "id @skip(if: false)") + "} }", "more than 50 directives"),
    "directives in one place": ("{ __typename " + "@a " * 6 + "}", "more than 5 directives are in one place"),
    "directives on an operation": ("query " + "@a " * 6 + "{ hello }", "more than 5 directives are in one place"),
    "directives on variables": (
        "query (" + times(51, "$v#: Int @a") + ") { hello }",
        "more than 50 directives",
    ),
    "directives on a fragment": ("{ ...F } fragment F on Query " + "@a " * 6 + "{ hello }", "more than 5 directives"),
    "fields of an input object": (
        "{ hello(filter: {" + times(51, "a#: 1") + "}) }",
        "The argument filter of hello holds an object of more than 50 fields",
    ),
    "root fields": ("{" + times(51, "hello") + "}", "a query holds more than 50 root fields"),
    "root fields through fragments": (
        "{ ...A ... on Query { ...A } } fragment A on Query {" + times(26, "hello") + "}",
        "a query holds more than 50 root fields",
    ),
    "root fields of a mutation": (
        "mutation {" + times(21, "a#: poke") + "}",
        "a mutation holds more than 20 root fields",
    ),
    "operations": (times(11, "query Q# { hello }"), "more than 10 operations"),
    "fragments": ("{ hello }" + times(101, "fragment F# on Row { id }"), "more than 100 fragments"),
    "a long list": ("{ hello(text: [" + "1," * 30_000 + "]) }", "more than 2000 tokens"),
    "strings": ("{ hello(text: [" + '"",' * 20_000 + "]) }", "more than 2000 tokens"),
    "variables": ("query (" + times(2000, "$v#: Int") + ") { hello }", "more than 2000 tokens"),
    "comments": ("#\n" * 30_000 + "{ hello }", "more than 2000 tokens"),
    "a long document": ("{ hello }" + " " * 65_536, "longer than 65536 bytes"),
    "a document of long characters": ('{ hello(text: "' + "\U0001f600" * 16_384 + '") }', "longer than 65536 bytes"),
    "a page of pages of pages": (
        "{ rows(first: 100) { nodes { rows(first: 100) { nodes { rows { nodes { id } } } } } } }",
        "more than 100000 values",
    ),
    "pages of pages by default": (
        "{ rows { nodes { rows { nodes { rows { nodes { id } } } } } } }",
        "more than 100000 values",
    ),
    "pages in aliases": (
        "{" + times(3, "a#: rows(first: 100) { nodes { rows(first: 100) { nodes { id name me { id } } } } }") + "}",
        "more than 100000 values",
    ),
    "pages through fragments": (
        "{ rows(first: 100) { ...P } } fragment P on Rows { nodes { ...R } } fragment R on Row { rows(first: 100) { ... "
        "{ nodes { rows(last: 99) { totalCount nodes { id } } } } } }",
        "more than 100000 values",
    ),
    "pages that may be skipped": (
        "{ rows @skip(if: true) { nodes { rows { nodes { rows @include(if: false) { nodes { id } } } } } } }",
        "more than 100000 values",
    ),
    "pages of many ids": (
        "{ nodes(ids: [" + times(999, '"#"') + "]) { rows(first: 100) { nodes { id } } } }",
        "more than 100000 values",
    ),
    "introspection in aliases": (
        "{"
        + times(3, "a#: __schema { types { ...T } }")
        + "} fragment T on __Type { "
        + times(15, "a#: fields { name args { name type { name ofType { name } } } type { name ofType { name } } }")
        + "}",
        "more than 100000 values",
    ),
}


@pytest.mark.parametrize(("query", "limit"), HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_document_is_too_complex(edge: Edge, query: str, limit: str) -> None:
    response = await edge.post({"query": query}, authorization="Bearer x")  # may be longer than without

    code, message = only_error(response)
    assert response.status_code == 400
    assert code == "TOO_COMPLEX"
    assert limit in message
    assert edge.contexts == 0


FITTING = {
    "fields 15 deep": "{ " + deep(14, "me {") + "}",
    "brackets 50 deep": "{ me {" + deep(48, "... {") + "} }",
    "50 aliases": "{ me {" + times(50, "a#: id") + "} }",
    "an alias of 100 characters": "{ " + "a" * 100 + ": hello }",
    "50 directives": "{ me {" + times(50, "id @skip(if: false)") + "} }",
    "50 root fields": "{ " + times(50, "hello") + "}",
    "20 mutations": "mutation { " + times(20, "a#: poke") + "}",
    "100 fragments": (
        "{"
        + " ".join(f"me {{ {times(25, f'...{letter}#')}" for letter in "FGHI")
        + "}" * 5
        + " ".join(times(25, f"fragment {letter}# on Row {{ id }}") for letter in "FGHI")
    ),
    "a page of pages": "{ rows(first: 100) { nodes { id rows(first: 100) { totalCount nodes { id name } } } } }",
    "pages of pages of one": (
        "{ rows(first: 100) { nodes { rows(first: 100) { nodes { rows(last: 1) { nodes { id } } } } } } }"
    ),
    "a thousand ids": "{ nodes(ids: [" + times(1_000, '"UG9ydGFsVXNlcjow#"') + "]) { id name } }",
    "a long string": '{ hello(text: "' + "y" * 65_000 + '") }',
    "brackets in strings and comments": '{ hello(text: "' + "{[( a " * 5_000 + '") } # ' + "{[( a " * 3_000,
    "brackets in block strings": '{ hello(text: """' + '{ " \\""" ' * 3_000 + '""") }',
    "introspection": get_introspection_query(),
}


@pytest.mark.parametrize("query", FITTING.values(), ids=FITTING)
def test_what_is_within_the_limits_is_not_refused(edge: Edge, query: str) -> None:
    document = edge.schema.documents.read(query)

    document.check(None, {}, DEFAULT_LIMITS)

    assert document.errors == ()


async def test_too_complex_is_a_request_error_like_others(edge: Edge) -> None:
    response = await edge.post({"query": "{" * 100}, JSON)

    assert response.status_code == 200
    assert only_error(response) == ("TOO_COMPLEX", "Too complex: brackets are nested more than 50 deep.")


async def test_one_of_ten_operations_may_be_as_large_as_the_only_one(edge: Edge) -> None:
    query = " ".join(f"query Q{number} {{ me {{ {times(50, 'a#: id')} }} }}" for number in range(10))

    response = await edge.post({"query": query, "operationName": "Q7"})

    assert response.status_code == 200
