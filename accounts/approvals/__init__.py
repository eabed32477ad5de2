"""Acts that need a second person: proposed with their effect in money, executed once, by somebody else."""
