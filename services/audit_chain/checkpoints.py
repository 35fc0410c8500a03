"""Sign checkpoints of the audit log's chains. Each checkpoint is stored, and written to the security log."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from uuid import UUID

from models.audit_chain import checkpoints, heads
from models.audit_chain.checkpoints import CheckpointRow
from models.audit_chain.heads import ChainState
from rules.audit.chain import ChainCheck, ChainFault, ChainPlace, LocatedFault
from rules.audit.checkpoints import MOST_EVENTS, SIGNED_EVERY, Checkpoint, signed_text
from rules.security_events import SecurityEvent
from services.audit_chain.verification import as_checkpoint, read_to
from services.runtime import Runtime


class CheckpointSigner:
    """Signs a checkpoint of each chain that needs one. `signed` is called with each new checkpoint.

    A chain needs a checkpoint in these cases:

    - It has events, but no checkpoint.
    - It has grown, and its newest checkpoint is at least `every` old.
    - It has grown by at least MOST_EVENTS events since its newest checkpoint.
    - Another key than the current one has signed its newest checkpoint.
    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        every: timedelta = SIGNED_EVERY,
        signed: Callable[[Checkpoint], None] = lambda checkpoint: None,
    ) -> None:
        self._runtime = runtime
        self._every = every
        self._signed = signed
        self._behind = UUID(int=0)
        self.broken = 0
        """The number of chains with a fault so far."""

    async def count(self) -> int:
        """Return the number of chains that need a checkpoint."""
        signatures, before = self._runtime.checkpoints, self._runtime.now() - self._every
        return await checkpoints.count_due(signatures.current, before, MOST_EVENTS)

    async def step(self, limit: int) -> tuple[int, bool]:
        """Sign the next chain. Return how many checkpoints were signed, 0 or 1, and whether there can be another chain.

        `limit` has no effect. A chain with a fault is not signed. The fault is written to the security log.
        """
        before = self._runtime.now() - self._every
        chain_id = await checkpoints.due(self._behind, self._runtime.checkpoints.current, before, MOST_EVENTS)
        if chain_id is None:
            return 0, False
        chain = await heads.state(chain_id)
        if chain is None:  # its provider was deleted meanwhile
            self._behind = chain_id
            return 0, True

        newest = await checkpoints.newest(chain_id)
        ours = newest.place if newest and self._is_ours(newest) else None
        start = ours or chain.beginning
        # A chain that another key has signed is checked as a whole: a checkpoint in its middle would not be the newest.
        is_bounded = newest is None or ours is not None
        upto = min(chain.sequence, start.sequence + MOST_EVENTS) if is_bounded else chain.sequence
        place, fault = await self._checked(chain, start, upto)
        if fault or place.sequence == chain.sequence:
            self._behind = chain_id
        if fault:
            self.broken += 1
            self._note(
                SecurityEvent.AUDIT_CHAIN_BROKEN, chain, f"{fault.fault.name}:{fault.event_id or fault.sequence}"
            )
            return 0, True
        await self._sign(chain, place)
        return 1, True

    def _is_ours(self, row: CheckpointRow) -> bool:
        signatures = self._runtime.checkpoints
        return signatures.knows(row.key) and signatures.is_valid(row.key, as_checkpoint(row).text, row.signature)

    async def _checked(self, chain: ChainState, start: ChainPlace, upto: int) -> tuple[ChainPlace, LocatedFault | None]:
        """Check the events after `start`, up to the number `upto`.

        Return the last checked place, and the first fault or None.
        """
        check = ChainCheck(start)
        if (chain.signed or 0) > chain.sequence:
            return start, LocatedFault(ChainFault.TRUNCATED, sequence=chain.sequence)
        async with aclosing(read_to(self._runtime, chain, check, upto)) as faults:
            async for found in faults:
                return check.place, found
        end = chain.head if upto == chain.sequence else ChainPlace(upto, check.place.hash)
        return check.place, next(check.end(end), None)

    async def _sign(self, chain: ChainState, place: ChainPlace) -> None:
        runtime, at = self._runtime, self._runtime.now()
        key, signature = runtime.checkpoints.current, runtime.checkpoints.sign(signed_text(chain.id, place, at))
        row = CheckpointRow(runtime.new_id(), chain.id, place.sequence, place.hash, at, key, signature)
        await runtime.transactions.run(partial(checkpoints.add, row))
        checkpoint = as_checkpoint(row)
        self._note(SecurityEvent.AUDIT_CHECKPOINT, chain, checkpoint.line)
        self._signed(checkpoint)

    def _note(self, event: SecurityEvent, chain: ChainState, what: str) -> None:
        self._runtime.security.note(event, what=what, mssp_id=chain.mssp_id, portal_id=chain.portal_id)


async def sign_grown(runtime: Runtime, signed: Callable[[Checkpoint], None]) -> int:
    """Sign every chain that has grown since its newest checkpoint. `signed` is called with each new checkpoint.

    Return the number of chains with a fault. These chains were not signed.
    """
    signer = CheckpointSigner(runtime, every=timedelta(0), signed=signed)
    more = True
    while more:
        _, more = await signer.step(1)
    return signer.broken
