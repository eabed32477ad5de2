"""Who works here, in which roles, until when, and up to which amounts."""
