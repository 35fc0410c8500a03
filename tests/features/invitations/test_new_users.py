"""Adding and inviting people who are new to the portal: fields, logins, roles, seats, one answer each."""

from __future__ import annotations

import asyncio

import pytest

from models.tables import AuditEvent, BulkOutcome, LinkToken, OutboxMail, PortalUser
from rules.access import Role
from rules.lifecycle.licenses import Kind, SeatMode
from rules.lifecycle.statuses import Status
from rules.text.folding import login_key
from services.admin import doctor
from tests.features.invitations.inviting import (
    ada,
    codes,
    how_many_users,
    invitation_of,
    invite_new,
    links_of,
    new_person,
    preview,
)
from tests.features.listing.test_statements import statements
from tests.support.answers import counts, reason, reasons, seats, standing
from tests.support.mailed import Queued, mail_to, nothing_is_queued
from tests.support.world import Ask, World


async def test_somebody_new_is_added_and_invited_by_mail(world: World, ask: Ask) -> None:  # K8, L6, E5, W3, W7
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, ada(lastName="Lovelace"))

    (outcome,) = payload["outcomes"]
    assert (outcome["label"], outcome["previousStatus"], outcome["newStatus"]) == ("Ada Lovelace", None, "PROVISIONED")
    assert outcome["userId"] == outcome["user"]["id"]
    assert (outcome["user"]["role"], outcome["user"]["kind"]) == ("PORTAL_USER", "EXTERNAL")
    assert outcome["user"]["invitation"]["state"] == "PENDING"
    assert await mail_to(new_person(payload)) == [Queued("INVITATION", "ada@new.test", "QUEUED")]
    assert counts(payload["licenseTiles"][0])["OPEN_INVITES"] == 1
    assert await doctor.drift(world.parts.runtime) == []


async def test_what_the_list_shows_of_a_new_user_is_there_at_once(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    await invite_new(ask, nora, portal, ada(email="Ada@New.test", firstName=" Åda ", username="Countess"))
    document = """
    { users(search: "ada", category: UNCONFIRMED, orderBy: [{field: EMAIL}]) { nodes {
      name username email emailVerifiedAt status addedAt modifiedAt version holdsSeat signInBlockers lastSignInAt
    } } }
    """

    (node,) = (await ask(document, actor=nora)).data["users"]["nodes"]

    assert node["email"] == "Ada@new.test"
    assert {name: node[name] for name in ("name", "username", "status", "emailVerifiedAt", "lastSignInAt")} == {
        **{"name": "Åda", "username": "Countess", "status": "PROVISIONED"},
        **{"emailVerifiedAt": None, "lastSignInAt": None},
    }
    assert node["addedAt"] == node["modifiedAt"] == "2026-03-01T09:00:00.000Z"
    assert (node["holdsSeat"], node["signInBlockers"]) == (False, ["NOT_ONBOARDED"])


async def test_the_adder_may_skip_the_mail(world: World, ask: Ask) -> None:  # K7, E3
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, ada(), delivery="NONE")

    assert standing(payload) == [(None, "STAGED")]
    assert await nothing_is_queued()
    assert await invitation_of(ask, ann, new_person(payload)) is None
    assert await doctor.drift(world.parts.runtime) == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.STAGED, "ALREADY_IN_STATE"),
        (Status.PROVISIONED, "ALREADY_INVITED"),
        (Status.ACTIVE, "ALREADY_MEMBER"),
        (Status.SUSPENDED, "INACTIVE"),
    ],
)
async def test_whoever_is_there_is_not_added_again(world: World, ask: Ask, status: Status, code: str) -> None:  # E3
    portal = await world.portal(seat_mode=SeatMode.ON_INVITE, seats=0)
    ann, _ = await world.portal_admin(), await world.user(status=status, kind=Kind.INTERNAL, email="ada@new.test")

    payload = await invite_new(ask, ann, portal, ada(email="ADA@new.test"), delivery="NONE")

    assert (reason(payload), standing(payload), await how_many_users()) == (code, [(status, status)], 2)


