"""Add events to the chains of the audit log."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.audit import AUDIT, AuditEvent, AuditRow
from models.audit_chain import heads
from models.db.writes import insert_rows
from rules.audit.chain import SALT_BYTES, ChainPlace, digest_of, hash_of, texts_of

COLUMNS = (*AUDIT.names, "sequence", "hash", "digest", "salt")


async def append(events: Sequence[AuditRow], secret: Callable[[int], bytes]) -> None:
    """Store the events in the given order, each at the end of its chain.

    `secret(n)` returns n random bytes, for the salt of an event. The function locks the chains, so a transaction must
    call it last.
    """
    if not events:
        return
    places = await heads.lock({event.portal_id or event.mssp_id: event.mssp_id for event in events})
    rows = []
    for event in events:
        chain = event.portal_id or event.mssp_id
        texts = texts_of(event)
        salt = None if texts is None else secret(SALT_BYTES).hex()
        digest = None if texts is None or salt is None else digest_of(texts, salt)
        sequence, previous = places[chain].sequence + 1, places[chain].hash
        hash = hash_of(previous, sequence, event, digest)
        places[chain] = ChainPlace(sequence, hash)
        rows.append({**event._asdict(), "sequence": sequence, "hash": hash, "digest": digest, "salt": salt})
    await insert_rows(AuditEvent, COLUMNS, rows)
    await heads.store(places)
