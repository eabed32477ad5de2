"""What a person means to pay: several accounts of several kinds, each with its choice of amount."""
