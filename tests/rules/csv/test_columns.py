"""The table of recognized headers."""

from __future__ import annotations

import pytest

from resolvers.csv.export_columns import ACCESS_COLUMNS, COLUMNS, DEFAULT_COLUMNS
from rules.csv import access_cells
from rules.csv.columns import FIELDS, KNOWN, KNOWN_EXPORTS, SUBSTITUTES, ImportField, header_key


def test_a_header_means_one_thing_in_the_files_of_all_products() -> None:
    means: dict[str, set[object]] = {}
    for product in KNOWN_EXPORTS:
        for header, field in product.fields.items():
            means.setdefault(header_key(header), set()).add(field)
        for header, field in product.substitutes.items():
            means.setdefault(header_key(header), set()).add((field, "instead"))
        for header in product.ignored.split(","):
            means.setdefault(header_key(header), set()).add("ignored")

    assert {header: meanings for header, meanings in means.items() if len(meanings) > 1} == {}


def test_every_column_of_an_export_is_recognized() -> None:
    unknown = [name for name in COLUMNS if header_key(name) not in KNOWN]

    assert unknown == [], "rules/csv/columns.py: add the column to the headers of Gatehouse"
    assert {*DEFAULT_COLUMNS, *ACCESS_COLUMNS, *access_cells.COLUMNS} >= {field.value for field in ImportField}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("First Name [Required]", ImportField.FIRST_NAME),
        ("FIRSTNAME", ImportField.FIRST_NAME),
        ("first_name", ImportField.FIRST_NAME),
        (" E-Mail ", ImportField.EMAIL),
        ("login", ImportField.USERNAME),
        ("E-MAIL-ADRESSE", ImportField.EMAIL),
        ("Prenom", ImportField.FIRST_NAME),
        ("Pre\u0301nom", ImportField.FIRST_NAME),
        ("Nom d\u2019utilisateur", ImportField.USERNAME),
        ("Nom de famille [surname]", ImportField.LAST_NAME),
    ],
)
def test_case_accents_blanks_punctuation_and_marks_of_a_header_make_no_difference(
    header: str, field: ImportField
) -> None:
    assert FIELDS[header_key(header)] is field


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Name [displayName] Required", ImportField.FIRST_NAME),
        ("Nom [displayName] Obligatoire", ImportField.FIRST_NAME),
        ("Nombre [displayName] Obligatorio", ImportField.FIRST_NAME),
        ("User name [userPrincipalName] Required", ImportField.EMAIL),
        ("Benutzername [userPrincipalName] Erforderlich", ImportField.EMAIL),
    ],
)
def test_a_property_in_brackets_says_what_a_column_holds_in_every_language(header: str, field: ImportField) -> None:
    assert header_key(header) not in FIELDS
    assert SUBSTITUTES[header_key(header)] is field
