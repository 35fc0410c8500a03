"""How each root field is called about a place, and which audience may see what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.isolation.scene import NODE_KINDS, PLACES, Place
from tests.support.world import PASSWORD


@dataclass(frozen=True)
class Recipe:
    """One way to call a member. `by` is the argument that names the place, None when none does."""

    by: str | None
    audience: str
    document: str
    variables: Callable[[Place], dict[str, Any]]
    shows: Callable[[Any, Place], bool]
    """Whether the field's value tells that what is in the place is there."""
    places: tuple[str, ...] = PLACES


def _node_recipes() -> Iterator[tuple[str, Recipe]]:
    audiences = {
        "Portal": "its members",
        "BulkOperation": "its admins",
        "StaffMember": "the MSSP's admins",
        "Mssp": "the MSSP's staff",
        "a sum of another": "none",
        "AccountSession": "none",
    }
    for kind in NODE_KINDS:
        audience = audiences.get(kind, "its managers")
        yield (
            "Query.node",
            Recipe(
                by="id",
                audience=audience,
                document="query ($id: ID!) { node(id: $id) { __typename id } }",
                variables=lambda place, kind=kind: {"id": place.ids[kind]},  # type: ignore[misc]  # bound per kind
                shows=lambda value, place: value is not None,
            ),
        )
        yield (
            "Query.nodes",
            Recipe(
                by="ids",
                audience=audience,
                document="query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }",
                variables=lambda place, kind=kind: {"ids": [place.ids[kind]] * 2},  # type: ignore[misc]  # likewise
                shows=lambda value, place: any(value),
            ),
        )


def _listed(kind: str) -> Callable[[Any, Place], bool]:
    return lambda value, place: place.ids[kind] in {node["id"] for node in value["nodes"]}


def _there(value: Any, place: Place) -> bool:
    return value is not None


def _nothing(place: Place) -> dict[str, Any]:
    return {}


def _portal(place: Place) -> dict[str, Any]:
    return {"id": place.ids["Portal"]}


MANAGED, MEMBERS_SEE, ADMINS_SEE = "its managers", "its members", "its admins"

QUERIES: list[tuple[str, Recipe]] = [
    *_node_recipes(),
    ("Query.viewer", Recipe(None, "all", "{ viewer { id } }", _nothing, _there, places=("own",))),
    (
        "Query.portal",
        Recipe("id", MEMBERS_SEE, "query ($id: ID!) { portal(id: $id) { id name } }", _portal, _there),
    ),
    (
        "Query.portal",
        Recipe(
            "slug",
            MEMBERS_SEE,
            "query ($slug: String!) { portal(slug: $slug) { id } }",
            lambda place: {"slug": place.slug},
            _there,
        ),
    ),
    (
        "Query.portals",
        Recipe(None, MEMBERS_SEE, "{ portals { totalCount nodes { id } } }", _nothing, _listed("Portal")),
    ),
    (
        "Query.portals",
        Recipe(
            "search",
            MEMBERS_SEE,
            "query ($search: String!) { portals(search: $search) { totalCount nodes { id } } }",
            lambda place: {"search": place.slug},
            lambda value, place: value["totalCount"] > 0,
        ),
    ),
    (
        "Query.user",
        Recipe(
            "id",
            MANAGED,
            "query ($id: ID!) { user(id: $id) { id name } }",
            lambda place: {"id": place.ids["PortalUser"]},
            _there,
        ),
    ),
    (
        "Query.users",
        Recipe(None, MANAGED, "{ users(first: 100) { totalCount nodes { id } } }", _nothing, _listed("PortalUser")),
    ),
    (
        "Query.users",
        Recipe(
            "portalId",
            MANAGED,
            "query ($id: ID) { users(portalId: $id) { totalCount nodes { id } } }",
            _portal,
            _there,
        ),
    ),
    (
        "Query.users",
        Recipe(
            "filter.portalIdIn",
            MANAGED,
            "query ($id: ID!) { users(filter: {portalIdIn: [$id]}) { totalCount nodes { id } } }",
            _portal,
            lambda value, place: value["totalCount"] > 0,
        ),
    ),
    (
        "Query.licenseTiles",
        Recipe(
            None,
            MANAGED,
            "{ licenseTiles { seatsUsed packages { id } } }",
            _nothing,
            lambda value, place: place.ids["LicensePackage"] in {package["id"] for package in value["packages"]},
        ),
    ),
    (
        "Query.licenseTiles",
        Recipe("portalId", MANAGED, "query ($id: ID) { licenseTiles(portalId: $id) { id } }", _portal, _there),
    ),
    (
        "Query.auditLog",
        Recipe(None, MANAGED, "{ auditLog { totalCount nodes { id } } }", _nothing, _listed("AuditEvent")),
    ),
    (
        "Query.auditLog",
        Recipe("portalId", MANAGED, "query ($id: ID) { auditLog(portalId: $id) { totalCount } }", _portal, _there),
    ),
    (
        "Query.auditLog",
        Recipe(
            "userId",
            "none",  # nothing happened to the user asked for: an empty log for every asker
            "query ($id: ID) { auditLog(userId: $id) { totalCount nodes { id } } }",
            lambda place: {"id": place.ids["PortalUser"]},
            lambda value, place: value["totalCount"] > 0,
        ),
    ),
    (
        "Query.bulkOperations",
        Recipe(None, ADMINS_SEE, "{ bulkOperations { totalCount nodes { id } } }", _nothing, _listed("BulkOperation")),
    ),
    (
        "Query.bulkOperations",
        Recipe(
            "portalId", MANAGED, "query ($id: ID) { bulkOperations(portalId: $id) { totalCount } }", _portal, _there
        ),
    ),
]

