"""Journeys of people through the real portal, in a real browser, with a processor on another site."""