@pytest.mark.parametrize(
    ("status", "code", "after"),
    [
        (Status.STAGED, None, Status.PROVISIONED),
        (Status.PROVISIONED, None, Status.PROVISIONED),
        (Status.ACTIVE, "ALREADY_MEMBER", Status.ACTIVE),
        (Status.DEACTIVATED, "INACTIVE", Status.DEACTIVATED),
    ],
)
async def test_an_address_that_a_user_has_means_that_user(
    world: World, ask: Ask, status: Status, code: str | None, after: Status
) -> None:  # E5
    portal = await world.portal()
    ann, bob = await world.portal_admin(), await world.user(status=status, email="Ada@new.test", first_name="Bob")

    payload = await invite_new(ask, ann, portal, ada())

    assert (reason(payload), standing(payload)) == (code, [(status, after)])
    assert (payload["outcomes"][0]["userId"], payload["outcomes"][0]["label"]) == (bob.gid, "Ada")
    row = await world.row(bob)
    assert row
    assert (row.first_name, await how_many_users()) == ("Bob", 2)


@pytest.mark.parametrize(
    ("required", "invitee", "code"),
    [
        (["FIRST_NAME", "EMAIL"], {"email": "ada@new.test"}, "REQUIRED_FIELD_MISSING"),
        (["FIRST_NAME", "EMAIL"], {"firstName": "Ada"}, "REQUIRED_FIELD_MISSING"),
        (["FIRST_NAME", "EMAIL"], {"firstName": "\u200b ", "email": "ada@new.test"}, "REQUIRED_FIELD_MISSING"),
        (["FIRST_NAME", "EMAIL"], {"firstName": "Ada", "email": "ada@new.test"}, None),
        (["EMAIL"], {"email": "ada@new.test"}, None),
        (["FIRST_NAME"], {"firstName": "Ada"}, None),
        (["LAST_NAME"], {"firstName": "Ada"}, "REQUIRED_FIELD_MISSING"),
        (["USERNAME"], {"firstName": "Ada"}, "REQUIRED_FIELD_MISSING"),
        (["USERNAME"], {"email": "ada@new.test"}, None),
        (["USERNAME"], {"username": "ada"}, None),
        ([], {}, "REQUIRED_FIELD_MISSING"),
        (["FIRST_NAME"], {"firstName": "Ada", "email": "no address"}, "INVALID_EMAIL"),
        (["EMAIL"], {"email": f"{'a' * 250}@new.test"}, "INVALID_EMAIL"),
    ],
)
async def test_a_new_user_has_what_the_portal_requires(
    world: World, ask: Ask, required: list[str], invitee: dict[str, str], code: str | None
) -> None:  # K6, L5, E4, W3
    portal = await world.portal(required_user_fields=required)
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, invitee, delivery="LINK")

    assert reason(payload) == code
    assert await how_many_users() == (1 if code else 2)
    if code:
        outcome = payload["outcomes"][0]
        assert (outcome["userId"], outcome["user"], outcome["newStatus"]) == (None, None, None)
        assert "No user with this id" not in outcome["reason"]["message"]


@pytest.mark.parametrize(
    ("invitee", "username"),
    [
        (ada(), "ada@new.test"),
        (ada(username=" Countess "), "Countess"),
        ({"firstName": "Élodie", "lastName": "de la Cruz"}, "elodie.de.la.cruz"),
        ({"firstName": "…"}, "user"),
    ],
)
async def test_a_username_is_made_where_none_is_given(
    world: World, ask: Ask, invitee: dict[str, str], username: str
) -> None:  # T4
    portal = await world.portal(required_user_fields=[])
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, invitee, delivery="LINK")

    assert payload["outcomes"][0]["user"]["username"] == username


