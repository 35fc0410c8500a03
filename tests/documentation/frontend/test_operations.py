"""The operations of docs/frontend.md work in the order in which the document shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pyotp
import pytest
from graphql import OperationDefinitionNode, parse

from tests.documentation.references import blocks
from tests.support.processes.commands import SIGN_IN, Served, serving_demo, until

OWN = ("ChangePassword", "ChangeEmail")
"""The operations that change the account of a signed-in user without admin rights."""

CLICK = "5f0c1d9e-3d9a-4f55-8a0c-0d3f8f5a6b1e"
ACTIVE = "{ users(filter: { statusIn: [ACTIVE], roleIn: [PORTAL_USER] }, first: 3) { nodes { id } } }"
SHOWN = """
Limits SignInPage SignIn Refresh Sessions SignOut EnrollMfa ConfirmMfa SecondFactor NewRecoveryCodes DisableMfa
Forgot LinkPage Reset ChangePassword ChangeEmail Verify
Page Find Deactivate Preview Run
Catalogue Access GiveAccess
Invite Vouch Unanswered Opened Accept Register EnterCode Finish Again Log
PortalPage MakeAdmin HandOver PreviewPolicy ChangePolicy WithTicket Ticket
"""
BY_STAFF = ("PortalPage", "MakeAdmin", "HandOver", "PreviewPolicy", "ChangePolicy", "WithTicket", "Ticket")
"""The operations that MSSP admins perform."""

THREE = """
{ users(portalSlug: "globex", filter: { roleIn: [PORTAL_USER], statusIn: [ACTIVE] }, first: 3) { nodes { id portal { id } } } }
"""


def operations() -> dict[str, str]:
    """Return the operations of the document by name, in the order of the document."""
    found = {}
    for block in blocks("docs/frontend.md", "graphql"):
        (operation,) = parse(block).definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name
        found[operation.name.value] = block
    return found


def token_mailed(demo: Served, page: str) -> str:
    """Return the token in the newest mail whose link opens the given page of the frontend."""

    def found() -> list[str]:
        texts = [
            file.read_text().replace("=\n", "") for file in sorted((demo.file.parent / "data" / "mail").glob("*.eml"))
        ]
        return [token for text in texts for token in re.findall(rf"{page}#token=3D([\w-]+)", text)]

    until(found)
    return found()[-1]


def another_session(demo: Served, token: str) -> str:
    """Sign in again and return the id of the new session, which is not the current one."""
    demo.token("admin@acme.test", "gatehouse-demo-password", "acme")
    listed = demo.ask("{ viewer { sessions { id isCurrent } } }", token)["viewer"]["sessions"]
    return str(next(session["id"] for session in listed if not session["isCurrent"]))


def code(enrollment: Any, steps: int) -> str:
    """Return the code of the authenticator app, `steps` steps of 30 seconds from now.

    The server accepts a code only once.
    """
    totp = pyotp.TOTP(enrollment["enrollMfa"]["secret"])
    return totp.at(datetime.now(UTC), counter_offset=steps)


def everything(answer: Any) -> Iterator[tuple[str, Any]]:
    """Return every field of an answer with its value, at every depth."""
    if isinstance(answer, dict):
        yield from answer.items()
    for below in answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ():
        yield from everything(below)


def mailed_code(demo: Served) -> str:
    """Return the code in the mail that the server has written to a file."""
    codes: list[str] = []

    def has_come() -> bool:
        for file in (demo.file.parent / "data" / "mail").glob("*.eml"):
            body = message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",))
            codes.extend(re.findall(r"\b\d{6}\b", str(body.get_content())) if body else [])
        return bool(codes)

    until(has_come)
    return codes[0]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


def test_every_operation_for_frontends_works_in_the_order_shown(demo: Served) -> None:
    shown = operations()
    answers: dict[str, Any] = {name: demo.ask(shown[name]) for name in ("Limits", "SignInPage", "SignIn")}
    token = answers["SignIn"]["signIn"]["session"]["accessToken"]
    active = [user["id"] for user in demo.ask(ACTIVE, token)["users"]["nodes"]]
    staff = demo.token("admin@northwind.test", "gatehouse-demo-password")
    three = demo.ask(THREE, staff)["users"]["nodes"]
    new, newer = "tidal mangrove quartz", "another mangrove, a little taller"
    variables: dict[str, Callable[[], dict[str, Any]]] = {
        "Refresh": lambda: {"refreshToken": answers["SignIn"]["signIn"]["session"]["refreshToken"]},
        "SignOut": lambda: {"session": another_session(demo, token)},
        "EnrollMfa": lambda: {"current": "gatehouse-demo-password"},
        "ConfirmMfa": lambda: {"code": code(answers["EnrollMfa"], 0)},
        "SecondFactor": lambda: {
            "challenge": demo.ask(shown["SignIn"])["signIn"]["mfaChallenge"]["challengeToken"],
            "code": code(answers["EnrollMfa"], 1),
        },
        "NewRecoveryCodes": lambda: {"current": "gatehouse-demo-password"},
        "DisableMfa": lambda: {"current": "gatehouse-demo-password"},
        "LinkPage": lambda: {"linkToken": token_mailed(demo, "reset-password")},
        "Reset": lambda: {"linkToken": token_mailed(demo, "reset-password"), "password": new},
        "ChangePassword": lambda: {"current": new, "new": newer},
        "ChangeEmail": lambda: {"current": newer},
        "Verify": lambda: {"linkToken": token_mailed(demo, "verify-email")},
        "Page": lambda: {"after": None},
        "Deactivate": lambda: {"ids": active},
        "Run": lambda: {"previewId": answers["Preview"]["lockUsers"]["operation"]["id"], "click": CLICK},
        "Access": lambda: {"id": active[0]},
        "GiveAccess": lambda: {"ids": active, "module": entry("modules"), "workspace": entry("workspaces")},
        "Again": lambda: {"id": answers["Deactivate"]["deactivateUsers"]["operation"]["id"]},
        "Invite": lambda: {"portal": "acme", "click": CLICK},
        "Vouch": lambda: {"id": answers["Invite"]["inviteUsers"]["outcomes"][0]["userId"]},
        "Opened": lambda: {"link": link("Vouch", 0)},
        "Accept": lambda: {"link": link("Vouch", 0)},
        "Register": lambda: {"link": link("Invite", 1)},
        "EnterCode": lambda: {"link": link("Invite", 1), "code": mailed_code(demo)},
        "PortalPage": lambda: {"portal": "globex"},
        "MakeAdmin": lambda: {"ids": [three[0]["id"]]},
        "HandOver": lambda: {"to": three[1]["id"], "from": three[0]["id"]},
        "PreviewPolicy": lambda: {"portalId": three[0]["portal"]["id"]},
        "ChangePolicy": lambda: {"portalId": three[0]["portal"]["id"]},
        "WithTicket": lambda: {"ids": [three[2]["id"]]},
        "Finish": lambda: {"registration": answers["EnterCode"]["confirmRegistration"]["registrationToken"]},
    }

    def entry(kind: str) -> str:
        return str(answers["Catalogue"]["portal"]["grantables"][kind][0]["id"])

    def link(name: str, place: int) -> str:
        outcome = answers[name]["inviteUsers"]["outcomes"][place]
        return str(outcome["inviteLink"]).partition("#token=")[2]

    for name, text in shown.items():
        if name not in answers:
            own = (
                demo.token("user@acme.test", new if name == "ChangePassword" else newer, "acme")
                if name in OWN
                else (staff if name in BY_STAFF else token)
            )
            answers[name] = demo.ask(text, own, **variables.get(name, dict)())

    assert list(answers) == SHOWN.split()
    for name, answer in answers.items():
        fields = list(everything(answer))
        assert [value for field, value in fields if field == "errors" and value] == [], name
        assert [field for field, value in fields if field in ("nodes", "outcomes", "tiles") and not value] == [], name
    assert demo.ask(shown["Run"], token, **variables["Run"]())["lockUsers"]["replayed"] is True
    again = answers["Again"]["node"]
    assert again["summary"] == answers["Deactivate"]["deactivateUsers"]["summary"]
    assert answers["Run"]["lockUsers"]["summary"]["succeeded"] > 0
    assert {each["allowed"] for each in answers["PortalPage"]["portal"]["availableActions"]} == {True}
    assert answers["HandOver"]["transferPortalAdmin"]["newAdmin"]["role"] == "PORTAL_ADMIN"
    assert answers["PreviewPolicy"]["previewPortalPolicy"]["effects"]
    assert answers["ChangePolicy"]["updatePortalPolicy"]["portal"]["policy"]["reasonRequired"] is True
    assert answers["Ticket"]["auditLog"]["totalCount"] == 1
    given = [outcome["user"]["access"] for outcome in answers["GiveAccess"]["changeAccess"]["outcomes"]]
    assert [[module["access"] for module in access["modules"]] for access in given] == [["WRITE"]] * len(active)
    assert answers["Opened"]["invitationPreview"]["nextStep"] == "SET_PASSWORD"
    assert answers["Accept"]["acceptInvitation"]["session"]
    assert answers["Finish"]["completeRegistration"]["session"]["viewer"]["name"] == "Emmy Noether"


def test_the_next_page_follows_the_first_and_a_tile_counts_what_it_lists(demo: Served) -> None:
    token = demo.token("admin@acme.test", "gatehouse-demo-password", "acme")
    page = operations()["Page"]
    first = demo.ask(page, token, after=None)
    second = demo.ask(page, token, after=first["users"]["pageInfo"]["endCursor"])
    tiles = first["licenseTiles"]["tiles"]

    listed = [
        demo.ask(
            "query L($c: UserCategory, $f: UserFilter) { users(category: $c, filter: $f) { totalCount } }",
            token,
            c=tile["category"],
            f={name: tile[name] for name in ("statusIn", "statusReasonIn") if tile[name] is not None},
        )["users"]["totalCount"]
        for tile in tiles
    ]

    assert not {user["id"] for user in first["users"]["nodes"]} & {user["id"] for user in second["users"]["nodes"]}
    assert listed == [tile["count"] for tile in tiles]


def test_a_wrong_password_is_answered_as_documented(demo: Served) -> None:
    payload = demo.ask(SIGN_IN, login="admin@acme.test", password="not the password", slug="acme")["signIn"]

    assert payload["session"] is None
    assert [error["code"] for error in payload["errors"]] == ["INVALID_CREDENTIALS"]
