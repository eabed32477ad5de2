"""What the bank says, and what of ours it is."""