async def test_two_invitees_of_the_same_name_without_address_and_username_are_two_people(
    world: World, ask: Ask
) -> None:  # T4
    portal = await world.portal(required_user_fields=[])
    ann = await world.portal_admin()
    name = {"firstName": "Ada", "lastName": "Lovelace"}

    payload = await invite_new(ask, ann, portal, *[name] * 3, delivery="LINK")
    again = await invite_new(ask, ann, portal, name, delivery="LINK")

    assert reasons(payload) + reasons(again) == [None] * 4
    assert len({outcome["user"]["username"] for outcome in payload["outcomes"] + again["outcomes"]}) == 4
    assert await how_many_users() == 5
    assert await doctor.drift(world.parts.runtime) == []


async def test_a_retry_with_the_same_idempotency_key_adds_nobody_twice(world: World, ask: Ask) -> None:
    portal = await world.portal(required_user_fields=[])
    ann = await world.portal_admin()

    for _ in range(2):
        payload = await invite_new(
            ask, ann, portal, {"firstName": "Ada"}, delivery="NONE", options={"idempotencyKey": "a click"}
        )
        assert reasons(payload) == [None]

    assert await how_many_users() == 2


async def test_a_username_that_is_made_is_nobody_elses(world: World, ask: Ask) -> None:  # T4
    portal = await world.portal(required_user_fields=[])
    ann, _ = await world.portal_admin(), await world.user(username="ada")

    payload = await invite_new(
        ask, ann, portal, {"firstName": "Ada"}, {"firstName": "Áda", "lastName": ""}, delivery="LINK"
    )

    assert reasons(payload) == [None, None]
    assert all(outcome["user"]["username"].startswith("ada.") for outcome in payload["outcomes"])


async def test_a_login_is_given_once_in_a_portal(world: World, ask: Ask) -> None:  # T4
    portal = await world.portal()
    ann = await world.portal_admin()
    await world.user(username="taken", email="one@acme.test")
    waiting = await world.user(email="two@acme.test")
    address = "waits@acme.test"
    await PortalUser.filter(id=waiting.id).update(pending_email=address, pending_email_key=login_key(address))
    await world.user(username="name@acme.test", email="three@acme.test")

    payload = await invite_new(
        ask,
        ann,
        portal,
        ada(username="TAKEN"),
        ada(email="Waits@acme.test"),
        ada(email="name@acme.test"),
        ada(email="new@acme.test", username="one@acme.test"),
        ada(email="first@acme.test", username="wanted"),
        ada(email="second@acme.test", username="Wanted"),
        ada(email="third@acme.test"),
        ada(email="fourth@acme.test", username="third@acme.test"),
        ada(email="THIRD@acme.test", firstName="Another"),
    )

    assert reasons(payload) == [
        *("USERNAME_TAKEN", "EMAIL_TAKEN", "EMAIL_TAKEN", "USERNAME_TAKEN"),
        *(None, "USERNAME_TAKEN", None, "USERNAME_TAKEN", "DUPLICATE_IN_REQUEST"),
    ]
    assert standing(payload)[-1] == ("PROVISIONED", "PROVISIONED")
    assert await doctor.drift(world.parts.runtime) == []


