"""Failure drills: the portal as real processes against the sandbox on a scratch database. Nothing imports this."""