BULK = """
mutation ($input: {input}!) {{
  {name}(input: $input) {{
    outcomes {{
      index userId label status previousStatus newStatus user {{ id }}
      reason {{ code message retryable retryAt suggestedAction }}
    }}
    summary {{ requested succeeded skipped failed byReason {{ code count }} }}
    licenseTiles {{ id seatsUsed }}
    operation {{ action state reason total processed outcomes {{ totalCount }} }}
    errors {{ code message path retryAt }}
  }}
}}
"""


def bulk_recipes(name: str, input: str = "BulkUsersInput") -> list[Recipe]:
    """A bulk mutation on a user of the place, and the ways to select that name a place otherwise."""
    selections: dict[str, tuple[str, Callable[[Place], dict[str, Any]]]] = {
        "ids": (MANAGED, lambda place: {"ids": [place.target()]}),
        "matching.portalId": (MANAGED, lambda place: {"matching": {"portalId": place.ids["Portal"]}}),
        "matching.filter.portalIdIn": (
            MANAGED,
            lambda place: {"matching": {"filter": {"portalIdIn": [place.ids["Portal"]]}}},
        ),
        "matching.excludeIds": (
            MANAGED,
            lambda place: {
                "matching": {
                    "excludeIds": [place.ids["PortalUser"]],
                    "filter": {"portalIdIn": [place.ids["Portal"]]},
                }
            },
        ),
        # The place's operation is no preview of the asker's own: it names nothing to any asker.
        "previewId": ("none", lambda place: {"previewId": place.ids["BulkOperation"]}),
    }
    looks_only = {"options": {"dryRun": True}}
    return [
        Recipe(
            by=f"input.users.{by}",
            audience=audience,
            document=BULK.format(name=name, input=input),
            variables=lambda place, by=by, users=users: {  # type: ignore[misc]  # likewise
                "input": {"users": users(place), **(looks_only if by.startswith("matching") else {})}
            },
            shows=lambda value, place: any(o["previousStatus"] or o["label"] for o in value["outcomes"]),
        )
        for by, (audience, users) in selections.items()
    ]


SIGN_IN = Recipe(
    by="input.portalSlug",
    audience="all",
    document="mutation ($input: SignInInput!) { signIn(input: $input) { session { expiresIn } errors { code } } }",
    variables=lambda place: {"input": {"portalSlug": place.slug, "login": place.account, "password": PASSWORD}},
    shows=lambda value, place: value["session"] is not None,
)

RECIPES: dict[str, list[Recipe]] = {"Mutation.signIn": [SIGN_IN]}
for _member, _recipe in QUERIES:
    RECIPES.setdefault(_member, []).append(_recipe)
RECIPES["Mutation.updateUser"] = [
    Recipe(
        by="input.id",
        audience=MANAGED,
        document="mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } errors { code message path } } }",
        variables=lambda place: {"input": {"id": place.target(), "firstName": "Renamed"}},
        shows=lambda value, place: value["user"] is not None,
    )
]
RECIPES["Mutation.requestPasswordReset"] = [
    Recipe(
        by="input.email",
        audience="none",  # the same answer to every asker, about every address
        document="mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { account { id } errors { code message } } }",
        variables=lambda place: {"input": {"portalSlug": place.slug, "email": f"{place.account}@{place.slug}.test"}},
        shows=lambda value, place: value != {"account": None, "errors": []},
    )
]
RECIPES["Mutation.signOut"] = [
    Recipe(
        by="input.sessionId",
        audience="none",  # to every asker a session of another
        document="mutation ($input: SignOutInput!) { signOut(input: $input) { account { id } errors { code message path } } }",
        variables=lambda place: {"input": {"sessionId": place.ids["AccountSession"]}},
        shows=lambda value, place: [error["code"] for error in value["errors"]] != ["NOT_FOUND"],
    )
]
for _name, _input in (
    ("completeMfaChallenge", {"challengeToken": "a made-up token", "code": "123456"}),
    ("completePasswordChange", {"token": "a made-up token", "password": PASSWORD}),
    ("refreshSession", {"refreshToken": "a made-up token"}),
):
    RECIPES[f"Mutation.{_name}"] = [
        Recipe(
            by=None,
            audience="none",
            document=f"mutation ($input: {_name[0].upper()}{_name[1:]}Input!)"
            f" {{ {_name}(input: $input) {{ session {{ viewer {{ id }} }} errors {{ code }} }} }}",
            variables=lambda place, given=_input: {"input": given},  # type: ignore[misc]  # bound per mutation
            shows=lambda value, place: [error["code"] for error in value["errors"]] != ["INVALID_TOKEN"],
        )
    ]
