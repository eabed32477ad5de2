"""What a person must look at: evidence, a suggested act, and never a row lost."""
