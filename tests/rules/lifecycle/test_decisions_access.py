"""Decisions about changes of access: which changes are refused, and how they change the number of admins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.access import Role
from rules.grants.access_changes import AccessRequest, ResolvedAccess
from rules.grants.kinds import GrantableKind
from rules.lifecycle.actions import Action
from rules.lifecycle.decision_types import ActionRequest, InvitationTerms, PortalState
from rules.lifecycle.decisions import apply_to_portal_state, decide
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from rules.refusals import Code, Refusal
from tests.rules.cases import NOON, AUser, a_portal, an_actor, an_id
from tests.rules.grants.cases import HOME, AnEntry, given, held, request

ME = an_id()
CHANGE = Action.CHANGE_ACCESS
STAFF = (Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN)
PRICING = AnEntry("Pricing", admin_only=True)
EDITOR = AnEntry("Editor", GrantableKind.APP_ROLE, app="CRM")
CREW = AnEntry("Crew", GrantableKind.GROUP)
FOREIGN = AnEntry("Foreign", GrantableKind.GROUP, portal_id=an_id())
CLOSED = ResolvedAccess(portal_access=False)
PRODUCTION = a_portal(in_production=True)


def asked(
    access: AccessRequest | None,
    user: AUser | None = None,
    portal: PortalState | None = None,
    role: Role = Role.PORTAL_ADMIN,
    action: Action = CHANGE,
) -> ActionRequest:
    user = replace(user or AUser(), portal_id=HOME)
    return ActionRequest(action, an_actor(role, id=ME), user, portal or a_portal(), NOON, access=access)


def refusal(case: ActionRequest) -> Code | None:
    try:
        decide(case)
    except Refusal as no:
        return no.code
    return None


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("role", [Role.PORTAL_ADMIN, *STAFF])
def test_managers_change_the_access_of_users_in_each_status(role: Role, status: Status) -> None:  # W2
    decision = decide(asked(request(given(CREW, portal_access=False)), AUser(status), role=role))

    assert decision.transition.status is status
    assert decision.access
    assert decision.access.after == held(CREW, portal_access=False)
    assert (decision.seat_change, decision.portal_access) == (0, False)


def test_a_portal_user_changes_no_access() -> None:
    assert refusal(asked(request(given(CREW)), AUser(id=ME), role=Role.PORTAL_USER)) is Code.NOT_ALLOWED


def test_access_that_the_user_has_already_is_no_change() -> None:
    assert refusal(asked(request(given(CREW, portal_access=True), held(CREW)))) is Code.ALREADY_IN_STATE
    assert refusal(asked(request(ResolvedAccess()))) is Code.ALREADY_IN_STATE


def test_a_change_that_no_rule_forbids_is_offered_without_saying_which() -> None:
    assert refusal(asked(None)) is None
    assert refusal(asked(None, AUser(id=ME))) is None


@pytest.mark.parametrize("role", [Role.PORTAL_USER, Role.PORTAL_ADMIN])
def test_an_admin_only_module_is_for_admins(role: Role) -> None:  # W5, W6
    code = None if role is Role.PORTAL_ADMIN else Code.ADMIN_ONLY_MODULE

    assert refusal(asked(request(given(PRICING)), AUser(role=role))) is code


@pytest.mark.parametrize("kind", UserKind)
@pytest.mark.parametrize("in_production", [False, True])
def test_in_production_app_roles_get_external_users_only(kind: UserKind, in_production: bool) -> None:  # K4, K5
    code = Code.INTERNAL_USER_NOT_ALLOWED if in_production and kind is UserKind.INTERNAL else None

    assert refusal(asked(request(given(EDITOR)), AUser(kind=kind), a_portal(in_production=in_production))) is code


def test_an_internal_user_keeps_app_roles_in_production_and_may_lose_them() -> None:  # K5
    reader, internal = AnEntry("Reader", GrantableKind.APP_ROLE, app="CRM"), AUser(kind=UserKind.INTERNAL)
    both = held(EDITOR, reader)

    assert refusal(asked(request(given(EDITOR), both), internal, PRODUCTION)) is None
    assert refusal(asked(request(given(EDITOR, CREW), held(EDITOR)), internal, PRODUCTION)) is None
    assert refusal(asked(request(given(EDITOR, reader), held(EDITOR)), internal, PRODUCTION)) is (
        Code.INTERNAL_USER_NOT_ALLOWED
    )


def test_an_entry_of_another_portal_is_refused_with_its_field() -> None:
    with pytest.raises(Refusal) as no:
        decide(asked(request(given(FOREIGN))))

    assert (no.value.code, no.value.path) == (Code.NOT_IN_PORTAL, ("groupIds",))


@pytest.mark.parametrize("role", [Role.PORTAL_ADMIN, *STAFF])
def test_no_account_closes_its_own_access(role: Role) -> None:  # E19
    me = AUser(id=ME, role=Role.PORTAL_ADMIN)

    assert refusal(asked(request(CLOSED), me, role=role)) is Code.CANNOT_TARGET_SELF
    assert refusal(asked(request(given(CREW)), me, role=role)) is None


def test_a_portal_account_does_not_close_the_access_of_the_last_admin() -> None:  # E19
    admin = AUser(role=Role.PORTAL_ADMIN)

    assert refusal(asked(request(CLOSED), admin, a_portal(enabled_admins=1))) is Code.LAST_ADMIN
    assert refusal(asked(request(CLOSED), admin, a_portal(enabled_admins=2))) is None
    assert [refusal(asked(request(CLOSED), admin, a_portal(enabled_admins=1), role=role)) for role in STAFF] == [
        None
    ] * 2


def test_admins_are_counted_as_their_access_is_closed_and_opened() -> None:
    portal = a_portal(enabled_admins=2)
    admins = [AUser(role=Role.PORTAL_ADMIN) for _ in range(2)]

    apply_to_portal_state(portal, decide(asked(request(CLOSED), admins[0], portal)))
    after_one = refusal(asked(request(CLOSED), admins[1], portal))
    closed = replace(admins[0], portal_access=False)
    opened = request(ResolvedAccess(portal_access=True), held(portal_access=False))
    apply_to_portal_state(portal, decide(asked(opened, closed, portal)))

    assert after_one is Code.LAST_ADMIN
    assert (portal.enabled_admins, portal.counted_admins) == (2, 2)


@pytest.mark.parametrize("action", [Action.DEACTIVATE, Action.CHANGE_ROLE])
def test_an_admin_without_access_is_not_the_one_who_keeps_the_portal(action: Action) -> None:
    closed = AUser(role=Role.PORTAL_ADMIN, portal_access=False)

    assert refusal(asked(None, closed, a_portal(enabled_admins=1), action=action)) is None


FIRST_OF_TWO = {
    "CANNOT_TARGET_SELF before ADMIN_ONLY_MODULE": (
        Code.CANNOT_TARGET_SELF,
        asked(request(given(PRICING, portal_access=False)), AUser(id=ME)),
    ),
    "NOT_IN_PORTAL before ADMIN_ONLY_MODULE": (Code.NOT_IN_PORTAL, asked(request(given(PRICING, FOREIGN)))),
    "ADMIN_ONLY_MODULE before INTERNAL_USER_NOT_ALLOWED": (
        Code.ADMIN_ONLY_MODULE,
        asked(request(given(PRICING, EDITOR)), AUser(kind=UserKind.INTERNAL), PRODUCTION),
    ),
    "INTERNAL_USER_NOT_ALLOWED before NO_EMAIL": (
        Code.INTERNAL_USER_NOT_ALLOWED,
        asked(
            request(given(EDITOR)),
            AUser(Status.STAGED, kind=UserKind.INTERNAL, email=None),
            PRODUCTION,
            action=Action.INVITE,
        ),
    ),
    "INTERNAL_USER_NOT_ALLOWED before LAST_ADMIN": (
        Code.INTERNAL_USER_NOT_ALLOWED,
        asked(
            request(given(EDITOR, portal_access=False)),
            AUser(kind=UserKind.INTERNAL, role=Role.PORTAL_ADMIN),
            replace(PRODUCTION, enabled_admins=1),
        ),
    ),
    "the table before NOT_IN_PORTAL": (
        Code.ALREADY_MEMBER,
        asked(request(given(FOREIGN)), AUser(Status.ACTIVE), action=Action.INVITE),
    ),
}
"""Requests that two guards refuse. Each is listed with the code of the guard that is checked first."""


@pytest.mark.parametrize(("first", "case"), FIRST_OF_TWO.values(), ids=FIRST_OF_TWO)
def test_the_first_guard_that_speaks_is_the_reason(first: Code, case: ActionRequest) -> None:
    assert refusal(case) is first


@pytest.mark.parametrize("terms", [InvitationTerms(), InvitationTerms(adds_only=True)])
def test_an_invitation_decides_about_the_access_before_it_is_sent(terms: InvitationTerms) -> None:  # W4
    new = AUser(Status.STAGED)
    invited = asked(request(given(CREW)), new, action=Action.INVITE)._replace(terms=terms, is_new=True)
    refused = invited._replace(access=request(given(PRICING)))

    decision = decide(invited)

    assert decision.access
    assert decision.access.after == held(CREW)
    assert refusal(refused) is Code.ADMIN_ONLY_MODULE
    assert refusal(refused._replace(user=replace(refused.user, role=Role.PORTAL_ADMIN))) is None  # type: ignore[type-var]  # an AUser
