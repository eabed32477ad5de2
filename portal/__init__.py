"""The window itself: web pages, sign-in, mail, documents, jobs and the wiring of all that is below."""
