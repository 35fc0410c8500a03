"""Every root field of the served schema shows each role only what the role may see.

The fields are called with ids of each place: of the role's own portal, of other portals, and unknown ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

from api import app as server
from models.db.rows import cells_of
from models.db.sql import Sql, fetch
from rules.rights.answers import Answer
from rules.rights.root_fields import ROOT_FIELDS, answer
from tests.isolation.recipe import Recipe
from tests.isolation.recipes import RECIPES
from tests.isolation.scene import ASKERS, AUDIENCES, NODE_KINDS, Place, Scene, set_up
from tests.support.world import Ask, Reply, World

SCHEMA: GraphQLSchema = server.schema(introspection=True)._schema
ROOTS = {
    f"{root.name}.{name}": field
    for root in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type)
    if isinstance(root, GraphQLObjectType)
    for name, field in root.fields.items()
}

NOT_PROVED = ([{"code": "INVALID_CREDENTIALS"}], [{"code": "NOT_ALLOWED"}])
"""The `errors` of a mutation of the caller's own account: the password is wrong, or there is nothing to confirm."""


def test_the_table_of_members_names_every_root_field_and_no_other() -> None:
    unnamed, gone = sorted(set(ROOTS) - set(ROOT_FIELDS)), sorted(set(ROOT_FIELDS) - set(ROOTS))

    assert not unnamed, f"rules/rights/root_fields.py: put {', '.join(unnamed)} into one of RIGHTS."
    assert not gone, f"rules/rights/root_fields.py: the schema has no {', '.join(gone)}; take it out of RIGHTS."


def test_every_root_field_and_every_id_that_it_takes_is_asked_here() -> None:
    missing = sorted(set(ROOTS) - set(RECIPES))
    assert not missing, f"tests/isolation/recipes.py: say in RECIPES how to call {', '.join(missing)} about a place."

    asked = {(member, recipe.by) for member, recipes in RECIPES.items() for recipe in recipes}
    unasked = sorted({(member, path) for member in ROOTS for path in _ids_of(ROOTS[member].args)} - asked)
    assert not unasked, f"tests/isolation/recipes.py: these name something by id, and no recipe does so: {unasked}"


def test_every_type_with_a_global_id_is_asked_for_here() -> None:
    node = SCHEMA.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    missing = {kind.name for kind in SCHEMA.get_possible_types(node)} - set(NODE_KINDS)

    assert not missing, f"tests/isolation/scene.py: furnish every place with one of {sorted(missing)}."


@pytest.mark.parametrize("member", sorted(ROOTS))
async def test_a_root_field_answers_each_role_about_each_place_as_the_table_says(
    world: World, ask: Ask, member: str
) -> None:  # L3, T2, W2
    scene = await set_up(world, ask)

    wrong = [
        f"{member} by {recipe.by}, {asker}: {fault}"
        for recipe in RECIPES[member]
        for asker in ASKERS
        for fault in await _faults(scene, ask, member, recipe, asker)
    ]

    assert not wrong, "\n".join(["", *wrong])


async def test_a_portal_user_sees_no_policy_tiles_or_users_of_the_own_portal(world: World, ask: Ask) -> None:  # L3
    bob = await world.user()

    portal = (
        await ask(
            "{ viewer { ... on PortalUser { portal { name policy { maxAdmins } licenseTiles { id } users { totalCount } } } } }",
            actor=bob,
        )
    ).data["viewer"]["portal"]

    assert portal == {"name": portal["name"], "policy": None, "licenseTiles": None, "users": None}


async def test_each_admin_sees_the_own_part_of_an_operation_over_two_portals(world: World, ask: Ask) -> None:  # L3
    nora, one, two = await world.mssp_admin(), await world.portal(), await world.portal()
    ann, eve = await world.portal_admin(one), await world.portal_admin(two)
    bob, kim = await world.user(one), await world.users(2, two)
    await ask.act("lockUsers", nora, bob, *kim, "no id")
    document = (
        "{ bulkOperations { nodes { total summary { succeeded skipped } outcomes { nodes { userId label } } } } }"
    )

    (to_ann,) = (await ask(document, actor=ann)).data["bulkOperations"]["nodes"]
    (to_eve,) = (await ask(document, actor=eve)).data["bulkOperations"]["nodes"]
    (to_nora,) = (await ask(document, actor=nora)).data["bulkOperations"]["nodes"]

    assert [o["userId"] for o in to_ann["outcomes"]["nodes"]] == [bob.gid]
    assert (to_ann["total"], to_ann["summary"]) == (1, {"succeeded": 1, "skipped": 0})
    assert [o["userId"] for o in to_eve["outcomes"]["nodes"]] == [someone.gid for someone in kim]
    assert (to_nora["total"], to_nora["summary"]) == (4, {"succeeded": 3, "skipped": 1})


