"""The failure cases seen in the wild, by their numbers (docs/reliability.md), each a test named after it."""
