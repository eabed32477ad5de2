"""An attempt to pay by card: intent stored first, then the call, then the outcome. Its only poster is ``settle``."""
