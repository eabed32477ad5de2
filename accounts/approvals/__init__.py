"""Acts that may need a second person: proposed with their effect in money, executed once when another approves."""
