"""Refusals: their codes, where each code can appear, and their messages."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from rules.lifecycle.actions import ACTIONS, Action
from rules.messages import outcomes
from rules.messages.edits import FieldMessage
from rules.messages.outcomes import RETRYABLE
from rules.messages.rate_limits import RateLimitMessage
from rules.refusals import OUTCOME_CODES, REASON_CODES, REQUEST_CODES, USER_ERROR_CODES, Code, Faults, Refusal

OUTCOME_REASON_CODE = """
ALREADY_IN_STATE ALREADY_VERIFIED ALREADY_INVITED ALREADY_MEMBER NOT_INVITED NOT_CONFIRMED UNVERIFIED INACTIVE LOCKED_OUT
NOT_LOCKED NO_EMAIL INVALID_EMAIL EMAIL_TAKEN USERNAME_TAKEN REQUIRED_FIELD_MISSING COOLDOWN PASSWORD_SIGN_IN_OFF
NO_MFA_ENROLLED NO_SEAT_AVAILABLE LICENSE_PACKAGE_INACTIVE CANNOT_TARGET_SELF LAST_ADMIN ADMIN_LIMIT_REACHED HIGHER_ROLE
ADMIN_ONLY_MODULE INTERNAL_USER_NOT_ALLOWED NOT_FOUND DUPLICATE_IN_REQUEST PORTAL_INACTIVE ABORTED_BY_POLICY INTERNAL_ERROR
"""
USER_ERROR_CODE = """
INVALID_INPUT TOO_MANY_USERS SELECTION_CHANGED PREVIEW_EXPIRED IDEMPOTENCY_KEY_REUSED NOT_FOUND
NOT_ALLOWED HIGHER_ROLE RATE_LIMITED INVALID_CREDENTIALS INVALID_TOKEN WEAK_PASSWORD VERSION_CONFLICT
INVALID_EMAIL EMAIL_TAKEN USERNAME_TAKEN REQUIRED_FIELD_MISSING REASON_REQUIRED
SEATS_IN_USE ADMIN_LIMIT_REACHED LAST_ADMIN CONFIRMATION_REQUIRED
"""
TOP_LEVEL = """
UNAUTHENTICATED FORBIDDEN BAD_USER_INPUT GRAPHQL_PARSE_FAILED GRAPHQL_VALIDATION_FAILED OPERATION_RESOLUTION_FAILURE
PERSISTED_QUERY_NOT_FOUND PERSISTED_QUERY_NOT_SUPPORTED TOO_COMPLEX RATE_LIMITED UNAVAILABLE INTERNAL_SERVER_ERROR
"""
RETRY_AT = "2026-03-01T09:00:00.000Z"
OF_OUR_OWN = {"NOT_ALLOWED", "MUST_ENROLL_MFA", "INVALID_INPUT", "TOO_MANY_USERS", "NOT_IN_PORTAL"}
"""The codes that Gatehouse adds to OUTCOME_REASON_CODE and USER_ERROR_CODE, the codes that the contract lists.

