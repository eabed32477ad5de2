"""A local stand-in for the card processor: Stripe's wire format, a hosted payment page, no real money."""
