"""Rules against fraud that say why they point at something."""
