"""Money that other departments bring to the window, with the sheet it comes on."""
