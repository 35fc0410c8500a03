"""HTTP/1.1 connections: limits on their size, time and number, and their orderly end."""
