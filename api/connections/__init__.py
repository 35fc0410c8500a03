"""HTTP/1.1 connections: limits on requests and connections, and closing a connection without losing a response."""
