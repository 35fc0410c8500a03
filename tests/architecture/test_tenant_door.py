"""Every read of tenant data is limited by a condition on the actor, such as `visible_to(actor)`.

The exceptions are listed here, each with the reason.
"""

from __future__ import annotations

from tests.architecture.reading_source import doorless, modules, readers

EXPLAINED = {
    "models.staff.add": "tells that a login of staff is taken, as signing in without a portal needs one owner of each",
    "models.staff.account_names": "names only, of the actors in rows that the caller sees; within the caller's MSSP",
    "models.audit_chain.heads.every_chain": "for the doctor, who answers to the operator; ids",
    "models.audit_chain.heads._state": "for the doctor and for housekeeping; answers to the operator",
    "models.audit_chain.heads.without_chain": "for the doctor, who answers to the operator; ids",
    "models.audit_chain.chained_rows.events_after": "for the doctor and for housekeeping; hashed, returned to no client",
    "models.audit_chain.chained_rows.hash_at": "for the doctor; compared, returned to no client",
    "models.audit_chain.checkpoints.within": "for the doctor and for housekeeping; hashes and signatures",
    "models.audit_chain.checkpoints.newest": "for the doctor and for housekeeping; hashes and signatures",
    "models.audit_chain.checkpoints.due": "for housekeeping, which has no actor; an id",
    "models.audit_chain.checkpoints.count_due": "for the operator; a number",
    "models.auth.actors.acting_with_row": "finds the actor of the request; until then there is none",
    "models.auth.attempts.totals": "signing in, before there is an actor; numbers that no one is shown",
    "models.auth.failed_sign_ins.due": "for housekeeping, which has no actor; written to the log, shown to no client",
    "models.auth.failed_sign_ins.count_due": "for housekeeping; a number for the operator",
    "models.users.recount.every_portal": "for the doctor, who answers to the operator",
    "models.users.recount.count_invitees_without_seat": "for the doctor, who answers to the operator; a number",
    "models.users.recount.recount": "writes counters; returns nothing",
    "models.auth.unscoped.link_owner": "for the holder of one of the user's links",
    "models.auth.unscoped.lock_users": "locks the users that are changed; their portal is locked",
    "models.auth.unscoped.mssp_name": "for the holder of an invitation to the provider's staff; a name",
    "models.auth.unscoped.portal": "the portal of a user who is changed; returned to no client",
    "models.auth.unscoped.portal_account": "an account whose link or session was found",
    "models.auth.unscoped.portal_account_by_login": "signing in, before there is an actor",
    "models.auth.unscoped.portal_by_slug": "what a sign-in page shows of a portal, which every caller may see",
    "models.auth.unscoped.portal_of": "for the holder of a user's link or session; returns the portal only",
    "models.auth.unscoped.staff_account": "an account whose link or session was found",
    "models.auth.unscoped.staff_account_by_login": "signing in, before there is an actor",
    "models.housekeeping.due_users.count_due": "for the operator, for all providers at once",
    "models.housekeeping.expired_rows.count_expired": "for the operator, for all providers at once",
    "models.housekeeping.due_users.due": "for the operator, for all providers at once; returned to no client",
    "models.housekeeping.due_users.policy_values": "for the operator, for all providers at once",
    "models.housekeeping.due_users.still_due": "for the operator; of users who are locked",
    "models.idempotency.claim": "an account's own keys, by its id",
    "models.housekeeping.leases.finished_at": "for the operator; tells no more than when",
    "models.auth.second_factor_keys.factors_after": "for the operator, who changes keys; shows nothing that is sealed",
    "models.auth.second_factor_keys.count_by_key": "for the operator; numbers over all providers",
    "models.auth.second_factor_keys.count_codes_by_key": "for the operator; numbers over all providers",
    "models.auth.second_factor_keys.count_nameless_codes": "for the operator; a number",
    "models.auth.second_factors.has_codes_of_other_keys": "of an account's own, before it is signed in; tells no more than that",
    "models.auth.second_factors.has_codes_without_key_name": "of an account's own, before it is signed in; tells no more",
    "models.auth.second_factor_keys.factors_without_key_name": "for the operator, who changes keys; shows nothing that is sealed",
    "models.auth.second_factor_keys.count_secrets": "for the operator; a number",
    "models.auth.sessions.own": "the actor's own, by the actor's id",
    "models.auth.refresh_token_rotation.lock_session": "the session that a token names; the token is checked before anything is said",
    "models.housekeeping.tasks.known": "the tasks of the server, of no tenant",
    "models.housekeeping.tasks.has_users": "whether the database is new",
    "models.auth.second_factors.of_account": "an account's own, before it is signed in",
    "models.auth.second_factors.own_codes_left": "the actor's own, by the actor's id; a number",
    "models.links.lookup.by_hash": "the holder of a link's token has its right",
    "models.links.lookup.by_id": "for the worker that mails them",
    "models.links.lookup.newest_of": "of an account that came through a door, or that asked for a reset",
    "models.links.lookup.newest": "of users who came through a door",
    "models.metrics.totals": "sums over all providers, for the operator",
    "models.users.refolding._batch": "for a migration",
    "models.users.refolding._check_free": "for a migration",
    "models.users.refolding._refold_few": "for a migration",
    "models.users.refolding._collision_message": "answers to the operator who migrates",
    "models.users.taken_logins.find": "tells who adds users to a portal which of the typed logins are taken there",
    "models.operations.outcomes_of": "of an operation that was read through the door, for its actor",
    "models.mail.recipient_lookup.users": "for the worker, which checks what it sends",
    "models.mail.recipient_lookup.portals": "for the worker, which checks what it sends",
    "models.mail.recipient_lookup.staff": "for the worker, which checks what it sends",
    "models.mail.claims._read_leased": "for the worker that mails them",
    "models.mail.claims._rejoin": "for the worker; gives nothing back",
    "models.mail.queue_places._last": "numbers by which mails are put in order",
    "models.mail.dead_letters.in_state": "for the operator, who sees no address whole",
    "models.mail.dead_letters.known": "for the operator; tells no more than that there is such a mail",
    "models.mail.dead_letters.lock_dead": "for the operator, who sends them again",
    "models.mail.claims.is_any_due": "for the worker; tells no more than that",
    "models.mail.recent_mails.since": "instants by digest; which address they are of cannot be told",
    "models.auth.reset_requests.is_any_left": "for the worker; tells no more than that",
    "models.portals.changes.add": "tells no more than that a slug is taken, which the address of a portal tells anyone",
    "models.portals.changes.number_of": "of the actor's own provider; a number",
    "models.portals.changes.users_of": "of a locked portal that came through a door; for its deletion",
    "models.portals.lookup.lock": "locks rows whose ids came through a door; gives nothing back",
    "models.users.taken_logins.is_taken": "tells an admin of the portal no more than that a login is taken there",
    "models.users.taken_logins.is_lookalike_taken": "tells an admin of the portal no more than that a username looks like one there",
    "services.admin.doctor._of_portal": "answers to the operator",
    "services.administration.policy_previews.count_effects": "of a portal that came through the door; numbers",
}
"""The functions that read tenant data without a condition on the actor, such as `visible_to`; each with the reason."""


def test_tenant_data_is_read_through_a_door() -> None:
    every = modules()
    reading = readers(every)
    without = {name for module in every for name in doorless(module, reading)}

    unexplained, stale = sorted(without - set(EXPLAINED)), sorted(set(EXPLAINED) - without)
    assert not unexplained, (
        f"{', '.join(unexplained)}: read by a condition that holds visible_to(actor), managed_by(actor) or managed(actor,"
        " …) of the models' module; or say in EXPLAINED why no caller can see another tenant's data here."
    )
    assert not stale, f"{', '.join(stale)}: no explanation is needed any more. Take it out of EXPLAINED."
