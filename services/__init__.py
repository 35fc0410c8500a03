"""The writes of Gatehouse: services check a request, change rows, record audit events and enqueue mails.

A change, its audit events and its mails are written in one transaction. Attempts and rate limits are counted in
separate transactions, so that a refused request is counted too.
"""
