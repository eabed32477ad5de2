"""One box that finds an account by anything a person may say of it."""
