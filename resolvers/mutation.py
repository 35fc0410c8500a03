"""What can be done."""

from __future__ import annotations

import strawberry

from resolvers.edits import EditMutations
from resolvers.invite import InviteMutations
from resolvers.lifecycle import LifecycleMutations
from resolvers.onboarding import OnboardingMutations
from resolvers.own_account import OwnAccountMutations
from resolvers.second_factors import SecondFactorMutations
from resolvers.sessions import SessionMutations
from resolvers.sign_in import SignInMutations


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
