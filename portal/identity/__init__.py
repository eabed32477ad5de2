"""Who is at the screen: staff sign-ins, second factors, sessions, and what was typed when one ran out."""
