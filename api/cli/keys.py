"""`gatehouse rotate-keys`: encrypt stored secrets again with the current key."""

from __future__ import annotations

from api.cli.command_runner import run
from api.cli.commands import CommandGroup
from api.cli.terminal.output import AsJson, fail, say, say_json
from api.cli.terminal.progress import bar
from api.parts import Parts
from services.admin import key_rotation
from services.admin.key_rotation import RotationResult, SecretCounts

group = CommandGroup("Maintenance")


@group.command(
    "rotate-keys",
    example="gatehouse rotate-keys",
    then="drop the old key where nothing needs it any more; see docs/operator.md, Keys.",
    fails="no known key opens some of it",
)
def rotate_keys(as_json: AsJson = False) -> None:
    """Re-encrypt, with the current key, all stored secrets that an earlier key has encrypted.

    Exit with code 1 if no known key decrypts some of the secrets. The command can be repeated.
    """

    async def body(parts: Parts) -> RotationResult:
        with bar("Second factors") as progress:
            return await key_rotation.rotate(parts.runtime, parts.ports.encryption, progress)

    rotated = run(body, command="rotate-keys")
    left = rotated.counts
    if as_json:
        say_json(
            {
                "resealed": rotated.resealed,
                "unopened": left.unopened,
                "waiting": left.waiting,
                "unusableRecoveryCodes": left.unusable_codes,
                "recoveryCodesOfOldKeys": left.old_codes,
            }
        )
    else:
        say(f"Second factors sealed again: {rotated.resealed}. Not sealed by the current key: {left.waiting}.")
        if left.old_codes:
            say(f"Recovery codes of an earlier version that still need an old key: {left.old_codes}.")
    if faults := unopened(left):
        fail("\n".join(faults))


def unopened(found: SecretCounts) -> list[str]:
    """Return at most two sentences: the numbers of second factors and of recovery codes whose key is unknown."""
    faults = []
    if found.unopened:
        faults.append(
            f"No known key opens {found.unopened} second factors. Name their key in GATEHOUSE_RETIRED_SECRET_KEYS."
        )
    if found.unusable_codes:
        faults.append(
            f"No known key checks {found.unusable_codes} recovery codes. Name their key in"
            " GATEHOUSE_RETIRED_SECRET_KEYS."
        )
    return faults
