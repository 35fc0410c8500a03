import json
from dataclasses import replace

import pytest
from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, get_introspection_query, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from api.graphql.cost.complexity import Complexity
from api.graphql.cost.limits import DEFAULT_LIMITS, Limits
from rules.refusals import REQUEST_CODES, Refusal
from tests.api.graphql.edge import JSON, Edge, only_error


@pytest.fixture
def edge() -> Edge:
    return Edge()


def times(length: int, text: str) -> str:
    """A text many times over, with a number wherever it holds a #."""
    return " ".join(text.replace("#", str(number)) for number in range(length))


def deep(depth: int, opening: str, inside: str = "id", closing: str = "}") -> str:
    return opening * depth + inside + closing * depth


def doubling(length: int, leaf: str, body: str = "{ ...F# ...F# }") -> str:
    """Fragments, each of which spreads the next one twice."""
    chain = " ".join(f"fragment F{number} on Row " + body.replace("#", str(number + 1)) for number in range(length))
    return f"{{ me {{ ...F0 }} }} {chain} fragment F{length} on Row {leaf}"


SCHEMA = Edge().schema._schema


def check_cost(document: DocumentNode, limits: Limits, schema: GraphQLSchema = SCHEMA) -> None:
    """Raise Refusal if the document's first operation costs more than these limits allow."""
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    Complexity(document, schema, replace(limits, light=0)).cost(operation, {}, 0)


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


# ── cost with variables ──────────────────────────────────────────────────────────────────────────────────────────────

PAGES = """query ($n: Int, $m: Int = 100, $ids: [ID!] = ["1"]) {
  nodes(ids: $ids) { rows(first: $n) { nodes { rows(first: $m) { nodes { rows(first: 10) { totalCount } } } } } }
}"""


@pytest.mark.parametrize(
    ("variables", "fits"),
    [
        ({"n": 10}, True),
        ({"n": 100}, True),
        ({"n": 100, "m": 1}, True),
        ({"n": 1, "m": 100, "ids": ["1"] * 100}, True),
        ({"n": 100, "m": 100, "ids": ["1", "2", "3"]}, True),
        ({"n": 100, "m": 100, "ids": ["1"] * 4}, False),
        ({"n": 100, "ids": ["1"] * 4}, False),
        ({"n": 100, "m": None, "ids": ["1"] * 4}, True),
        ({"ids": ["1"] * 4}, True),
        ({"ids": ["1"] * 1000}, False),
        ({"n": 1_000_000, "ids": ["1"] * 4}, False),
        ({"n": -1_000_000, "ids": ["1"] * 1000}, False),
        ({"n": 0, "ids": ["1"] * 1000}, False),
        ({"n": "1", "ids": ["1"] * 1000}, False),
        ({"n": True, "m": 100, "ids": ["1"]}, True),
    ],
)
def test_the_cost_follows_the_variables(edge: Edge, variables: dict[str, object], fits: bool) -> None:
    document = edge.schema.documents.read(PAGES)

    try:
        document.check(None, variables, DEFAULT_LIMITS)
    except Refusal as refusal:
        answer = str(refusal)
    else:
        answer = ""

    assert answer == (
        "" if fits else "Too complex: the answer may hold more than 100000 values; ask for shorter pages."
    )


async def test_a_page_that_is_too_long_costs_no_more_than_the_longest(edge: Edge) -> None:
    answer = await edge.ask("{ rows(first: 1000) { totalCount nodes { id } } }")

    assert answer["data"]["rows"]["totalCount"] == 1000


