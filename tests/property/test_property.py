"""Stories that hypothesis generates, played against the API and against a model of the requirements."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.property import checks
from tests.property.steps import Act, Newcomer, Plan, Step, casts, plans, stories
from tests.property.story import Story
from tests.support.world import Ask, World

one_database_for_all_examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
"""The settings of hypothesis. All stories share one database, which each story empties first."""


@one_database_for_all_examples
@given(plans=plans, cast=casts, steps=stories)
async def test_tiles_seats_lists_and_outcomes_are_always_those_of_the_requirements(
    world: World, ask: Ask, plans: list[Plan], cast: list[Newcomer], steps: list[Step]
) -> None:  # K12, K13, K26, K28, L2, K30, K33, L4, L8-L10, L13, T18, T19
    story = Story(world, ask)
    await story.begin(plans, cast)

    for step in steps:
        operations = len(story.done)
        actor = story.account(step.actor) if isinstance(step, Act) and story.model.users else None
        await story.play(step)

        await checks.everything_agrees(story, actor)
        if len(story.done) > operations:
            await checks.an_operation_tells_again_what_it_told(story)
    for member in story.staff.values():
        await checks.everything_agrees(story, member)
    await checks.the_record_is_complete(story)
