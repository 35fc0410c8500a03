"""Check the audit log's chains: each event against its chain, and each chain against its checkpoints."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from models.audit_chain import chained_rows, checkpoints, heads
from models.audit_chain.chained_rows import ChainedRow, UnreadableRow
from models.audit_chain.checkpoints import CheckpointRow
from models.audit_chain.heads import ChainKey, ChainState
from rules.audit.chain import ChainCheck, ChainFault, LocatedFault
from rules.audit.checkpoints import Checkpoint
from services.runtime import Runtime, Signatures

BATCH = 1000
"""The maximum number of events that are in memory at once."""

MOST_REPORTED = 20
"""The maximum number of faults of one chain that are reported."""

Progress = Callable[[int, int], None]
"""A callback that receives the number of checked chains and the total number of chains."""


@dataclass(slots=True)
class ChainReport:
    """The result of a check: one sentence for each fault, and one sentence for each note. A note is no fault."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def check_all(runtime: Runtime, progress: Progress = lambda done, total: None) -> ChainReport:
    """Check all chains of all providers. Nothing is written or locked.

    Events that are written while the check runs are not checked.
    """
    report = ChainReport()
    chains = await heads.every_chain()
    for done, chain in enumerate(chains, start=1):
        await _check(runtime, chain, report)
        progress(done, len(chains))
    for log_id in await heads.without_chain(MOST_REPORTED):
        report.faults.append(f"audit log of portal or MSSP {log_id}: {ChainFault.NO_CHAIN}")
    return report


async def _check(runtime: Runtime, key: ChainKey, report: ChainReport) -> None:
    chain = await heads.state_with_log(key)
    if chain is None:
        return  # its provider was deleted meanwhile
    name, told = name_of(chain), 0
    if chain.earlier:
        report.notes.append(
            f"audit log of {name}: {chain.earlier} events are from before its chain, and no hash covers them"
        )
    async with aclosing(faults_of(runtime, chain)) as faults:
        async for found in faults:
            told += 1
            if told > MOST_REPORTED:
                report.faults.append(f"audit log of {name}: more faults, which are not listed")
                return
            report.faults.append(f"audit log of {name}{_at(found)}: {found.fault}")


def name_of(chain: ChainState) -> str:
    """Return the name of the chain in reports: its portal or its MSSP."""
    if chain.portal_id is None:
        return f"MSSP {chain.mssp_name}"
    return f"portal {chain.slug}" if chain.slug else f"portal {chain.portal_id}, which is deleted"


def _at(found: LocatedFault) -> str:
    event = f", event {found.event_id}" if found.event_id else ""
    return event + (f", number {found.sequence}" if found.sequence is not None else "")


async def faults_of(runtime: Runtime, chain: ChainState) -> AsyncGenerator[LocatedFault]:
    """Yield the faults of a chain, in the order of its events.

    Missing events at the end of the chain are faults too.
    """
    if chain.outside != chain.earlier:
        yield LocatedFault(ChainFault.OUTSIDE)
    check = ChainCheck(chain.beginning)
    async for found in read_to(runtime, chain, check, chain.sequence):
        yield found
    for found in check.end(chain.head):
        yield found
    if (chain.last or 0) > chain.sequence:
        yield LocatedFault(ChainFault.HEAD_CHANGED, sequence=chain.sequence)
    if (chain.signed or 0) > chain.sequence:
        yield LocatedFault(ChainFault.TRUNCATED, sequence=chain.sequence)
    newest = await checkpoints.newest(chain.id)
    if newest and not runtime.checkpoints.knows(newest.key):
        yield LocatedFault(ChainFault.KEY_UNKNOWN, sequence=newest.sequence)


async def read_to(runtime: Runtime, chain: ChainState, check: ChainCheck, upto: int) -> AsyncGenerator[LocatedFault]:
    """Yield the faults of the chain's events and checkpoints, up to the event number `upto`.

    `check` has the place from which the events are checked.
    """
    last = (check.place.sequence + 1, chained_rows.FIRST)
    is_portal = chain.portal_id is not None
    while True:
        before = check.place.sequence
        batch = await chained_rows.events_after(chain.id, is_portal=is_portal, last=last, upto=upto, limit=BATCH)
        for event in batch:
            for found in check.skip(event.sequence) if isinstance(event, UnreadableRow) else check.read(event):
                yield found
        signed = await checkpoints.within(chain.id, before, check.place.sequence if batch else upto)
        for found in _unlike(runtime.checkpoints, signed, batch):
            yield found
        if len(batch) < BATCH:
            return
        end = batch[-1]
        last = (end.sequence, chained_rows.LAST if isinstance(end, UnreadableRow) else end.id)


def _unlike(
    signatures: Signatures, signed: Sequence[CheckpointRow], events: Sequence[ChainedRow | UnreadableRow]
) -> list[LocatedFault]:
    """Return a fault for each checkpoint in `signed` that does not fit the stored `events`.

    A checkpoint fits if its signature is valid and the event with its number has the same hash.
    """
    stored = {event.sequence: event for event in events if isinstance(event, ChainedRow)}
    found = []
    for row in signed:
        event = stored.get(row.sequence)
        event_id = event.id if event else None
        if not signatures.is_valid(row.key, as_checkpoint(row).text, row.signature):
            found.append(LocatedFault(ChainFault.SIGNATURE_WRONG, event_id, row.sequence))
        elif event and event.hash != row.hash:
            found.append(LocatedFault(ChainFault.REWRITTEN, event_id, row.sequence))
    return found


def as_checkpoint(row: CheckpointRow) -> Checkpoint:
    return Checkpoint(row.chain_id, row.place, row.at, row.key, row.signature)


async def compare(runtime: Runtime, given: Iterable[Checkpoint]) -> list[str]:
    """Compare checkpoints that were stored outside the database with the present events.

    Return one sentence for each fault.
    """
    found = []
    for checkpoint in given:
        chain, (sequence, hash) = await heads.state(checkpoint.chain_id), checkpoint.place
        name = name_of(chain) if chain else f"portal or MSSP {checkpoint.chain_id}"
        stored = (
            await chained_rows.hash_at(chain.id, is_portal=chain.portal_id is not None, sequence=sequence)
            if chain
            else None
        )
        if not runtime.checkpoints.knows(checkpoint.key):
            fault = ChainFault.KEY_UNKNOWN
        elif not runtime.checkpoints.is_valid(checkpoint.key, checkpoint.text, checkpoint.signature):
            fault = ChainFault.SIGNATURE_WRONG
        elif chain is None:
            fault = ChainFault.NO_CHAIN
        elif stored is None:
            fault = ChainFault.TRUNCATED if sequence > chain.sequence else ChainFault.MISSING
        elif stored != hash:
            fault = ChainFault.REWRITTEN
        else:
            continue
        found.append(f"audit log of {name}, number {sequence}, by a given checkpoint: {fault}")
    return found
