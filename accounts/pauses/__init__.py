"""What stands still on an account for a while: shut-offs, late penalties."""
