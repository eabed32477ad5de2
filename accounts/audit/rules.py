"""Names of the lines that are no acts. Pure."""

SEEN = "account-seen"
SEARCHED = "accounts-searched"
EXPORTED = "exported"
LONGEST_ASKED = 200
"""Letters that are kept of what was typed into a search."""
