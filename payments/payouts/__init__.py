"""What the processor pays out to the bank, and the movements that each payout is made of."""
