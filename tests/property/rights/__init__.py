"""Stories that hypothesis generates: accounts administer an MSSP while assignments, roles and portals change."""
