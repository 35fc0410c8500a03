"""The root type of mutations."""

from __future__ import annotations

import strawberry

from resolvers.mutations.account.email_addresses import EmailAddressMutations
from resolvers.mutations.account.passwords import PasswordMutations
from resolvers.mutations.account.second_factor import SecondFactorMutations
from resolvers.mutations.administration.adminship import AdminshipMutations
from resolvers.mutations.administration.assignments import AssignmentMutations
from resolvers.mutations.administration.grantables import GrantableMutations
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
from resolvers.root_descriptions import WRITE_ACCESS


@strawberry.type(description=WRITE_ACCESS)
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
    GrantableMutations,
):
    pass
