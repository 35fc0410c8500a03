"""How the system says no: which codes there are, where each may appear, and what they say to people."""

from __future__ import annotations

import pytest

from rules.lifecycle.actions import Action
from rules.messages import RETRYABLE, explain
from rules.refusals import OUTCOME_CODES, REQUEST_CODES, USER_ERROR_CODES, Code

OUTCOME_REASON_CODE = """
ALREADY_IN_STATE ALREADY_VERIFIED ALREADY_INVITED ALREADY_MEMBER NOT_INVITED NOT_CONFIRMED UNVERIFIED INACTIVE LOCKED_OUT
NOT_LOCKED NO_EMAIL INVALID_EMAIL EMAIL_TAKEN USERNAME_TAKEN REQUIRED_FIELD_MISSING COOLDOWN PASSWORD_SIGN_IN_OFF
NO_MFA_ENROLLED NO_SEAT_AVAILABLE LICENSE_PACKAGE_INACTIVE CANNOT_TARGET_SELF LAST_ADMIN ADMIN_LIMIT_REACHED HIGHER_ROLE
ADMIN_ONLY_MODULE INTERNAL_USER_NOT_ALLOWED NOT_FOUND DUPLICATE_IN_REQUEST PORTAL_INACTIVE ABORTED_BY_POLICY INTERNAL_ERROR
"""
USER_ERROR_CODE = """
INVALID_INPUT TOO_MANY_USERS SELECTION_CHANGED PREVIEW_EXPIRED IDEMPOTENCY_KEY_REUSED NOT_FOUND
NOT_ALLOWED HIGHER_ROLE RATE_LIMITED INVALID_CREDENTIALS INVALID_TOKEN WEAK_PASSWORD VERSION_CONFLICT
INVALID_EMAIL EMAIL_TAKEN USERNAME_TAKEN REQUIRED_FIELD_MISSING
"""
TOP_LEVEL = """
UNAUTHENTICATED FORBIDDEN BAD_USER_INPUT GRAPHQL_PARSE_FAILED GRAPHQL_VALIDATION_FAILED OPERATION_RESOLUTION_FAILURE
PERSISTED_QUERY_NOT_FOUND PERSISTED_QUERY_NOT_SUPPORTED TOO_COMPLEX RATE_LIMITED UNAVAILABLE INTERNAL_SERVER_ERROR
"""
OF_OUR_OWN = {"NOT_SUPPORTED", "INVALID_INPUT"}
"""Added to the contract's open enum: an action that a later version brings; a field of an invitee that cannot be stored."""


@pytest.mark.parametrize(
    ("codes", "contract", "added"),
    [
        pytest.param(OUTCOME_CODES, OUTCOME_REASON_CODE, OF_OUR_OWN, id="about one user"),
        pytest.param(USER_ERROR_CODES, USER_ERROR_CODE, set(), id="about a whole mutation"),
        pytest.param(REQUEST_CODES, TOP_LEVEL, set(), id="about the request"),
    ],
)
def test_each_group_is_what_the_contract_lists(codes: tuple[Code, ...], contract: str, added: set[str]) -> None:
    assert len(codes) == len(set(codes))
    assert {code.value for code in codes} == {*contract.split(), *added}


def test_there_is_no_code_that_may_appear_nowhere() -> None:
    assert {*OUTCOME_CODES, *USER_ERROR_CODES, *REQUEST_CODES} == set(Code)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("code", sorted(set(OUTCOME_CODES) - {Code.NOT_FOUND}))
def test_every_message_names_the_user_the_action_and_the_reason(code: Code, action: Action) -> None:
    message = explain(code, action, user="Bo Lee", portal="Acme", support="help@msp.test")

    assert message.startswith("Bo Lee was not ")
    assert message.endswith(".")
    assert "{" not in message


@pytest.mark.parametrize("action", Action)
def test_a_user_who_is_not_found_is_not_named(action: Action) -> None:
    message = explain(Code.NOT_FOUND, action, user="Bo Lee", portal="Acme", support="help@msp.test")

    assert message == "No user with this id was found. Refresh the list."


@pytest.mark.parametrize("code", [Code.NO_SEAT_AVAILABLE, Code.LICENSE_PACKAGE_INACTIVE])
def test_the_message_about_seats_says_which_role_to_ask(code: Code) -> None:  # K29
    named = explain(code, Action.ACTIVATE, user="Bo Lee", portal="Acme", support="help@msp.test")
    unnamed = explain(code, Action.ACTIVATE, user="Bo Lee", portal="Acme", support=None)

    assert "Acme" in named
    assert "ask help@msp.test for" in named.lower()
    assert "ask your service provider for" in unnamed.lower()


def test_only_what_passes_without_the_user_changing_is_retryable() -> None:
    assert set(RETRYABLE) == {
        Code.COOLDOWN,
        Code.NO_SEAT_AVAILABLE,
        Code.LICENSE_PACKAGE_INACTIVE,
        Code.PORTAL_INACTIVE,
        Code.ABORTED_BY_POLICY,
        Code.INTERNAL_ERROR,
    }
