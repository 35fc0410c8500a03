"""Recipes that say how the isolation tests call each query that requires no access token."""

from __future__ import annotations

from tests.isolation.recipe import Recipe, there

OPEN_QUERIES: dict[str, list[Recipe]] = {
    "Query.invitationPreview": [
        Recipe(
            "token",
            "all",  # who holds the link's token
            "query ($link: String!) { invitationPreview(token: $link) { state nextStep } }",
            lambda place: {"link": place.invitation()},
            there,
        )
    ],
    "Query.portalSignIn": [
        Recipe(
            "slug",
            "all",  # a slug is in the address of the portal's pages
            "query ($slug: String!) { portalSignIn(slug: $slug) { name slug } }",
            lambda place: {"slug": place.slug},
            there,
        )
    ],
    "Query.linkPreview": [
        Recipe(
            "token",
            "none",
            "query ($link: String!) { linkPreview(token: $link) { kind portalSlug } }",
            lambda place: {"link": "a made-up token"},
            there,
        )
    ],
    "Query.passwordRequirements": [
        Recipe(
            "token",
            "all",  # who holds the link's token
            "query ($link: String!) { passwordRequirements(token: $link) { minLength } }",
            lambda place: {"link": place.invitation()},
            there,
        )
    ],
    "Query.server": [Recipe(None, "all", "{ server { maxPageSize } }", lambda place: {}, there, places=("own",))],
}
