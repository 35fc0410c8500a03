"""Each account calls each root field about any target. The answers follow the table of rights and the assignments."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.rights.root_fields import BULK_MUTATIONS, MANAGER_MUTATIONS, MSSP_ADMIN_MUTATIONS, MSSP_ADMIN_PREVIEWS
from tests.property.rights.calls import CALLS
from tests.property.rights.story import Step, Story
from tests.support.world import Ask, World

CHANGES_REACH = ("assignPortals", "updatePortal", "updateStaff", "deletePortal", "deleteStaff", "createPortal")
steps = st.builds(
    Step,
    actor=st.one_of(st.just(1), st.integers(0, 40)),
    name=st.one_of(st.sampled_from(CHANGES_REACH), st.sampled_from(list(CALLS))),
    target=st.integers(0, 40),
    flag=st.booleans(),
    number=st.integers(1, 8),
    slugs=st.lists(st.integers(0, 10), max_size=2).map(tuple),
    hours=st.sampled_from([0, 0, 0, 0, 2]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(story_steps=st.lists(steps, min_size=5, max_size=25))
async def test_rights_and_reach_decide_each_call_of_administration(
    world: World, ask: Ask, story_steps: list[Step]
) -> None:  # L1, L3, T12
    story = Story(world, ask)
    await story.begin()

    for step in story_steps:
        await story.play(step)

    await story.each_account_reaches_what_the_model_says()


def test_every_mutation_of_administration_is_called() -> None:
    administers = (MANAGER_MUTATIONS - BULK_MUTATIONS) | MSSP_ADMIN_MUTATIONS | MSSP_ADMIN_PREVIEWS

    assert {f"{call.kind}.{name}" for name, call in CALLS.items()} == administers