for _name, _input in (
    ("enrollMfa", {"currentPassword": "not the password"}),
    ("confirmMfa", {"code": "123456"}),
    ("disableMfa", {"currentPassword": "not the password"}),
):
    RECIPES[f"Mutation.{_name}"] = [
        Recipe(
            by=None,
            audience="all",
            document=f"mutation ($input: {_name[0].upper()}{_name[1:]}Input!)"
            f" {{ {_name}(input: $input) {{ errors {{ code }} }} }}",
            variables=lambda place, given=_input: {"input": given},  # type: ignore[misc]  # bound per mutation
            shows=_there,
            places=("own",),
        )
    ]
for _name, _input in (
    ("completePasswordReset", {"token": "a made-up token", "password": PASSWORD}),
    ("verifyEmail", {"token": "a made-up token"}),
):
    RECIPES[f"Mutation.{_name}"] = [
        Recipe(
            by="input.token",
            audience="none",
            document=f"mutation ($input: {_name[0].upper()}{_name[1:]}Input!)"
            f" {{ {_name}(input: $input) {{ account {{ id }} errors {{ code }} }} }}",
            variables=lambda place, given=_input: {"input": given},  # type: ignore[misc]  # bound per mutation
            shows=lambda value, place: [error["code"] for error in value["errors"]] != ["INVALID_TOKEN"],
        )
    ]
for _name, _input in (
    ("changePassword", {"currentPassword": "not the password", "newPassword": "another horse battery staple"}),
    ("changeEmail", {"currentPassword": "not the password", "email": "new@acme.test"}),
):
    RECIPES[f"Mutation.{_name}"] = [
        Recipe(
            by=None,
            audience="all",
            document=f"mutation ($input: {_name[0].upper()}{_name[1:]}Input!)"
            f" {{ {_name}(input: $input) {{ account {{ id }} errors {{ code }} }} }}",
            variables=lambda place, given=_input: {"input": given},  # type: ignore[misc]  # bound per mutation
            shows=_there,
            places=("own",),
        )
    ]
for _name in (
    "activateUsers",
    "deactivateUsers",
    "lockUsers",
    "unlockUsers",
    "deleteUsers",
    "revokeSessions",
    "resetPasswords",
    "resendVerifications",
    "resetMfa",
):
    RECIPES[f"Mutation.{_name}"] = bulk_recipes(_name)
"""Every root field of the schema, with each of its arguments that names something by id."""

RECIPES["Mutation.inviteUsers"] = [
    *bulk_recipes("inviteUsers", "InviteUsersInput"),
    Recipe(
        by="input.portalId",
        audience=MANAGED,
        document=BULK.format(name="inviteUsers", input="InviteUsersInput"),
        variables=lambda place: {
            "input": {
                "portalId": place.ids["Portal"],
                "invitees": [{"firstName": "Ada", "email": "ada@new.test"}],
            }
        },
        shows=lambda value, place: bool(value["outcomes"]),
    ),
]
RECIPES["Query.invitationPreview"] = [
    Recipe(
        "token",
        "all",  # who holds the link's token
        "query ($link: String!) { invitationPreview(token: $link) { state nextStep } }",
        lambda place: {"link": place.invitation()},
        _there,
    )
]
RECIPES["Mutation.acceptInvitation"] = [
    Recipe(
        "input.token",
        "all",
        "mutation ($input: AcceptInvitationInput!) {"
        " acceptInvitation(input: $input) { session { expiresIn } errors { code } } }",
        lambda place: {"input": {"token": place.invitation(), "password": PASSWORD}},
        lambda value, place: value["session"] is not None,
    )
]


def _with_a_token_that_never_was(member: str, rest: dict[str, str], *, shows: str | None = None) -> Recipe:
    name, token = f"{member[0].lower()}{member[1:]}", "registrationToken" if "password" in rest else "invitationToken"
    return Recipe(
        f"input.{token}",
        "none",
        f"mutation ($input: {member}Input!) {{ {name}(input: $input) {{ {shows or '__typename'} errors {{ code }} }} }}",
        lambda place: {"input": {token: "no token", **rest}},
        lambda value, place: bool(shows and value[shows]),
    )


_EMAIL = {"email": "ada@new.test"}
RECIPES["Mutation.startRegistration"] = [
    _with_a_token_that_never_was("StartRegistration", _EMAIL, shows="codeExpiresAt")
]
RECIPES["Mutation.confirmRegistration"] = [
    _with_a_token_that_never_was("ConfirmRegistration", {**_EMAIL, "code": "123456"}, shows="registrationToken")
]
RECIPES["Mutation.completeRegistration"] = [
    _with_a_token_that_never_was("CompleteRegistration", {"firstName": "Ada", "password": PASSWORD})
]
RECIPES["Mutation.requestNewInvitation"] = [_with_a_token_that_never_was("RequestNewInvitation", {})]
