"""A payment, or one tender of it, taken back: a void at the drawer, a reversing entry later, a check returned."""
