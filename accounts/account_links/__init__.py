"""Which resident sees, pays and manages which customer account, by whose leave, and until when."""
