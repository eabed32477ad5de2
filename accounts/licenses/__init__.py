"""Business licenses: a license is apart from its yearly terms, and a term from what was declared for it."""
