"""What left for people by mail and by text message: to whom (masked), what, when, and whether it left."""
