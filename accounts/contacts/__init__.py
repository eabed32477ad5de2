"""What was said: notes on an account, the log of contacts, and what somebody promised to follow up."""