async def _faults(scene: Scene, ask: Ask, member: str, recipe: Recipe, asker: str) -> list[str]:
    expected, name = answer(member, ASKERS[asker]), member.split(".")[1]
    visible = AUDIENCES[recipe.audience].get(asker, set()) if expected in (Answer.REACH, Answer.OPEN) else set()
    faults: list[str] = []
    hidden: dict[str, str] = {}

    async def call(where: str) -> None:
        place = scene.places[where]
        variables = recipe.variables(place)
        reply = await ask(recipe.document, actor=scene.askers[asker], **variables)
        value = reply.data[name] if reply.data else None
        if fault := _fault(expected, recipe, reply, value, place, where in visible, scene.askers[asker]):
            faults.append(f"the {where} one {fault}: {reply.response.text[:300]}")
        if where not in visible:
            hidden[where] = _without_ids(reply, variables)

    before = await _rows()
    for where in recipe.places:
        if where not in visible:
            await call(where)
    if expected is not Answer.OPEN and await _rows() != before:
        faults.append(f"one of these was changed: {', '.join(hidden)}")
    for where in recipe.places:
        if where in visible:
            await call(where)
    if recipe.by and len(set(hidden.values())) > 1:
        faults.append(f"an answer tells what is missing from what may not be seen: {hidden}")
    return faults


def _fault(
    expected: Answer, recipe: Recipe, reply: Reply, value: Any, place: Place, visible: bool, person: Any
) -> str | None:
    """Return what is wrong with an answer, as the end of a sentence, or None if the answer is right."""
    if expected is Answer.UNAUTHENTICATED:
        is_empty = not any(value or ())  # nodes is never null, but each of its entries is
        return None if is_empty and reply.unauthenticated else "is not refused to a stranger"
    if reply.errors:
        return "is answered with an error"
    if expected is Answer.NULL:
        return None if value is None else "is not null"
    if expected is Answer.SELF:
        is_own = value == {"id": person.gid} or value.get("errors") in NOT_PROVED
        return None if is_own else "is not the account itself"
    if expected is Answer.EMPTY and recipe.by not in ("portalId", "portalSlug"):
        return None if value["totalCount"] == 0 else "is not empty"
    if expected is Answer.EMPTY:
        return None if value is None else "is not null"
    if expected is Answer.NOT_ALLOWED:
        refused = [error["code"] for error in value["errors"]] == ["NOT_ALLOWED"] and not value.get("outcomes")
        return None if refused else "is not refused as NOT_ALLOWED"
    if recipe.shows(value, place) is not visible:
        return "should be seen" if visible else "should not be seen"
    return None


async def _rows() -> list[Any]:
    """Return every user and every member of staff as stored, and the number of audit events.

    Events of failed sign-ins are left out. They concern the caller's own account.
    """
    return [
        tuple(cells_of(row))
        for row in await fetch(
            Sql(
                "SELECT CAST(u.id AS TEXT) AS id, u.status, u.version, '' AS more FROM portal_user u"
                " UNION ALL SELECT CAST(s.id AS TEXT), s.name, 0, s.role || s.is_active || s.mfa_enrolled"
                " FROM staff_member s"
                " UNION ALL SELECT 'events', '', COUNT(*), '' FROM audit_event e"
                " WHERE e.event NOT LIKE '%.sign_in_failed'"
                " ORDER BY id"
            )
        )
    ]


def _without_ids(reply: Reply, variables: dict[str, Any]) -> str:
    """Return the status and the text of the answer. Each text of `variables` in the answer is replaced by "…"."""
    text = reply.response.text
    for sent in _texts(variables):
        text = text.replace(json.dumps(sent), '"…"')
    return f"{reply.response.status_code} {text}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
    elif isinstance(value, str):
        yield value


def _ids_of(fields: dict[str, GraphQLArgument] | dict[str, GraphQLInputField], path: str = "") -> Iterator[str]:
    """Yield the path of every ID in the arguments and in their inputs, such as `input.users.ids`."""
    for name, field in fields.items():
        kind = get_named_type(field.type)
        if isinstance(kind, GraphQLInputObjectType):
            yield from _ids_of(kind.fields, f"{path}{name}.")
        elif kind.name == "ID":
            yield f"{path}{name}"
