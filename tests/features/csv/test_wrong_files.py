"""A wrong file is refused as a whole, with the line and the column of each fault."""

from __future__ import annotations

import pytest

from rules.csv.reading import LONGEST_ROW, MOST_BYTES, MOST_ROWS
from tests.features.csv.files import faults, imported, outcomes
from tests.features.invitations.inviting import how_many_users
from tests.support.world import Ask, World

HEADER = "email,firstName\n"


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("", [("NO_HEADER", 1, 1)]),
        ("\n \n", [("NO_HEADER", 1, 1)]),
        (HEADER + "\n,\n", [("NO_ROWS", 1, 1)]),
        (HEADER.encode() + b"a@b.test,\xc4nn\n", [("NOT_UTF_8", 2, 10)]),
        ((HEADER + "a@b.test,Ann\n").encode("utf-16"), [("NOT_UTF_8", 1, 1)]),
        (HEADER + 'a@b.test,"Ann\n', [("UNCLOSED_QUOTE", 2, 10)]),
        (HEADER + 'a@b.test,"Ann"a\n', [("TEXT_AFTER_QUOTE", 2, 15)]),
        (HEADER + '"a@b.test\n",Ann,1\n', [("TOO_MANY_FIELDS", 3, 7)]),
        (HEADER + "a@b.test," + "A" * LONGEST_ROW, [("ROW_TOO_LONG", 2, 1)]),
        ("email,shoe size,firstName,hat\na@b.test\n", [("UNKNOWN_COLUMN", 1, 7), ("UNKNOWN_COLUMN", 1, 27)]),
        ("email,firstName,E-mail address\na@b.test\n", [("DOUBLE_COLUMN", 1, 17)]),
        ("email,city\na@b.test,Rome\n", [("COLUMN_MISSING", 1, 1)]),
        ("first name\nAnn\n", [("COLUMN_MISSING", 1, 1)]),
        (HEADER + "a@b.test,Ann\n" * (MOST_ROWS + 1), [("TOO_MANY_ROWS", MOST_ROWS + 2, 1)]),
    ],
    ids=lambda value: value[0][0] if isinstance(value, list) else "",
)
async def test_a_wrong_file_is_refused_with_line_and_column(
    world: World, ask: Ask, file: str | bytes, expected: list[tuple[str, int, int]]
) -> None:
    await world.portal("acme")
    ann = await world.portal_admin()

    response = await imported(ask, ann, file, portalSlug="acme")

    assert faults(response) == expected
    first = response.json()["errors"][0]
    assert first["message"].startswith(f"Line {expected[0][1]}, column {expected[0][2]}: ")
    assert await how_many_users() == 1


async def test_unknown_columns_are_left_out_if_the_caller_says_so(world: World, ask: Ask) -> None:
    await world.portal("acme")
    ann = await world.portal_admin()
    file = "email,firstName,shoe size\na@b.test,Ann,42\n"

    rows = await outcomes(ask, ann, file, portalSlug="acme", ignoreUnknownColumns=True)

    assert [row["status"] for row in rows] == ["SUCCEEDED"]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
async def test_each_delimiter_line_end_and_byte_order_mark_is_read(
    world: World, ask: Ask, mark: str, delimiter: str, end: str
) -> None:
    await world.portal("acme")
    ann = await world.portal_admin()
    lines = [("email", "firstName"), ("ann@new.test", f'"Ann{delimiter} ""Ä"""'), ("bob@new.test",), (), ("", "")]
    file = mark + end.join(delimiter.join(line) for line in lines)

    rows = await outcomes(ask, ann, file, portalSlug="acme", dryRun=True)

    assert [(row["line"], row["label"]) for row in rows] == [(2, f'Ann{delimiter} "Ä"'), (3, "bob@new.test")]


async def test_a_quoted_line_break_counts_in_the_lines_of_later_rows(world: World, ask: Ask) -> None:
    await world.portal("acme")
    ann = await world.portal_admin()
    file = 'email,firstName,Title\r\nann@new.test,Ann,"Head of\r\nSales"\r\nbob@new.test,Bob,\r\n'

    rows = await outcomes(ask, ann, file, portalSlug="acme", dryRun=True)

    assert [(row["line"], row["label"]) for row in rows] == [(2, "Ann"), (4, "Bob")]


async def test_a_file_of_too_many_bytes_is_refused_and_the_connection_is_closed(world: World, ask: Ask) -> None:
    await world.portal("acme")
    ann = await world.portal_admin()

    response = await imported(ask, ann, b" " * (MOST_BYTES + 1), portalSlug="acme")

    assert (response.status_code, response.headers["connection"]) == (413, "close")


@pytest.mark.parametrize(
    "media_type", ["application/json", "multipart/form-data; boundary=x", "text/csv; charset=latin1"]
)
async def test_only_csv_in_utf_8_is_taken(world: World, ask: Ask, media_type: str) -> None:
    await world.portal("acme")
    token = await world.token(await world.portal_admin())
    headers = {"authorization": f"Bearer {token}", "content-type": media_type}

    response = await ask.client.post("/users/import?portalSlug=acme", content=b"email\n", headers=headers)

    assert response.status_code == 415