async def test_another_portals_logins_are_free_here(world: World, ask: Ask) -> None:
    portal, other = await world.portal(), await world.portal()
    ann, _ = await world.portal_admin(portal), await world.user(other, email="ada@new.test", username="ada@new.test")

    assert reason(await invite_new(ask, ann, portal, ada())) is None


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"lastName": "x" * 101}, "INVALID_INPUT", "lastName"),
        ({"firstName": "Anna\tMaria"}, "INVALID_INPUT", "firstName"),
        ({"firstName": "Anna\x1b"}, "INVALID_INPUT", "firstName"),
        ({"lastName": "a\u202eb"}, "INVALID_INPUT", "lastName"),
        ({"username": "an\u034fn"}, "INVALID_INPUT", "username"),
        ({"username": "an\u2800n"}, "INVALID_INPUT", "username"),
        ({"email": "an\ufe0fn@new.test"}, "INVALID_EMAIL", "e-mail"),
        ({"email": "\ufeffann@new.test"}, "INVALID_EMAIL", "e-mail"),
    ],
)
async def test_what_cannot_be_stored_of_one_invitee_refuses_that_one_only(
    world: World, ask: Ask, given: dict[str, str], code: str, field: str
) -> None:
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(
        ask, ann, portal, ada(), ada(**{"email": "b@new.test", **given}), ada(email="c@new.test")
    )

    assert (payload["errors"], reasons(payload)) == ([], [None, code, None])
    assert payload["outcomes"][1]["status"] == "SKIPPED"
    assert field in payload["outcomes"][1]["reason"]["message"]
    assert await how_many_users() == 3
    assert await BulkOutcome.get(position=1).values_list("reason", "field") == (
        code,
        field if code == "INVALID_INPUT" else "email",
    )


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        ("administrator", "\u0430dministr\u0430tor"),
        ("\u0430dministr\u0430tor", "administrator"),
        ("cop", "\u0441\u043e\u0440"),
    ],
)
async def test_a_username_that_looks_like_another_is_taken(world: World, ask: Ask, there: str, wanted: str) -> None:
    portal = await world.portal()
    ann, _ = await world.portal_admin(), await world.user(username=there)

    payload = await invite_new(
        ask,
        ann,
        portal,
        ada(username=wanted),
        ada(email="b@new.test", username="s\u00f8ren"),
        ada(email="c@new.test", username="soren"),
    )

    assert reasons(payload) == ["USERNAME_TAKEN", None, None]


