"""Priced lines become charges: bills, renewals and penalties, each with its working and the release that ruled."""
