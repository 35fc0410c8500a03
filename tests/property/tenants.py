"""The portals, packages, users and acting accounts of the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Package:
    seats: int
    starts_at: datetime | None
    ends_at: datetime | None

    def runs(self, now: datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= now) and (self.ends_at is None or now < self.ends_at)


@dataclass
class Portal:
    mssp: str
    seat_mode: str
    max_admins: int | None = None
    is_active: bool = True
    packages: list[Package] = field(default_factory=list)

    def running(self, now: datetime) -> list[Package]:
        return [package for package in self.packages if package.runs(now)]

    def seats(self, now: datetime) -> int | None:
        """Return the seats of the portal's active packages, or None if they are unlimited."""
        return None if self.seat_mode == "UNLIMITED" else sum(package.seats for package in self.running(now))


@dataclass(eq=False)
class User:
    portal: str
    kind: str
    role: str
    status: str
    reason: str | None = None
    resume: str | None = None
    resume_reason: str | None = None
    is_open: bool = True

    def standing(self) -> tuple[str | None, ...]:
        return (self.status, self.reason, self.resume, self.resume_reason)

    def stand(self, status: str, reason: str | None, resume: str | None, resume_reason: str | None) -> None:
        self.status, self.reason, self.resume, self.resume_reason = status, reason, resume, resume_reason


@dataclass
class Account:
    """An account that acts. `portals` are the slugs of the portals that it manages. `id` is a global id."""

    id: str
    role: str
    mssp: str
    portals: set[str]

    @property
    def is_staff(self) -> bool:
        return self.role.startswith("MSSP_")
