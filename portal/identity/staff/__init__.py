"""Who staff are: people, their sign-ins and sessions, invitations, and what they had typed."""
