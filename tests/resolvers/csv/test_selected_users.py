"""An export takes the arguments of `users`."""

from __future__ import annotations

from inspect import signature

from strawberry.utils.str_converters import to_camel_case

from api import app as server
from api.csv.export_endpoint import MEMBER, PAGES
from api.csv.schema_values import root_field
from resolvers.csv.selected_users import selected_users


def test_an_export_takes_every_argument_of_users_except_those_of_pages() -> None:
    taken = {to_camel_case(name) for name in signature(selected_users).parameters} - {"actor"}

    assert taken == set(root_field(server.schema(introspection=True).core, MEMBER).args) - {*PAGES}
