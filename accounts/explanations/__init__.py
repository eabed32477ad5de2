"""Why this cent: a charge worked out again from its rule, inputs and authority, and all that changed it since."""
