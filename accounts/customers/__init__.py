"""People and businesses that owe or hold something, and how to reach them."""
