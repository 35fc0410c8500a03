"""What the run of a preview takes from the preview, and the check that the run does what the preview showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.operations import OutcomeRow
from rules.outcomes import ErrorPolicy
from rules.refusals import Code, Refusal
from services.bulk.plan import Options
from services.bulk.targets.previews import PATH, Preview
from services.bulk.targets.selection import ByPreview, Selection


def with_defaults(options: Options, selection: Selection) -> Options:
    """Return the options with the default error policy, unless the selection is a preview, which has its own.

    Raise Refusal(INVALID_INPUT) if `only_if_unchanged` is given without a preview.
    """
    if isinstance(selection, ByPreview):
        return options
    if options.only_if_unchanged:
        message = "Only the run of a preview can be compared: give previewId."
        raise Refusal(Code.INVALID_INPUT, message, path=("options", "onlyIfUnchanged"))
    return replace(options, error_policy=options.error_policy or ErrorPolicy.PARTIAL)


def bound(options: Options, preview: Preview) -> Options:
    """Return the options of the preview's run. Options that are not given are those of the preview.

    Raise Refusal(INVALID_INPUT) if the error policy is given and is not the preview's.
    """
    policy = preview.operation.error_policy
    if options.error_policy not in (None, policy):
        message = f"The preview was made with {policy}. Leave errorPolicy out, or preview again."
        raise Refusal(Code.INVALID_INPUT, message, path=("options", "errorPolicy"))
    return replace(options, error_policy=policy, reason=options.reason or preview.operation.reason)


def require_unchanged(preview: Preview, outcomes: Sequence[OutcomeRow]) -> None:
    """Raise Refusal(SELECTION_CHANGED) if an outcome differs from the previewed one."""
    differing = sum(_shown(now) != _shown(then) for now, then in zip(outcomes, preview.outcomes, strict=True))
    if differing:
        message = f"{differing:,} of {len(outcomes):,} outcomes would differ from the preview. Preview again."
        raise Refusal(Code.SELECTION_CHANGED, message, path=PATH)


def _shown(outcome: OutcomeRow) -> tuple[object, ...]:
    """Return what an outcome decides. The time from which a mail is possible may pass without a difference."""
    return outcome.user_id, outcome.status, outcome.reason, outcome.previous_status, outcome.new_status, outcome.field
