"""A bulk mutation that selects all fields of its outcomes."""

from __future__ import annotations

OUTCOMES = """
mutation ($input: BulkUsersInput!) {
  lockUsers(input: $input) {
    outcomes {
      index userId label status previousStatus newStatus
      reason { code message retryable retryAt suggestedAction params { name value } } user { id }
    }
    summary { requested succeeded skipped failed byReason { code count } }
    operation { state summary { requested } }
    licenseTiles { id }
    replayed
    errors { code }
  }
}
"""
