"""The messages for operators and developers: refused commands, and refused pages of the development server."""

from __future__ import annotations

from rules.refusals import Code, Message


class OperatorMessage(Message):
    """Why a `gatehouse` command or a page of the development server is refused. API clients never see these texts."""

    DEMO_NEEDS_EMPTY = Code.INVALID_INPUT, "The demo loads into an empty database only. Take another one."
    BENCHMARK_SIZE = (
        Code.INVALID_INPUT,
        "Ask for 1 to 1,000 portals and for at least one user each, 5,000,000 at most.",
    )
    BENCHMARK_LOADED = Code.INVALID_INPUT, "The benchmark data is there already. Take another database."
    BOTH_OR_NONE = Code.INVALID_INPUT, "Give both --portals and --users, or none of them."
    UNREADABLE = Code.INVALID_INPUT, "Cannot read {file}: {cause}."
    NO_PASSWORD_TEXT = Code.INVALID_INPUT, "A password must be text of at most {maximum} characters."
    NOT_UTF_8 = Code.INVALID_INPUT, "The password in {file} is not UTF-8."
    NAME_TAKEN = Code.INVALID_INPUT, "There is an MSSP called {name} already."
    PORTALS_OF_ADMIN = Code.INVALID_INPUT, "An MSSP admin has every portal: name portals for technicians only."
    NO_SUCH_PORTALS = Code.NOT_FOUND, "{provider} has no portal {portals}."
    NO_SUCH_MSSP = Code.NOT_FOUND, "There is no MSSP called {name}. Make one with create-mssp."
    NO_SUCH_STAFF = Code.NOT_FOUND, "No member of staff has the address {email}."
    NO_SUCH_ACCOUNT = Code.NOT_FOUND, "There is no account {login} in the portal {portal}."
    NO_SUCH_STAFF_LOGIN = Code.NOT_FOUND, "There is no account {login} among the staff."
    CANNOT_ACT = Code.NOT_ALLOWED, "{login} cannot act: {blockers}."
    NO_DEMO_ACCOUNT = Code.NOT_FOUND, "{login} is no demo account."
    STAFF_WITHOUT_FACTOR = Code.NO_MFA_ENROLLED, "{email} has no second factor. Nothing to do."
