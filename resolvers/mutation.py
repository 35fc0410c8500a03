"""What can be done."""

from __future__ import annotations

import strawberry

from resolvers.mutations.edits import EditMutations
from resolvers.mutations.invite import InviteMutations
from resolvers.mutations.lifecycle import LifecycleMutations
from resolvers.mutations.mfa import SecondFactorMutations
from resolvers.mutations.onboarding import OnboardingMutations
from resolvers.mutations.own_account import OwnAccountMutations
from resolvers.mutations.sign_in import SignInMutations
from resolvers.types.sessions import SessionMutations


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
    OnboardingMutations,
    OwnAccountMutations,
):
    pass
