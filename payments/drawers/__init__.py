"""A drawer: one cashier's till from its float to its accepted count, and the money that left it for the vault."""