async def test_the_cost_is_that_of_the_operation_that_runs(edge: Edge) -> None:
    costly = "query Costly { rows { nodes { rows { nodes { rows { nodes { id } } } } } } }"

    cheap = await edge.post({"query": f"query Cheap {{ hello }} {costly}", "operationName": "Cheap"})
    refused = await edge.post({"query": f"query Cheap {{ hello }} {costly}", "operationName": "Costly"})

    assert cheap.json() == {"data": {"hello": "world 5"}}
    assert only_error(refused)[0] == "TOO_COMPLEX"


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ hello }", 1),
        ("{ me { id name } }", 3),
        ("{ rows(first: 10) { totalCount nodes { id name } } }", 1 + 1 + 10 * 3),
        ("{ rows { nodes { id } } }", 1 + 50 * 2),
        ("{ rows(last: 7) { edges { cursor node { id } } } }", 1 + 7 * 4),
        ("{ rows(first: 3, last: 7) { nodes { id } } }", 1 + 7 * 2),
        ("{ rows(first: 500) { nodes { id } } }", 1 + 100 * 2),
        ("{ rows(first: 3) { ...R } } fragment R on Rows { totalCount nodes { id } }", 1 + 1 + 3 * 2),
        ("{ rows(first: 3) { ... { nodes { id rows(first: 4) { nodes { id } } } } } }", 1 + 3 * (2 + 1 + 4 * 2)),
        ('{ nodes(ids: ["1", "2", "3"]) { id } }', 1 + 3 + 3 * 1),
        ("{ me { id @skip(if: true) ... @include(if: false) { name } } }", 3),
        ("mutation { poke rows { nodes { id } } }", 1 + 1 + 50 * 2),
    ],
)
def test_the_cost_is_the_number_of_values_that_the_answer_may_hold(query: str, cost: int) -> None:
    fits, refused = replace(DEFAULT_LIMITS, cost=cost), replace(DEFAULT_LIMITS, cost=cost - 1)
    document = parse(query)

    check_cost(document, fits)

    with pytest.raises(Refusal, match="Too complex: the answer may hold"):
        check_cost(document, refused)


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_query_that_takes_too_long_is_ended_and_answered_with_unavailable() -> None:
    response = await Edge(Limits(seconds=0)).post({"query": "{ hello waiting }"})

    assert response.status_code == 503
    assert only_error(response) == (
        "UNAVAILABLE",
        "This took longer than 0 seconds. Ask for less at once, or try again later.",
    )


async def test_a_mutation_is_never_cut_short() -> None:
    assert await Edge(Limits(seconds=0)).ask("mutation { poke }") == {"data": {"poke": "poked"}}


# ── variables ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_variables_may_be_20_deep(edge: Edge) -> None:
    query = "query ($f: Filter) { hello(filter: $f) }"
    fits, refused = ({"f": json.loads(deep(depth, '{"anyOf":[', "{}", "]}"))} for depth in (9, 10))

    answers = [
        (await edge.post({"query": query, "variables": variables}, authorization="Bearer x")).json()
        for variables in (fits, refused)
    ]

    assert answers[0] == {"data": {"hello": "world 5"}}
    assert answers[1]["errors"][0]["message"] == ("Too complex: the variables are nested more than 20 deep.")


async def test_variables_may_hold_50_000_values(edge: Edge) -> None:
    query = "query ($f: Filter) { hello(filter: $f) }"
    fits, refused = ({"f": {}, "unknown": [1] * length} for length in (49_998, 49_999))

    answers = [
        (await edge.post({"query": query, "variables": variables}, authorization="Bearer x")).json()
        for variables in (fits, refused)
    ]

    assert answers[0] == {"data": {"hello": "world 5"}}
    assert answers[1]["errors"][0]["extensions"]["code"] == "TOO_COMPLEX"


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_document_is_examined_once(edge: Edge) -> None:
    first = edge.schema.documents.read("{ hello }")

    assert edge.schema.documents.read("{ hello }") is first


def test_a_document_that_does_not_fit_the_schema_is_not_kept(edge: Edge) -> None:
    assert edge.schema.documents.read("{ nothing }").errors

    assert edge.schema.documents.kept_bytes == 0


def test_the_documents_that_were_asked_for_longest_ago_are_forgotten() -> None:
    weight = Edge().schema.documents.read("{ hello }").bytes
    documents = Edge(Limits(kept_bytes=3 * weight + 10)).schema.documents
    first, second, third = (documents.read(f"{{ hello }}{blanks}") for blanks in ("", " ", "\t"))
    documents.read("{ hello }")

    documents.read("{ hello }\n")

    assert documents.read("{ hello }") is first
    assert documents.read("{ hello }\t") is third
    assert documents.read("{ hello } ") is not second


