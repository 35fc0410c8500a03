"""The root type of mutations."""

from __future__ import annotations

import strawberry

from resolvers.mutations.account.email_addresses import EmailAddressMutations
from resolvers.mutations.account.passwords import PasswordMutations
from resolvers.mutations.account.second_factor import SecondFactorMutations
from resolvers.mutations.administration.adminship import AdminshipMutations
from resolvers.mutations.administration.assignments import AssignmentMutations
from resolvers.mutations.administration.license_packages import LicensePackageMutations
from resolvers.mutations.administration.policies import PolicyMutations
from resolvers.mutations.administration.portals import PortalMutations
from resolvers.mutations.administration.staff import StaffMutations
from resolvers.mutations.administration.staff_access import StaffAccessMutations
from resolvers.mutations.edits import EditMutations
from resolvers.mutations.invite import InviteMutations
from resolvers.mutations.lifecycle import LifecycleMutations
from resolvers.mutations.onboarding.acceptance import AcceptanceMutations
from resolvers.mutations.onboarding.registration import RegistrationMutations
from resolvers.mutations.sign_in.sessions import SessionMutations
from resolvers.mutations.sign_in.sign_in import SignInMutations


@strawberry.type(
    description="Write access. Every field is nullable, so that a failing mutation does not hide the result of an earlier one. A"
    " refused call is data: its reasons are in the payload's `errors`. Reasons that concern one of"
    " several users are in `outcomes`, and reasons why an account cannot sign in are in `blockers`. A field is null, with a"
    " top-level error as in Query, if the request itself is refused: UNAUTHENTICATED without an access token, unless the"
    " mutation requires none; FORBIDDEN until a required second factor is set up (see `Session.mustEnrollMfa`). Every mutation that takes a"
    " password, a code or a token can answer RATE_LIMITED in `errors`, even if its description does not name it, except"
    " refreshSession, verifyEmail, cancelEmailChange, requestNewInvitation and confirmRegistration. A mutation that has"
    " begun is carried out as a whole or not at all, and goes on if the client disconnects. Unlike a query, it has no time limit."
)
class Mutation(
    SignInMutations,
    SessionMutations,
    SecondFactorMutations,
    LifecycleMutations,
    EditMutations,
    InviteMutations,
    AcceptanceMutations,
    RegistrationMutations,
    PasswordMutations,
    EmailAddressMutations,
    PortalMutations,
    LicensePackageMutations,
    AdminshipMutations,
    PolicyMutations,
    StaffMutations,
    StaffAccessMutations,
    AssignmentMutations,
):
    pass
