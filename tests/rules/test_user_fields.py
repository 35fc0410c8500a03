"""Which values a user's fields accept."""

from __future__ import annotations

from typing import Literal
from unicodedata import normalize
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.refusals import Code, Refusal
from rules.user_fields import LONGEST, REQUIRED, normalize_text, own_login_faults, validate_fields

NAMES = {"first_name": "firstName", "last_name": "lastName", "username": "username", "email": "email"}
ANN, BOB = UUID(int=1), UUID(int=2)
FIELDS = sorted(NAMES)

fields = st.sampled_from(FIELDS)
texts = st.text(max_size=300)


def refusal(field: str, text: str | None, required: list[str] | None = None) -> tuple[Code, tuple[str, ...] | None]:
    with pytest.raises(Refusal) as refused:
        validate_fields({field: text}, NAMES, required or [])
    return refused.value.code, refused.value.path


def test_every_field_has_a_longest_text_and_can_be_required() -> None:
    assert set(LONGEST) == set(NAMES) == set(REQUIRED.values())


@pytest.mark.parametrize("field", FIELDS)
def test_a_text_is_as_long_as_the_field_takes(field: str) -> None:
    most = LONGEST[field]

    assert validate_fields({field: "é" * most}, NAMES, []) == {field: "é" * most}
    assert validate_fields({field: "  " + "e\N{COMBINING ACUTE ACCENT}" * most + "\t"}, NAMES, []) == {
        field: "é" * most
    }
    assert refusal(field, "é" * (most + 1)) == (Code.INVALID_INPUT, (NAMES[field],))


@pytest.mark.parametrize("field", FIELDS)
def test_a_text_that_no_field_takes_is_refused_without_being_composed(field: str) -> None:
    marks = "\N{COMBINING DOT BELOW}\N{COMBINING ACUTE ACCENT}" * 40_000

    assert normalize_text(marks) == marks
    assert refusal(field, marks) == (Code.INVALID_INPUT, (NAMES[field],))
    assert max(LONGEST.values()) * 4 < 2_000


@pytest.mark.parametrize(
    "text", ["a\nb", "a\rb", "a\tb", "a\0b", "a\x7fb", "a\x85b", "a\u2028b", "a\u2029b", "a\ud800"]
)
def test_line_breaks_and_control_characters_are_refused(text: str) -> None:
    assert refusal("first_name", text) == (Code.INVALID_INPUT, ("firstName",))


@pytest.mark.parametrize("field", ["first_name", "last_name"])
@pytest.mark.parametrize("mark", [*"\u202a\u202b\u202c\u202d\u202e", *"\u2066\u2067\u2068\u2069"])
def test_names_that_turn_the_direction_of_the_text_around_them_are_refused(field: str, mark: str) -> None:
    assert refusal(field, f"Ann{mark}nimdA") == (Code.INVALID_INPUT, (NAMES[field],))


@pytest.mark.parametrize(
    "text",
    [
        "Ann",
        "O'Brien",
        "Jean-Luc",
        "van  der  Berg",
        "Dr. Ångström, Jr.",
        "李",
        "Łukasz",
        "ﬁ",
        "½",
        "שָׁלוֹם",
        "مُحَمَّد",
        "👩‍👩‍👧‍👦",
        "🇩🇪",
        "❤️",
        "q̣̇",
        "<b>Bob</b>",
        "Robert'); DROP TABLE",
        "{{7*7}}",
        "%s",
    ],
)
def test_whatever_people_are_called_is_kept_as_it_is(text: str) -> None:
    assert validate_fields({"last_name": text}, NAMES, []) == {"last_name": text}


@pytest.mark.parametrize("empty", [None, "", " ", "\t\n", "\u00a0\u2003"])
@pytest.mark.parametrize("field", FIELDS)
def test_nothing_but_white_space_empties_a_field_unless_it_is_required(field: str, empty: str | None) -> None:
    word = next(word for word, name in REQUIRED.items() if name == field)

    if field != "username":
        assert validate_fields({field: empty}, NAMES, []) == {field: None}
    assert refusal(field, empty, [word]) == (Code.REQUIRED_FIELD_MISSING, (NAMES[field],))


def test_a_username_is_required_whatever_the_portal_says() -> None:
    assert refusal("username", None) == (Code.REQUIRED_FIELD_MISSING, ("username",))


def test_what_is_required_is_asked_of_the_given_fields_only() -> None:  # K23
    assert validate_fields({}, NAMES, list(REQUIRED)) == {}
    assert validate_fields({"first_name": "Bob"}, NAMES, list(REQUIRED)) == {"first_name": "Bob"}


@given(field=fields, text=texts)
def test_what_is_cleaned_is_clean(field: str, text: str) -> None:
    try:
        once = validate_fields({field: text}, NAMES, [])
    except Refusal:
        return

    assert validate_fields(once, NAMES, []) == once
    assert once[field] is None or once[field] == (once[field] or "").strip()


@given(text=texts, field=fields)
def test_two_spellings_of_the_same_text_are_the_same(field: str, text: str) -> None:
    def answer(form: Literal["NFC", "NFD"]) -> object:
        try:
            return validate_fields({field: normalize(form, text)}, NAMES, [])
        except Refusal as refusal:
            return refusal.code

    assert answer("NFC") == answer("NFD")


@pytest.mark.parametrize(
    ("given", "at_fault"),
    [
        ({"first_name": "Ann"}, None),
        ({"first_name": "Ann", "last_name": None}, None),
        ({}, None),
        ({"username": "ann"}, "username"),
        ({"email": "ann@acme.test"}, "email"),
        ({"first_name": "Ann", "email": None}, "email"),
    ],
)
def test_of_oneself_the_names_only(given: dict[str, str | None], at_fault: str | None) -> None:
    own = own_login_faults(ANN, ANN, given, NAMES)

    assert own_login_faults(ANN, BOB, given, NAMES) == []
    assert [(fault.code, fault.path) for fault in own] == ([(Code.NOT_ALLOWED, (at_fault,))] if at_fault else [])


@pytest.mark.parametrize("text", ["\u200b\u200b", "\ufeff", "\u3164", " \u200d "])
def test_a_name_of_invisible_characters_is_empty(text: str) -> None:
    assert validate_fields({"last_name": text}, {"last_name": "lastName"}, []) == {"last_name": None}
    with pytest.raises(Refusal) as refused:
        validate_fields({"username": text}, {"username": "username"}, [])
    assert refused.value.code is Code.REQUIRED_FIELD_MISSING


@pytest.mark.parametrize("text", ["ann\u200d", "a\u200bnn", "\u202eann", "ann\u3164"])
def test_a_username_that_only_looks_like_another_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        validate_fields({"username": text}, {"username": "username"}, [])

    assert refused.value.code is Code.INVALID_INPUT


def test_joiners_stay_within_names_that_need_them() -> None:
    persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"

    assert validate_fields({"first_name": persian}, {"first_name": "firstName"}, []) == {"first_name": persian}
