"""Changes of name and address, from a day on, with their evidence; mail that came back."""
