"""The ways to call each root field (Recipe), each with the audience that can see the result."""

from __future__ import annotations

from tests.isolation.access_changes import access_recipes
from tests.isolation.administration import ADMINISTRATION
from tests.isolation.bulk_mutations import BULK, bulk_recipes
from tests.isolation.open_queries import OPEN_QUERIES
from tests.isolation.queries import QUERIES
from tests.isolation.recipe import MANAGED, Recipe, there
from tests.isolation.staff_mutations import STAFF_MUTATIONS
from tests.support.world import PASSWORD

SIGN_IN = Recipe(
    by="input.portalSlug",
    audience="all",
    document="mutation ($input: SignInInput!) { signIn(input: $input) { session { expiresIn } errors { code } } }",
    variables=lambda place: {"input": {"portalSlug": place.slug, "login": place.account, "password": PASSWORD}},
    shows=lambda value, place: value["session"] is not None,
)

RECIPES: dict[str, list[Recipe]] = {"Mutation.signIn": [SIGN_IN], **OPEN_QUERIES, **ADMINISTRATION}
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
RECIPES |= STAFF_MUTATIONS
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
    ("regenerateRecoveryCodes", {"currentPassword": "not the password"}),
):
    RECIPES[f"Mutation.{_name}"] = [
        Recipe(
            by=None,
            audience="all",
            document=f"mutation ($input: {_name[0].upper()}{_name[1:]}Input!)"
            f" {{ {_name}(input: $input) {{ errors {{ code }} }} }}",
            variables=lambda place, given=_input: {"input": given},  # type: ignore[misc]  # bound per mutation
            shows=there,
            places=("own",),
        )
    ]
for _name, _input in (
    ("completePasswordReset", {"token": "a made-up token", "password": PASSWORD}),
    ("verifyEmail", {"token": "a made-up token"}),
    ("cancelEmailChange", {"token": "a made-up token"}),
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
            shows=there,
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
    "changeRoles",
):
    RECIPES[f"Mutation.{_name}"] = bulk_recipes(_name)
"""Every root field of the schema, with each of its arguments that names something by id."""

RECIPES["Mutation.changeAccess"] = [
    *bulk_recipes("changeAccess"),
    *access_recipes(
        BULK.format(name="changeAccess", input="ChangeAccessInput"), lambda users: {"users": users}, copies=True
    ),
]
RECIPES["Mutation.inviteUsers"] = [
    *bulk_recipes("inviteUsers"),
    *access_recipes(
        BULK.format(name="inviteUsers", input="InviteUsersInput"),
        lambda users: {"target": {"users": users}},
        copies=False,
    ),
    *(
        Recipe(
            by=f"input.target.newUsers.{by}",
            audience=MANAGED,
            document=BULK.format(name="inviteUsers", input="InviteUsersInput"),
            variables=lambda place, by=by, portal=portal: {  # type: ignore[misc]  # bound per field
                "input": {
                    "target": {
                        "newUsers": {by: portal(place), "invitees": [{"firstName": by, "email": f"{by}@new.test"}]}
                    }
                }
            },
            shows=lambda value, place: bool(value["outcomes"]),
        )
        for by, portal in (("portalId", lambda place: place.ids["Portal"]), ("portalSlug", lambda place: place.slug))
    ),
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
