"""Database access: SQL fragments, row mapping, keyset pages, connections and migrations."""