def test_a_large_document_is_examined_every_time_and_pushes_no_other_out() -> None:
    documents = Edge(Limits(kept_document=10_000)).schema.documents
    small = documents.read("{ hello }")
    large = "{ hello } #" + "x" * 10_000

    assert documents.read(large) is not documents.read(large)
    assert documents.read("{ hello }") is small


def test_the_memory_of_kept_documents_is_bounded_whatever_their_text() -> None:
    documents = Edge(Limits(kept_bytes=1_000_000)).schema.documents

    for number in range(100):
        documents.read(f"{{ hello }} # \U0001f600 {number} {'x' * 10_000}")

    assert 500_000 < documents.kept_bytes <= 1_000_000
    assert len(documents._kept) < 20


def test_a_schema_keeps_to_itself_what_fits_it() -> None:
    open_, closed = Edge(), Edge(introspection=False)

    assert open_.schema.documents.read("{ __schema { __typename } }").errors == ()
    assert closed.schema.documents.read("{ __schema { __typename } }").errors != ()


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────────

# A selection: a field with what is selected inside it, or the number of a fragment further on.
SELECTIONS = st.recursive(
    st.just("id") | st.integers(1, 3),
    lambda inside: st.lists(inside, max_size=3),
    max_leaves=8,
)
FRAGMENTS = st.lists(st.lists(SELECTIONS, max_size=3), min_size=4, max_size=4)


def written(selections: list[object], fragment: int) -> str:
    parts = []
    for selection in selections:
        if isinstance(selection, list):
            parts.append(f"me {{ {written(selection, fragment)} }}")
        elif isinstance(selection, int):
            parts.append(f"...F{fragment + selection}" if fragment + selection < 4 else "name")
        else:
            parts.append("id")
    return " ".join(parts)


def expanded(fragments: list[list[object]], selections: list[object], fragment: int) -> tuple[int, int]:
    """Selections and depth, counted by spreading every fragment where it stands."""
    count = depth = 0
    for selection in selections:
        count += 1
        if isinstance(selection, int) and fragment + selection < 4:
            inside = expanded(fragments, fragments[fragment + selection], fragment + selection)
            count, depth = count + inside[0], max(depth, inside[1])
        elif isinstance(selection, list):
            inside = expanded(fragments, selection, fragment)
            count, depth = count + inside[0], max(depth, inside[1] + 1)
        else:
            depth = max(depth, 1)
    return count, depth


@settings(deadline=None)
@given(FRAGMENTS)
def test_the_walk_counts_what_spreading_every_fragment_would_count(fragments: list[list[object]]) -> None:
    query = f"{{ {written(fragments[0], 0)} }}" + "".join(
        f" fragment F{number} on Row {{ {written(fragments[number], number)} }}" for number in range(1, 4)
    )
    counted = [expanded(fragments, fragments[number], number) for number in range(4)]
    most_selections, most_depth = (max(column) for column in zip(*counted, strict=True))

    exact = replace(DEFAULT_LIMITS, selections=most_selections, depth=most_depth)
    Complexity(parse(query), SCHEMA, exact)

    if most_selections:
        with pytest.raises(Refusal):
            Complexity(parse(query), SCHEMA, replace(exact, selections=most_selections - 1))
        with pytest.raises(Refusal):
            Complexity(parse(query), SCHEMA, replace(exact, depth=most_depth - 1))


@settings(deadline=None)
@given(st.text() | st.text(alphabet='{}()[]:$!@."\\#, ame\n\0\ud800').map(lambda text: f"{{ me {text}"))
async def test_no_text_is_a_bug(text: str) -> None:
    response = await Edge().post({"query": text})

    assert response.status_code in (200, 400)
    assert {error["extensions"]["code"] for error in response.json().get("errors", [])} <= set(REQUEST_CODES[:-2])


@settings(deadline=None)
@given(st.binary() | st.binary().map(lambda tail: b'{"query": "{ hello }", "variables": ' + tail))
async def test_no_body_is_a_bug(body: bytes) -> None:
    response = await Edge().post(body)

    assert response.status_code in (200, 400)
