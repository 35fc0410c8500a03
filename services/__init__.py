"""The writes of Gatehouse. Each function checks a request, changes rows, records audit events and enqueues mail.

All writes of one request are in one transaction.
"""
