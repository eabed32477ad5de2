"""Money sent back by source account to the systems that own their balances: exactly once, acknowledged."""
