"""Changes of name, address and contact at the counter, with their day and evidence; and mail that came back."""
