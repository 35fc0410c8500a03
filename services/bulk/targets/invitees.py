"""Invitees of a portal: their fields as typed, and their fields cleaned for storage."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from rules import user_fields
from rules.access import Role
from rules.grants.access_changes import AccessChange
from rules.lifecycle.licenses import UserKind
from rules.refusals import Code, Refusal
from rules.text import characters
from rules.text.folding import display_name, login_key
from services import email_addresses

INPUT_FIELDS = {"first_name": "firstName", "last_name": "lastName", "username": "username", "email": "email"}


@dataclass(frozen=True, slots=True)
class Invitee:
    """A person to invite to a portal. `label` is the name that results show for the invitee.

    - `role`, `kind`: the role and the kind of a new user. An existing user keeps the stored role and kind.
    - `access`: what the invited user may reach (W4). None means the access of the call, or else the default access.
    - `refusal`: the reason why a text cannot be stored. The address, both names and the username are then None.
    - `read_fault`: the code and the field of a fault that was found when the invitee was read, such as an unknown role.
    """

    email: str | None
    first_name: str | None
    last_name: str | None
    username: str | None
    role: Role = Role.PORTAL_USER
    kind: UserKind = UserKind.EXTERNAL
    label: str | None = None
    refusal: Refusal | None = None
    read_fault: tuple[Code, str] | None = None
    access: AccessChange | None = None

    @classmethod
    def typed(
        cls,
        email: str | None,
        first_name: str | None,
        last_name: str | None,
        username: str | None,
        role: Role = Role.PORTAL_USER,
        kind: UserKind = UserKind.EXTERNAL,
        read_fault: tuple[Code, str] | None = None,
    ) -> Invitee:
        """Return an invitee with the fields as typed. The label is the name, or else the address, or else the username.

        In the label, REPLACEMENT takes the place of each character that cannot be stored.
        """
        first, last, address = ((text or "").strip() or None for text in (first_name, last_name, email))
        label = characters.replace_unstorable(display_name(first, last, address, (username or "").strip()))
        return cls(email, first_name, last_name, username, role, kind, label or None, read_fault=read_fault)

    @property
    def key(self) -> Hashable | None:
        """The key by which duplicates are found: the folded address, or else the folded username.

        It is None if the invitee has neither. Two people can have the same name, so names are not compared.
        """
        if self.email:
            return ("email", login_key(self.email))
        if self.username:
            return ("username", login_key(self.username))
        return None

    def missing(self, required_fields: Sequence[str]) -> str | None:
        """Return the first of `required_fields` that the invitee lacks, or None.

        Fields have their schema names. The address also counts as the username. If the invitee has no name, username
        and address, return `email`.
        """
        given = {user_fields.REQUIRED[name]: getattr(self, user_fields.REQUIRED[name]) for name in required_fields}
        if "username" in given:
            given["username"] = self.username or self.email
        lacking = [name for name in required_fields if not given[user_fields.REQUIRED[name]]]
        if lacking:
            return INPUT_FIELDS[user_fields.REQUIRED[lacking[0]]]
        return None if any((self.first_name, self.last_name, self.username, self.email)) else INPUT_FIELDS["email"]


def clean(invitee: Invitee) -> Invitee:
    """Return the invitee with fields cleaned for storage (E5), or with a `refusal` if a field cannot be stored."""
    if invitee.read_fault:
        code, field = invitee.read_fault
        return _refused(invitee, Refusal(code, path=(field,)))
    given = {
        name: text
        for name in INPUT_FIELDS
        if name != "email" and user_fields.normalize_text(text := getattr(invitee, name))
    }
    try:
        names = user_fields.validate_fields(given, INPUT_FIELDS, ())
        email = email_addresses.validate(invitee.email or "") if user_fields.normalize_text(invitee.email) else None
    except Refusal as refusal:
        return _refused(invitee, refusal)
    return replace(
        invitee,
        email=email,
        first_name=names.get("first_name"),
        last_name=names.get("last_name"),
        username=names.get("username"),
    )


def _refused(invitee: Invitee, refusal: Refusal) -> Invitee:
    return Invitee(None, None, None, None, label=invitee.label, refusal=refusal)
