"""Every assessed cent can be worked out again, and its page tells how."""
