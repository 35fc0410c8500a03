"""The root type of mutations."""

from __future__ import annotations

import strawberry

from resolvers.mutations.account.email_addresses import EmailAddressMutations
from resolvers.mutations.account.passwords import PasswordMutations
from resolvers.mutations.account.second_factor import SecondFactorMutations
from resolvers.mutations.edits import EditMutations
from resolvers.mutations.invite import InviteMutations
from resolvers.mutations.lifecycle import LifecycleMutations
from resolvers.mutations.onboarding.acceptance import AcceptanceMutations
from resolvers.mutations.onboarding.registration import RegistrationMutations
from resolvers.mutations.sign_in.sessions import SessionMutations
from resolvers.mutations.sign_in.sign_in import SignInMutations


@strawberry.type(
    description="What can be done. Every field is nullable, so that a failing mutation does not hide the outcome of"
    " one before it; refusals are data, in the payload's `errors`. Null with a top-level error, as in Query:"
    " UNAUTHENTICATED for strangers, unless it says that it works without a token; FORBIDDEN for who must set up a"
    " second factor first."
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
):
    pass