- NOT_ALLOWED and MUST_ENROLL_MFA: an action without the right, or before the second factor is set up
- INVALID_INPUT: a field that cannot be stored
- TOO_MANY_USERS: a portal with too many users
- NOT_IN_PORTAL: an entry of another portal's catalogue; NOT_FOUND would mean a missing user
"""


def params(code: Code, action: Action, support: str | None = "help@msp.test") -> dict[str, str]:
    return outcomes.params(
        code, action, user="Bo Lee", portal="Acme", support=support, seats=77, field="firstName", retry_at=RETRY_AT
    )


def explain(code: Code, action: Action, support: str | None = "help@msp.test") -> str:
    return outcomes.message_of(code, params(code, action, support))


@pytest.mark.parametrize(
    ("codes", "contract", "added"),
    [
        pytest.param(REASON_CODES, OUTCOME_REASON_CODE, OF_OUR_OWN, id="about one user"),
        pytest.param(USER_ERROR_CODES, USER_ERROR_CODE, set(), id="about a whole mutation"),
        pytest.param(REQUEST_CODES, TOP_LEVEL, set(), id="about the request"),
    ],
)
def test_each_group_is_what_the_contract_lists(codes: tuple[Code, ...], contract: str, added: set[str]) -> None:
    assert len(codes) == len(set(codes))
    assert {code.value for code in codes} == {*contract.split(), *added}


def test_there_is_no_code_that_may_appear_nowhere() -> None:
    assert {*OUTCOME_CODES, *USER_ERROR_CODES, *REQUEST_CODES} == set(Code)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("code", sorted(set(OUTCOME_CODES) - outcomes.ABOUT_NO_USER))
def test_every_message_names_the_user_the_action_and_the_reason(code: Code, action: Action) -> None:
    message = explain(code, action)

    assert message.startswith("Bo Lee was not ")
    assert message.endswith(".")
    assert "{" not in message


@pytest.mark.parametrize("action", ACTIONS)
def test_a_user_who_is_not_found_is_not_named(action: Action) -> None:
    message = explain(Code.NOT_FOUND, action)

    assert message == "No user with this id was found. Refresh the list."


@pytest.mark.parametrize("code", [Code.NO_SEAT_AVAILABLE, Code.LICENSE_PACKAGE_INACTIVE])
def test_the_message_about_seats_says_which_role_to_ask(code: Code) -> None:  # K29
    named = explain(code, Action.ACTIVATE)
    unnamed = explain(code, Action.ACTIVATE, support=None)

    assert "Acme" in named
    assert "ask help@msp.test for" in named.lower()
    assert "ask your service provider for" in unnamed.lower()


@pytest.mark.parametrize("code", OUTCOME_CODES)
def test_a_message_holds_every_parameter_and_no_other_value(code: Code) -> None:
    given = params(code, Action.LOCK)

    message = outcomes.message_of(code, given)

    assert all(value in message for name, value in given.items() if name != "action")
    unnamed = {name: "-" for name in given if name != "action"} | {k: v for k, v in given.items() if k == "action"}
    assert not any(
        word in outcomes.message_of(code, unnamed) for word in ("Bo Lee", "Acme", "help@", "77", "firstName", "2026")
    )


def test_a_missing_field_is_named() -> None:
    assert "firstName" in explain(Code.REQUIRED_FIELD_MISSING, Action.INVITE)


@pytest.mark.parametrize("code", OUTCOME_CODES)
def test_a_message_can_be_rendered_without_what_is_not_known(code: Code) -> None:
    given = outcomes.params(code, Action.INVITE, user=None, portal=None, support=None)

    assert set(given) <= {"user", "action"}
    assert "{" not in outcomes.message_of(code, given)


def test_a_refusal_fills_its_message_from_its_parameters() -> None:
    refusal = Refusal(FieldMessage.TOO_LONG, field="email", maximum=254)

    assert refusal.message == "email takes at most 254 characters."
    assert refusal.params == {"problem": "TOO_LONG", "field": "email", "maximum": "254"}


def test_a_message_with_a_time_takes_it_from_the_refusal() -> None:
    at = datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=1)))

    refusal = Refusal(RateLimitMessage.SIGN_INS, retry_at=at)

    assert refusal.params == {"problem": "SIGN_INS", "retryAt": RETRY_AT}


@pytest.mark.parametrize(
    "given", [{"field": "email"}, {"field": "email", "maximum": 1, "minimum": 1}, {"maximum": None}]
)
def test_a_refusal_takes_exactly_the_values_of_its_message(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="TOO_LONG"):
        Refusal(FieldMessage.TOO_LONG, **given)


@pytest.mark.parametrize("code", USER_ERROR_CODES)
def test_a_refused_call_has_no_message_that_is_not_declared(code: Code) -> None:
    with pytest.raises(TypeError, match=code.value):
        Refusal(code, "Something of its own.")


def test_what_lies_in_another_input_has_all_its_paths_there() -> None:
    first, second, third = (Refusal(Code.INVALID_INPUT, path=path) for path in (("users", "ids"), ("options",), None))
    first.faults = (first, second, third)

    moved = first.inside("target", ("users",))

    assert [fault.path for fault in moved.faults] == [("target", "users", "ids"), ("options",), None]


def test_all_faults_are_raised_as_one_refusal() -> None:
    first, second = Refusal(Code.INVALID_EMAIL), Refusal(Code.INVALID_INPUT)

    def check() -> None:
        with Faults() as faults:
            for fault in (first, second):
                with faults.collect():
                    raise fault

    with pytest.raises(Refusal) as raised:
        check()

    assert raised.value is first
    assert first.faults == (first, second)
    assert second.faults == (second,)


def test_no_fault_raises_nothing() -> None:
    with Faults() as faults, faults.collect():
        pass


def test_only_what_passes_without_the_user_changing_is_retryable() -> None:
    assert set(RETRYABLE) == {
        Code.COOLDOWN,
        Code.NO_SEAT_AVAILABLE,
        Code.LICENSE_PACKAGE_INACTIVE,
        Code.PORTAL_INACTIVE,
        Code.ABORTED_BY_POLICY,
        Code.INTERNAL_ERROR,
    }
