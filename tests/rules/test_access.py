"""The rights of each role (docs/requirements.md#rights)."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest

from api.app import schema
from rules.access import Role, require_management, require_mssp_admin
from rules.refusals import Code, Refusal
from rules.rights.answers import Answer
from rules.rights.root_fields import (
    MSSP_ADMIN_MUTATIONS,
    RIGHTS,
    ROOT_FIELDS,
    answer,
    not_allowed,
    require_second_factor,
)
from tests.rules.cases import an_actor

WHO_MAY = """
                         stranger         PORTAL_USER  PORTAL_ADMIN  MSSP_TECHNICIAN  MSSP_ADMIN
Query.node               UNAUTHENTICATED  REACH        REACH         REACH            REACH
Query.nodes              UNAUTHENTICATED  REACH        REACH         REACH            REACH
Query.viewer             NULL             SELF         SELF          SELF             SELF
Query.portal             UNAUTHENTICATED  REACH        REACH         REACH            REACH
Query.portals            UNAUTHENTICATED  REACH        REACH         REACH            REACH
Query.user               UNAUTHENTICATED  REACH        REACH         REACH            REACH
Query.users              UNAUTHENTICATED  EMPTY        REACH         REACH            REACH
Query.licenseTiles       UNAUTHENTICATED  NULL         REACH         REACH            REACH
Query.auditLog           UNAUTHENTICATED  EMPTY        REACH         REACH            REACH
Query.staff              UNAUTHENTICATED  EMPTY        EMPTY         EMPTY            REACH
Query.bulkOperations     UNAUTHENTICATED  EMPTY        REACH         REACH            REACH
Query.server             OPEN             OPEN         OPEN          OPEN             OPEN
Query.portalSignIn       OPEN             OPEN         OPEN          OPEN             OPEN
Query.invitationPreview  OPEN             OPEN         OPEN          OPEN             OPEN
Query.linkPreview        OPEN             OPEN         OPEN          OPEN             OPEN
Query.passwordRequirements OPEN           OPEN         OPEN          OPEN             OPEN
Mutation.signIn          OPEN             OPEN         OPEN          OPEN             OPEN
Mutation.completeMfaChallenge OPEN        OPEN         OPEN          OPEN             OPEN
Mutation.completePasswordChange OPEN      OPEN         OPEN          OPEN             OPEN
Mutation.refreshSession  OPEN             OPEN         OPEN          OPEN             OPEN
Mutation.signOut         UNAUTHENTICATED  REACH        REACH         REACH            REACH
Mutation.enrollMfa       UNAUTHENTICATED  SELF         SELF          SELF             SELF
Mutation.confirmMfa      UNAUTHENTICATED  SELF         SELF          SELF             SELF
Mutation.disableMfa      UNAUTHENTICATED  SELF         SELF          SELF             SELF
Mutation.regenerateRecoveryCodes UNAUTHENTICATED SELF  SELF          SELF             SELF
Mutation.acceptInvitation OPEN            OPEN         OPEN          OPEN             OPEN
Mutation.startRegistration OPEN           OPEN         OPEN          OPEN             OPEN
Mutation.confirmRegistration OPEN         OPEN         OPEN          OPEN             OPEN
Mutation.completeRegistration OPEN        OPEN         OPEN          OPEN             OPEN
Mutation.requestNewInvitation OPEN        OPEN         OPEN          OPEN             OPEN
Mutation.inviteUsers     UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.activateUsers   UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.deactivateUsers UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.lockUsers       UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.unlockUsers     UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.deleteUsers     UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.revokeSessions  UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.resetPasswords  UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.resendVerifications UNAUTHENTICATED NOT_ALLOWED REACH       REACH            REACH
Mutation.resetMfa        UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.changeRoles     UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.changeAccess    UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.saveGrantable   UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.deleteGrantable UNAUTHENTICATED  NOT_ALLOWED  REACH         REACH            REACH
Mutation.transferPortalAdmin UNAUTHENTICATED NOT_ALLOWED REACH       REACH            REACH
Mutation.updateUser      UNAUTHENTICATED  REACH        REACH         REACH            REACH
Mutation.requestPasswordReset  OPEN       OPEN         OPEN          OPEN             OPEN
Mutation.completePasswordReset OPEN       OPEN         OPEN          OPEN             OPEN
Mutation.verifyEmail     OPEN             OPEN         OPEN          OPEN             OPEN
Mutation.cancelEmailChange OPEN           OPEN         OPEN          OPEN             OPEN
Mutation.changePassword  UNAUTHENTICATED  SELF         SELF          SELF             SELF
Mutation.changeEmail     UNAUTHENTICATED  SELF         SELF          SELF             SELF
Mutation.createPortal    UNAUTHENTICATED  NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED      REACH
Mutation.updatePortal    UNAUTHENTICATED  NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED      REACH
Mutation.deletePortal    UNAUTHENTICATED  NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED      REACH
Mutation.createLicensePackage UNAUTHENTICATED NOT_ALLOWED NOT_ALLOWED NOT_ALLOWED      REACH
Mutation.updateLicensePackage UNAUTHENTICATED NOT_ALLOWED NOT_ALLOWED NOT_ALLOWED      REACH
Mutation.updatePortalPolicy UNAUTHENTICATED NOT_ALLOWED NOT_ALLOWED  NOT_ALLOWED      REACH
Mutation.assignPortals   UNAUTHENTICATED  NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED      REACH
Query.previewPortalPolicy UNAUTHENTICATED NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED      REACH
Mutation.inviteStaff     UNAUTHENTICATED  NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED      REACH
Mutation.resendStaffInvitation UNAUTHENTICATED NOT_ALLOWED NOT_ALLOWED NOT_ALLOWED    REACH
Mutation.updateStaff     UNAUTHENTICATED  NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED      REACH
Mutation.deleteStaff     UNAUTHENTICATED  NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED      REACH
Mutation.revokeStaffSessions UNAUTHENTICATED NOT_ALLOWED NOT_ALLOWED NOT_ALLOWED      REACH
Mutation.resetStaffPassword UNAUTHENTICATED NOT_ALLOWED NOT_ALLOWED  NOT_ALLOWED      REACH
Mutation.resetStaffMfa   UNAUTHENTICATED  NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED      REACH
Mutation.updateMsspPolicy UNAUTHENTICATED NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED      REACH
"""


def expected() -> dict[tuple[str, Role | None], Answer]:
    header, *rows = (line.split() for line in WHO_MAY.strip().splitlines())
    roles = [None, *(Role(name) for name in header[1:])]
    return {(member, role): Answer[name] for member, *names in rows for role, name in zip(roles, names, strict=True)}


@pytest.mark.parametrize(("member", "role"), expected())
def test_each_field_answers_each_role_as_the_table_says(member: str, role: Role | None) -> None:  # T1, T12, L1
    assert answer(member, role) is expected()[member, role]


def test_a_refused_mutation_says_whose_it_is() -> None:
    administered = {member: not_allowed(member) for member in MSSP_ADMIN_MUTATIONS}

    assert all(refusal.params == {"problem": "MSSP_ADMINS_ONLY"} for refusal in administered.values())
    assert not_allowed("Mutation.lockUsers").params == {"problem": "MANAGERS_ONLY"}


def test_every_root_field_of_the_schema_is_in_the_table() -> None:  # K29: none of them raises the number of seats
    types = schema(introspection=True)._schema.type_map
    fields = {f"{name}.{field}" for name in ("Query", "Mutation") for field in types[name].fields}  # type: ignore[attr-defined]  # both are object types

    assert fields == set(ROOT_FIELDS) == {member for member, _ in expected()}


def test_no_field_is_in_two_rows_of_the_table() -> None:
    assert sum(len(right.fields) for right in RIGHTS) == len(ROOT_FIELDS)


@pytest.mark.parametrize("role", [None, *Role])
def test_a_field_that_is_not_in_the_table_answers_no_role(role: Role | None) -> None:
    with pytest.raises(Refusal) as no:
        answer("Mutation.eraseEverything", role)

    assert no.value.code is Code.FORBIDDEN


@pytest.mark.parametrize("role", [Role.PORTAL_ADMIN, Role.MSSP_TECHNICIAN, Role.MSSP_ADMIN])
def test_admins_and_staff_manage_users(role: Role) -> None:  # K1, L1
    require_management(an_actor(role))


def test_a_portal_user_manages_no_user() -> None:  # T1
    with pytest.raises(Refusal) as no:
        require_management(an_actor(Role.PORTAL_USER))

    assert no.value.code is Code.NOT_ALLOWED


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MSSP_ADMIN])
def test_only_mssp_admins_administer_the_mssp(role: Role) -> None:  # T12
    require_mssp_admin(an_actor(Role.MSSP_ADMIN))
    with pytest.raises(Refusal) as no:
        require_mssp_admin(an_actor(role))

    assert (no.value.code, no.value.params) == (Code.NOT_ALLOWED, {"problem": "MSSP_ADMINS_ONLY"})


def test_an_mssp_admin_without_a_required_second_factor_does_not_administer() -> None:
    with pytest.raises(Refusal):
        require_mssp_admin(replace(an_actor(Role.MSSP_ADMIN), must_enroll=True))


@pytest.mark.parametrize(("role", "is_staff"), [(role, role.name.startswith("MSSP")) for role in Role])
def test_staff_are_the_provider_s_people(role: Role, *, is_staff: bool) -> None:
    assert an_actor(role).is_staff is is_staff


@pytest.mark.parametrize("member", sorted(ROOT_FIELDS))
def test_who_has_yet_to_set_up_a_second_factor_may_only_do_that(member: str) -> None:
    ann = replace(an_actor(Role.PORTAL_ADMIN), must_enroll=True)
    may = {"Query.viewer", "Mutation.enrollMfa", "Mutation.confirmMfa", "Mutation.signOut"}
    is_refused = pytest.raises(Refusal, match="Set up your second factor first") if member not in may else nullcontext()

    with is_refused:
        require_second_factor(member, ann)

    assert not ann.manages_users
