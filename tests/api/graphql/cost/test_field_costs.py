"""The calculated cost of documents, for the schema of the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    parse,
)

from api.app import schema
from api.graphql.cost.complexity import Complexity
from api.graphql.cost.field_costs import Costs, FieldCosts, declared_cost
from api.graphql.cost.limits import DEFAULT_LIMITS
from resolvers.paging.connection import COUNT_COST
from resolvers.request_limits import SEARCH_VALUES
from resolvers.types.users.available_actions import DECISION_COST
from rules.lifecycle.actions import ACTIONS
from rules.refusals import Refusal
from tests.support.world import Ask, World

SERVED = schema(introspection=False)._schema
UNBOUNDED = replace(DEFAULT_LIMITS, light=0, few_values=0, cost=10**12)


def cost(query: str, variables: dict[str, Any] | None = None) -> int:
    document = parse(query)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return Complexity(document, SERVED, UNBOUNDED).cost(operation, variables or {}, 0)


def list_fields() -> list[tuple[str, str]]:
    def is_list(type_: Any) -> bool:
        return isinstance(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, GraphQLList)

    return [
        (type_.name, name)
        for type_ in SERVED.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__") and type_.name != "Query"
        for name, field in type_.fields.items()
        if is_list(field.type) and name not in ("edges", "nodes")  # the connection's page counts them
    ]


@pytest.mark.parametrize(("type_name", "field_name"), list_fields())
def test_every_list_of_the_schema_multiplies_what_is_inside_it(type_name: str, field_name: str) -> None:
    type_ = SERVED.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    document = parse(f"{{ {field_name} {{ inside }} }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    node: Any = operation.selection_set.selections[0]

    reading = FieldCosts(DEFAULT_LIMITS, {})
    without, with_one = (
        reading.of(node, type_.fields[field_name], Costs(once=inside)).total(DEFAULT_LIMITS) for inside in (0, 1)
    )

    assert with_one - without > 1


OUTCOMES = "mutation ($ids: [ID!]) { lockUsers(input: {users: {ids: $ids}}) { outcomes { label status } } }"


def test_outcomes_cost_as_much_as_users_are_named() -> None:
    by_ids = [cost(OUTCOMES, {"ids": ["x"] * length}) for length in (1, 10, 1000)]
    matching = cost("mutation { lockUsers(input: {users: {matching: {}}}) { outcomes { label status } } }")

    assert by_ids[1] - by_ids[0] == 9 * 3
    assert by_ids[2] - by_ids[0] == 999 * 3
    assert matching >= 1000 * 2


def scalars(name: str) -> str:
    """Return the selection of the scalar and enum fields of a type."""
    type_ = SERVED.type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    fields = (each for each, field in type_.fields.items() if is_leaf_type(get_named_type(field.type)))
    return " ".join(fields)


def test_the_lists_have_the_lengths_that_the_schema_states() -> None:
    declared = {
        f"{parent}.{name}": declared_cost(type_.fields[name]).entries
        for type_ in SERVED.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for parent, name in list_fields()
        if parent == type_.name and not is_leaf_type(get_named_type(type_.fields[name].type))
    }
    named = {name: entries for name, entries in declared.items() if entries is not None}
    itself = ("Portal.availableActions", "PortalUser.availableActions")  # say so themselves

    assert {name: entries for name, entries in named.items() if name not in itself} == {
        **dict.fromkeys(("UserError.params", "OutcomeReason.params", "LicenseTiles.tiles"), 5),
        "PortalUser.signInBlockers": 6,
        "BulkUsersPayload.licenseTiles": 50,
        "PolicyPreview.effects": 12,
        **dict.fromkeys((f"UserAccess.{name}" for name in ("modules", "subAccounts", "workspaces", "appRoles")), 100),
        "UserAccess.groups": 101,
        **dict.fromkeys((f"Grantables.{name}" for name in ("modules", "workspaces", "groups", "appRoles")), 200),
    }


def test_a_thousand_outcomes_fit_with_the_fields_that_the_schema_names() -> None:
    reason = f"{scalars('OutcomeReason')} params {{ name value }}"
    outcome = f"{scalars('UserOutcome')} reason {{ {reason} }} invitation {{ {scalars('Invitation')} }}"

    def document(more: str = "") -> str:
        user = f"user {{ {scalars('PortalUser')} {more} }}"
        return f"mutation ($i: BulkUsersInput!) {{ lockUsers(input: $i) {{ outcomes {{ {outcome} {user} }} }} }}"

    selections: list[dict[str, Any]] = [{"matching": {}}, {"previewId": "1"}, {"ids": ["1"] * 1_000}]
    for users in selections:
        assert cost(document(), {"i": {"users": users}}) < DEFAULT_LIMITS.cost
        assert cost(document("sessions { id ipAddress }"), {"i": {"users": users}}) > DEFAULT_LIMITS.cost


def test_naming_an_action_many_times_costs_no_more_than_all_actions() -> None:
    query = "query ($a: [UserAction!]) { viewer { ... on PortalUser { availableActions(only: $a) { action } } } }"

    all_of_them = cost(query.replace("(only: $a)", "").replace("($a: [UserAction!])", ""))
    many = cost(query, {"a": ["LOCK"] * 1000})

    assert all_of_them == 2 + len(ACTIONS) * (DECISION_COST + 1)
    assert many == all_of_them + 1000


def test_a_search_and_a_count_cost_more_than_a_value() -> None:
    assert cost('{ users(search: "ann") { totalCount } }') == 1 + SEARCH_VALUES + 1 + COUNT_COST
    assert cost("query ($s: String) { users(search: $s) { totalCount } }") == 2 + COUNT_COST
    assert cost("query ($s: String) { users(search: $s) { totalCount } }", {"s": "a"}) == 2 + COUNT_COST + SEARCH_VALUES


def test_a_list_in_a_variable_costs_at_every_field_that_it_is_given_to() -> None:
    query = "query ($f: UserFilter) { a: users(filter: $f) { nodes { id } } b: users(filter: $f) { nodes { id } } }"

    few, many = (cost(query, {"f": {"statusIn": ["ACTIVE"] * length}}) for length in (1, 1001))

    assert many - few == 2 * 1000


FITTING = {
    "a page of a hundred users with every action": (
        "{ users(first: 100) { totalCount nodes { id name email status category role"
        " availableActions { action allowed reason { code message } } } } }"
    ),
    "a thousand outcomes with their users": (
        "mutation { lockUsers(input: {users: {matching: {expectedCount: 1000}}}) { outcomes { index userId label status"
        " previousStatus newStatus reason { code message } user { id status category holdsSeat"
        " availableActions(only: [UNLOCK]) { allowed } } } summary { requested } licenseTiles { tiles { kind count } }"
        " operation { id state } errors { code message path } } }"
    ),
}


@pytest.mark.parametrize("query", FITTING.values(), ids=FITTING)
def test_what_a_console_asks_for_is_within_the_limit(query: str) -> None:
    assert cost(query) <= DEFAULT_LIMITS.cost


HOSTILE = {
    "every action of every user under many names": (
        "{ users(first: 100) { nodes { "
        + " ".join(f"a{n}: availableActions {{ action reason {{ code }} }}" for n in range(49))
        + " } } }"
    ),
    "four bulks with every action of every user": (
        "mutation { "
        + " ".join(
            f"a{n}: lockUsers(input: {{users: {{matching: {{}}}}, options: {{dryRun: true}}}})"
            " { outcomes { user { availableActions { action } } } }"
            for n in range(4)
        )
        + " }"
    ),
}


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_lists_that_would_hold_up_the_server_are_refused(query: str) -> None:
    document = schema(introspection=False).documents.read(query)

    with pytest.raises(Refusal, match="Too complex"):
        document.check(None, {}, DEFAULT_LIMITS)


async def test_an_action_that_is_named_twice_is_answered_once(world: World, ask: Ask) -> None:
    user = await world.user()
    query = "{ viewer { ... on PortalUser { availableActions(only: [LOCK, DELETE, LOCK]) { action } } } }"

    reply = await ask(query, actor=user)

    assert reply.data["viewer"]["availableActions"] == [{"action": "LOCK"}, {"action": "DELETE"}]