async def test_of_two_look_alikes_in_one_call_the_first_is_added(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()

    payload = await invite_new(ask, ann, portal, ada(username="\uff41da"), ada(email="b@new.test", username="ada"))

    assert reasons(payload) == [None, "USERNAME_TAKEN"]


async def test_an_address_may_look_like_another_and_a_made_up_username_gives_way(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(required_user_fields=["FIRST_NAME"]), await world.portal_admin()
    await world.user(username="ann@new.test", email="ann@new.test")
    await world.user(username="cop")

    payload = await invite_new(
        ask, ann, portal, ada(email="\u0430nn@new.test"), {"firstName": "\u0421\u043e\u0440"}, delivery="NONE"
    )

    assert reasons(payload) == [None, None]


async def test_four_addresses_that_differ_by_more_than_capitals_are_four_people(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    addresses = ["eva@fa\u00df.test", "eva@fass.test", "gro\u00df@new.test", "gross@new.test", "EVA@XN--FA-HIA.test"]

    payload = await invite_new(ask, ann, portal, *[ada(email=address) for address in addresses])

    assert reasons(payload) == [None, None, None, None, "DUPLICATE_IN_REQUEST"]


async def test_more_than_a_thousand_do_not_go_in_one_call(world: World, ask: Ask) -> None:  # W3
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, *[ada(email=f"a{n}@new.test") for n in range(1001)])

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("TOO_MANY_USERS", ["input", "invitees"])]


@pytest.mark.parametrize("delivery", ["EMAIL", "LINK", "NONE"])
async def test_one_and_a_thousand_newcomers_take_the_same_statements(
    world: World, ask: Ask, delivery: str
) -> None:  # W3
    portal = await world.portal(required_user_fields=["FIRST_NAME"])
    ann = await world.portal_admin()
    await invite_new(ask, ann, portal, ada(), delivery=delivery)
    counted = []

    for number in (1, 101, 999):
        with statements() as sent:
            invitees = [ada(email=f"a{number}.{n}@new.test") for n in range(number)]
            payload = await invite_new(ask, ann, portal, *invitees, delivery=delivery)
        assert set(reasons(payload)) == {None}
        counted.append(len(sent))

    one, many, most = counted
    assert many == most
    assert many - one in (0, 1)  # a long list of outcomes is completed in turns, beside the tiles
    assert one <= 30
    assert await doctor.drift(world.parts.runtime) == []


async def test_invitations_take_the_seats_in_order_where_the_portal_says_so(world: World, ask: Ask) -> None:  # K12
    portal = await world.portal(seats=2, seat_mode=SeatMode.ON_INVITE)
    ann, _ = await world.portal_admin(), await world.user()

    payload = await invite_new(ask, ann, portal, *[ada(email=f"{name}@new.test") for name in "abc"])

    assert reasons(payload) == [None, "NO_SEAT_AVAILABLE", "NO_SEAT_AVAILABLE"]
    assert seats(payload["licenseTiles"][0]) == (2, 2, 0)
    assert payload["outcomes"][0]["user"]["holdsSeat"] is True
    assert await doctor.drift(world.parts.runtime) == []


async def test_without_a_running_package_an_invitation_that_takes_a_seat_is_refused(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=None, seat_mode=SeatMode.ON_INVITE)
    ann = await world.portal_admin()

    assert reason(await invite_new(ask, ann, portal, ada())) == "LICENSE_PACKAGE_INACTIVE"
    assert reason(await invite_new(ask, ann, portal, ada(), delivery="NONE")) is None


async def test_admins_are_added_up_to_the_portals_limit(world: World, ask: Ask) -> None:  # L7
    portal = await world.portal(max_admins=3)
    ann = await world.portal_admin()
    await invite_new(ask, ann, portal, ada(email="a@new.test"), role="PORTAL_ADMIN")

    payload = await invite_new(ask, ann, portal, ada(email="b@new.test"), ada(email="c@new.test"), role="PORTAL_ADMIN")

    assert reasons(payload) == [None, "ADMIN_LIMIT_REACHED"]
    assert payload["outcomes"][0]["user"]["role"] == "PORTAL_ADMIN"
    assert reason(await invite_new(ask, ann, portal, ada(email="d@new.test"))) is None
    assert await PortalUser.filter(role=Role.PORTAL_ADMIN).count() == 3


async def test_internal_users_are_added_by_staff_only(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=0, seat_mode=SeatMode.ON_INVITE)
    ann, tim = await world.portal_admin(), await world.technician(portal)

    to_ann = await invite_new(ask, ann, portal, ada(), kind="INTERNAL")
    to_tim = await invite_new(ask, tim, portal, ada(), kind="INTERNAL")

    assert [(e["code"], e["path"]) for e in to_ann["errors"]] == [("NOT_ALLOWED", ["input", "kind"])]
    assert to_tim["outcomes"][0]["user"]["kind"] == "INTERNAL"


async def test_an_inactive_portal_invites_and_adds_nobody(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(is_active=False), await world.mssp_admin()

    for delivery in ("EMAIL", "LINK", "NONE"):
        assert reason(await invite_new(ask, nora, portal, ada(), delivery=delivery)) == "PORTAL_INACTIVE"
    assert await how_many_users() == 0


async def test_a_dry_run_adds_nobody_and_says_what_would_be(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, ada(), ada(email="x"), options={"dryRun": True})

    assert (standing(payload)[0], reasons(payload)) == ((None, "PROVISIONED"), [None, "INVALID_EMAIL"])
    assert [outcome["userId"] for outcome in payload["outcomes"]] == [None, None]
    assert payload["operation"]["state"] == "PREVIEW"
    assert (await how_many_users(), await nothing_is_queued()) == (1, True)


async def test_all_or_nothing_adds_nobody_when_one_cannot_be(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(), await world.user(status=Status.STAGED, email="bob@acme.test")

    payload = await invite_new(
        ask,
        ann,
        portal,
        ada(),
        ada(email="x"),
        ada(email="bob@acme.test"),
        options={"errorPolicy": "ALL_OR_NOTHING"},
    )

    assert reasons(payload) == ["ABORTED_BY_POLICY", "INVALID_EMAIL", "ABORTED_BY_POLICY"]
    assert standing(payload) == [(None, None), (None, None), ("STAGED", "STAGED")]
    assert [outcome["userId"] for outcome in payload["outcomes"]] == [None, None, bob.gid]
    assert await world.status(bob) is Status.STAGED
    assert (await how_many_users(), await nothing_is_queued()) == (2, True)
    assert await doctor.drift(world.parts.runtime) == []


async def test_the_same_call_again_adds_nobody_twice_and_shows_no_link_again(world: World, ask: Ask) -> None:  # E6
    portal = await world.portal()
    ann = await world.portal_admin()
    invitees, how = (ada(), ada(email="x")), {"delivery": "LINK", "options": {"idempotencyKey": "k"}}

    first = await invite_new(ask, ann, portal, *invitees, **how)
    again = await invite_new(ask, ann, portal, *invitees, **how)
    other = await invite_new(ask, ann, portal, *invitees, **{**how, "delivery": "EMAIL"})

    assert len(links_of(first)) == 1
    assert (links_of(again), again["replayed"]) == ([], True)
    names = ("index", "userId", "label", "status", "previousStatus", "newStatus", "reason")
    assert [[o[n] for n in names] for o in again["outcomes"]] == [[o[n] for n in names] for o in first["outcomes"]]
    assert codes(other) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await how_many_users() == 2


async def test_two_admins_who_add_the_same_person_at_once_add_one_user(world: World, ask: Ask) -> None:  # E5, T4
    portal = await world.portal()
    admins = [await world.portal_admin() for _ in range(4)]
    for admin in admins:
        await ask("{ viewer { id } }", actor=admin)

    payloads = await asyncio.gather(*(invite_new(ask, ann, portal, ada(), delivery="LINK") for ann in admins))

    assert len({outcome["userId"] for payload in payloads for outcome in payload["outcomes"]}) == 1
    assert len({link for payload in payloads for link in links_of(payload)}) == 1
    assert await PortalUser.filter(email_key="ada@new.test").count() == 1
    assert await doctor.drift(world.parts.runtime) == []


async def test_what_is_kept_of_an_invitation_names_nobody_and_opens_nothing(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, ada(lastName="Lovelace"), ada(email="x"), delivery="LINK")

    (token,) = links_of(payload)
    kept = [
        *await BulkOutcome.all().values(),
        *await AuditEvent.all().values(),
        *await LinkToken.all().values(),
        *await OutboxMail.all().values(),
    ]
    assert not [word for word in ("Ada", "Lovelace", "ada@new.test", token) if word in str(kept)]


async def test_the_log_says_that_somebody_was_added_and_invited(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann = await world.portal_admin()
    document = "{ auditLog { nodes { event actorName reason user { firstName } changes { field before after } operation { id } } } }"

    payload = await invite_new(ask, ann, portal, ada(), options={"reason": "T-1"})

    invited, added = (await ask(document, actor=ann)).data["auditLog"]["nodes"]
    assert (invited["event"], added["event"]) == ("user.invited", "user.added")
    assert added["changes"] == [{"field": "status", "before": None, "after": "STAGED"}]
    assert invited["changes"] == [{"field": "status", "before": "STAGED", "after": "PROVISIONED"}]
    for event in (invited, added):
        assert (event["reason"], event["user"]["firstName"]) == ("T-1", "Ada")
        assert event["operation"]["id"] == payload["operation"]["id"]


async def test_a_name_alone_is_enough_where_the_portal_says_so_and_its_link_is_one_to_register_with(
    world: World, ask: Ask
) -> None:  # E4, E6, E8
    portal = await world.portal(required_user_fields=["FIRST_NAME"])
    ann = await world.portal_admin()

    by_mail = await invite_new(ask, ann, portal, {"firstName": "Ada"})
    by_link = await invite_new(ask, ann, portal, {"firstName": "Ada"}, delivery="LINK")

    assert (reason(by_mail), reason(by_link)) == ("NO_EMAIL", None)
    (token,) = links_of(by_link)
    assert (await preview(ask, token))["nextStep"] == "REGISTER"
