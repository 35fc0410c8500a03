"""The named values of a message. With them, a client can build the message in another language."""

from __future__ import annotations

from collections.abc import Mapping

import strawberry

MOST_PARAMS = 5
"""The maximum number of values in a message."""


MEANINGS = {
    "problem": "in UserError and in reasons of a portal's actions only: tells the messages of one code apart",
    "field": "the name of the input field, or of the user's field or setting, that the message is about, spelled as in the"
    " schema: `firstName`",
    "value": "the text that was given",
    "minimum": "the least number that is allowed",
    "maximum": "the greatest number that is allowed",
    "user": "the user's name",
    "users": "the number of users that the deletion of the portal erases",
    "holders": "the number of users without the role PORTAL_ADMIN who hold the module",
    "slug": "the slug that was given",
    "action": 'a UserAction; the English message has its past participle, such as "locked"',
    "email": "an e-mail address",
    "portal": "the portal's name",
    "support": "the portal's `supportContact`",
    "seats": "the number of seats in the portal's active license packages now",
    "seatsUsed": "the number of seats in use",
    "seatsTotal": "the number of seats in the active license packages after the change",
    "over": "`seatsUsed` less `seatsTotal`",
    "grants": "the number of entries that the call would give to users, an entry once for each user",
    "selected": "the number of selected users or invitees",
    "matching": "the number of users that match now",
    "expected": "the `expectedCount` that was given",
    "outcomes": "the number of outcomes of the preview",
    "differing": "the number of outcomes that would differ from the preview",
    "errorPolicy": "the ErrorPolicy of the preview",
    "role": "the PortalRole of the preview",
    "count": "the number of portals that require a reason or a ticket",
    "portals": "the slugs of the first of these portals, separated by a comma and a space",
    "version": "the user's present `version`",
    "attempts": "the number of wrong codes after which codes are refused for a while; not the number that is left",
    "minutes": "the number of minutes for which codes are then refused",
    "line": "the line of an uploaded file, from 1",
    "column": "the character of that line, from 1",
    "retryAt": "the earliest time at which the same call may succeed",
}
"""The meaning of each value in messages, by the value's name."""

_MEANINGS = "\n".join(f"- `{name}`: {meaning}." for name, meaning in MEANINGS.items())


@strawberry.type(description="A named value in a message. With the code, the values are enough to build the message.")
class MessageParam:
    name: str = strawberry.field(
        description=f"The name of the value. A later version may add names.\n\n{_MEANINGS}",
    )
    value: str = strawberry.field(
        description="The value as text: a name, a number without separators, an instant as DateTime writes it, or, of `action`,"
        " `errorPolicy` and `role`, an enum value."
    )


def message_params(given: Mapping[str, str]) -> list[MessageParam]:
    """Return a MessageParam for each item of `given`, in the same order."""
    return [MessageParam(name=name, value=value) for name, value in given.items()]
