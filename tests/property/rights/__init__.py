"""Who may administer what, while assignments, roles and portals change: stories that hypothesis makes up."""
