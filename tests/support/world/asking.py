"""The API as a client calls it: the real application over HTTP, with real tokens."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import httpx

from tests.support.checking.listed_codes import check_listed
from tests.support.checking.messages import check_messages
from tests.support.world.bulk_documents import bulk_document, bulk_input
from tests.support.world.people import Person
from tests.support.world.world import World


class Reply(NamedTuple):
    """The answer to a request: `data` (None if absent), the errors, and the codes of the errors."""

    data: Any
    errors: list[dict[str, Any]]
    response: httpx.Response

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.errors]

    @property
    def unauthenticated(self) -> bool:
        return self.codes == ["UNAUTHENTICATED"]


class Ask:
    """`await ask(document, actor=person, **variables)` calls the API; `act` calls a bulk mutation."""

    def __init__(self, world: World, client: httpx.AsyncClient) -> None:
        self.world = world
        self.client = client
        self._tokens: dict[UUID, str] = {}

    async def __call__(
        self, document: str, *, actor: Person | None = None, token: str | None = None, **variables: Any
    ) -> Reply:
        """Call the API. Without an actor, the request has no access token. An actor keeps one session during the test.

        Each message in the answer, if its parameters are selected, must follow from its code and its parameters. The schema
        must list each code in `errors` for the mutation.
        """
        if actor is not None and token is None:
            if actor.id not in self._tokens:
                self._tokens[actor.id] = await self.world.token(actor)
            token = self._tokens[actor.id]
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = await self.client.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
        body = response.json()
        check_messages(body.get("data"))
        check_listed(document, body.get("data"))
        return Reply(body.get("data"), body.get("errors", []), response)

    async def act(
        self, name: str, actor: Person | None, *targets: Person | str, ids: list[str] | None = None, **options: Any
    ) -> Any:
        """Run a bulk mutation and return its payload. The targets are people, or ids that are sent unchanged."""
        chosen = ids if ids is not None else [t if isinstance(t, str) else t.gid for t in targets]
        input = bulk_input(name, {"ids": chosen}, options)
        reply = await self(bulk_document(name), actor=actor, input=input)
        assert not reply.errors, reply.errors
        return reply.data[name]
