"""Find the name of a user, even if the user is deleted."""

from __future__ import annotations

from uuid import UUID

from resolvers.core.context import Info


async def name_of_user(info: Info, user_id: UUID | None) -> str | None:
    """Return the display name of the user, also of a deleted user whose name is kept.

    The portal keeps the name for `deletedNameRetentionDays`. Return None if no name is kept, if the viewer cannot see
    the user, or if `user_id` is None.
    """
    if user_id is None:
        return None
    loaders = info.context.loaders
    if user := await loaders.users.load(user_id):
        return user.name
    kept = await loaders.deleted_names.load(user_id)
    return kept.shown_at(info.context.now()) if kept else None
