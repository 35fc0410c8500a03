"""What is stored: tables, constraints, named queries, migrations."""
