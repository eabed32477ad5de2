"""Every cent that we assessed, worked out again from its rule, its inputs and its authority."""
