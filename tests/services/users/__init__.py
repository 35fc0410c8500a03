"""Edits of users and changes of e-mail addresses, below the API."""
