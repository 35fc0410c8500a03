"""A model of which portals an account manages, in plain Python, from docs/requirements.md#rights."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from rules.access import Role
from rules.rights.answers import Answer
from rules.rights.root_fields import answer


@dataclass
class Assignment:
    """The portals (by slug) and the tags that are assigned to a technician."""

    portals: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    all_except: bool = False
    ends_at: datetime | None = None


@dataclass
class Portal:
    mssp: str
    tags: set[str] = field(default_factory=set)
    is_active: bool = True


@dataclass
class Account:
    """A member of staff, or an account of a portal. For the latter, `portal` is the portal's slug."""

    mssp: str
    role: Role
    portal: str | None = None
    is_active: bool = True
    has_factor: bool = False
    assignment: Assignment = field(default_factory=Assignment)

    @property
    def is_staff(self) -> bool:
        return self.portal is None


@dataclass
class Model:
    """A model of the rights: the state of the test's portals and accounts, from which `expected` predicts answers.

    `portals` are keyed by slug, and `accounts` by name.
    """

    portals: dict[str, Portal] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    needs_factor: set[str] = field(default_factory=set)
    """The names of the MSSPs whose staff must have a second factor."""

    def reach(self, name: str, now: datetime) -> set[str]:
        """Return the slugs of the portals that the account sees. Accounts other than portal users also manage these
        portals.
        """
        account = self.accounts[name]
        of_mssp = {slug for slug, portal in self.portals.items() if portal.mssp == account.mssp}
        if account.portal is not None:
            return {account.portal} & of_mssp
        if account.role is Role.MSSP_ADMIN:
            return of_mssp
        assignment = account.assignment
        if assignment.ends_at is not None and assignment.ends_at <= now:
            return set()
        named = {slug for slug in of_mssp if slug in assignment.portals or self.portals[slug].tags & assignment.tags}
        return of_mssp - named if assignment.all_except else named

    def may_sign_in(self, name: str) -> bool:
        account = self.accounts.get(name)
        if account is None or not account.is_active:
            return False
        return account.portal is None or (account.portal in self.portals and self.portals[account.portal].is_active)

    def must_enroll(self, name: str) -> bool:
        account = self.accounts[name]
        return account.is_staff and account.mssp in self.needs_factor and not account.has_factor

    def expected(self, name: str | None, member: str, target: str | None, now: datetime) -> str:
        """Return the expected answer if an account calls a root field: an error code, or "reached".

        "reached" means that the account has the right to call the field, so the rest of the input decides.

        - `name`: the account that calls. None for a caller who is not signed in.
        - `member`: the root field, such as `Mutation.createPortal`.
        - `target`: what the call is about: a portal's slug or an account's name. None for the account's own MSSP.
        """
        if name is None or not self.may_sign_in(name):
            return "UNAUTHENTICATED"
        if self.must_enroll(name):
            return "FORBIDDEN"
        if answer(member, self.accounts[name].role) is not Answer.REACH:
            return "NOT_ALLOWED"
        return "reached" if target is None or self._sees(name, target, now) else "NOT_FOUND"

    def _sees(self, name: str, target: str, now: datetime) -> bool:
        if target in self.portals:
            return target in self.reach(name, now)
        seen = self.accounts.get(target)
        if seen is None:
            return False
        if seen.portal is not None:
            return seen.portal in self.reach(name, now)
        return seen.mssp == self.accounts[name].mssp
