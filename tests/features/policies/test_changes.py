"""A portal's policy is changed field by field, within bounds, by MSSP admins."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from rules.policies.policy_settings import SETTINGS, field_name
from rules.policies.presets import DIFFERENCES, OUTSIDE_PRESETS, PolicyPreset
from tests.features.policies.changing import changed, faults, stored, update
from tests.rules.cases import an_id
from tests.support.databases.stored import everything
from tests.support.world import Ask, World

BOUNDED = [column for column, setting in SETTINGS.items() if setting.least is not None]
OTHER: dict[str, Any] = {
    "passwordSignInEnabled": False,
    "passwordResetTtlHours": 1,
    "invitationTtlHours": 24,
    "verificationCodeTtlMinutes": 5,
    "lockoutThreshold": 5,
    "lockoutMinutes": None,
    "idleSuspendDays": 30,
    "deactivatedRetentionDays": 7,
    "maxAdmins": 2,
    "mfaRequired": True,
    "passwordMaxAgeDays": 365,
    "seatMode": "ON_INVITE",
    "requiredUserFields": ["EMAIL", "USERNAME"],
    "reasonRequired": True,
    "deletedNameRetentionDays": 30,
}
"""For each setting of the policy, a value that is not the setting's default."""


async def test_each_setting_is_changed_and_what_is_absent_stays(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    before = None

    for name, value in OTHER.items():
        portal = await world.portal()
        before = (await changed(ask, nora, portal))["policy"]
        assert before[name] != value

        assert (await changed(ask, nora, portal, **{name: value}))["policy"] == {**before, name: value}

    assert before is not None
    assert before.keys() == OTHER.keys()


async def test_null_is_a_value_where_the_setting_has_it_and_refused_elsewhere(world: World, ask: Ask) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()
    nullable = {field_name(column) for column, setting in SETTINGS.items() if setting.may_be_null}
    others = [name for name in OTHER if name not in nullable]

    refused = await update(ask, nora, portal, **dict.fromkeys(OTHER))
    policy = (await changed(ask, nora, portal, **dict.fromkeys(nullable)))["policy"]

    assert faults(refused) == [("INVALID_INPUT", name) for name in others]
    assert {policy[name] for name in nullable} == {None}
    assert len(nullable) == 4


@pytest.mark.parametrize("column", BOUNDED)
async def test_a_number_outside_its_bounds_is_refused_with_the_bounds(world: World, ask: Ask, column: str) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()
    name, setting = field_name(column), SETTINGS[column]
    assert (setting.least, setting.most) != (None, None)
    least, most = int(setting.least or 0), int(setting.most or 0)

    for outside in (least - 1, most + 1, -(2**31), 2**31 - 1):
        payload = await update(ask, nora, portal, **{name: outside})
        assert faults(payload) == [("INVALID_INPUT", name)]
        params = {each["name"]: each["value"] for each in payload["errors"][0]["params"]}
        assert (params["minimum"], params["maximum"]) == (str(least), str(most))
    for inside in (least, most):
        assert (await changed(ask, nora, portal, **{name: inside}))["policy"][name] == inside


async def test_all_faults_come_at_once_and_nothing_is_changed(world: World, ask: Ask) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()
    before = await stored(portal)

    payload = await update(
        ask, nora, portal, lockoutThreshold=0, idleSuspendDays=7, requiredUserFields=[], mfaRequired=True
    )

    assert faults(payload) == [
        ("INVALID_INPUT", "lockoutThreshold"),
        ("INVALID_INPUT", "idleSuspendDays"),
        ("INVALID_INPUT", "requiredUserFields"),
    ]
    assert await stored(portal) == before


async def test_required_fields_are_a_set(world: World, ask: Ask) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()

    policy = (await changed(ask, nora, portal, requiredUserFields=["EMAIL", "FIRST_NAME", "EMAIL"]))["policy"]

    assert policy["requiredUserFields"] == ["FIRST_NAME", "EMAIL"]


async def test_the_schema_states_the_bounds_that_are_kept(ask: Ask) -> None:
    document = '{ __type(name: "UpdatePortalPolicyInput") { inputFields { name description } } }'

    fields = {f["name"]: f["description"] for f in (await ask(document)).data["__type"]["inputFields"]}

    assert fields.keys() - {"portalId", "preset"} == OTHER.keys()
    for column in BOUNDED:
        assert f"Takes {SETTINGS[column].bounds}." in fields[field_name(column)]


@pytest.mark.parametrize("preset", PolicyPreset)
async def test_a_preset_sets_its_values_and_the_given_ones_win(world: World, ask: Ask, preset: PolicyPreset) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()
    fresh = (await changed(ask, nora, await world.portal()))["policy"]
    await changed(ask, nora, portal, **OTHER)

    policy = (await changed(ask, nora, portal, preset=preset, lockoutThreshold=77))["policy"]

    kept = {field_name(column): OTHER[field_name(column)] for column in OUTSIDE_PRESETS}
    own = {field_name(column): value for column, value in DIFFERENCES[preset].items()}
    own["requiredUserFields"] = list(own["requiredUserFields"])
    assert policy == {**fresh, **own, **kept, "lockoutThreshold": 77}


async def test_only_mssp_admins_change_policies(world: World, ask: Ask) -> None:
    portal = await world.portal()
    tom, ann, bob = await world.technician(portal), await world.portal_admin(portal), await world.user(portal)

    for person in (tom, ann, bob):
        payload = await update(ask, person, portal, lockoutMinutes=1)
        assert [error["code"] for error in payload["errors"]] == ["NOT_ALLOWED"]

    assert (await stored(portal)).lockout_minutes == 15


async def test_a_foreign_portal_and_an_unknown_one_are_not_found(world: World, ask: Ask) -> None:
    nora, foreign = await world.mssp_admin(), await world.portal(mssp=await world.mssp())
    before = await everything()

    payloads = [await update(ask, nora, portal, lockoutMinutes=1) for portal in (foreign, SimpleNamespace(id=an_id()))]

    assert [faults(payload) for payload in payloads] == [[("NOT_FOUND", "portalId")]] * 2
    assert payloads[0] == payloads[1]
    assert {k: v for k, v in (await everything()).items() if k == "portal"} == {"portal": before["portal"]}


async def test_a_change_is_an_event_with_each_changed_setting_before_and_after(world: World, ask: Ask) -> None:
    portal = await world.portal()
    nora, ann, tom = await world.mssp_admin(), await world.portal_admin(portal), await world.technician()
    document = "{ auditLog { nodes { event actorName userId portal { id } changes { field before after } } } }"
    await changed(ask, nora, portal, lockoutMinutes=None, requiredUserFields=["EMAIL"], mfaRequired=False)
    await changed(ask, nora, portal, lockoutMinutes=None)

    logs = [(await ask(document, actor=viewer)).data["auditLog"]["nodes"] for viewer in (nora, ann, tom)]

    (event,) = logs[0]
    assert (event["event"], event["userId"], event["portal"]["id"]) == (
        "POLICY_CHANGED",
        None,
        logs[1][0]["portal"]["id"],
    )
    assert event["changes"] == [
        {"field": "lockoutMinutes", "before": "15", "after": None},
        {"field": "requiredUserFields", "before": "FIRST_NAME, EMAIL", "after": "EMAIL"},
    ]
    assert (len(logs[1]), logs[1][0]["changes"], logs[2]) == (1, event["changes"], [])
