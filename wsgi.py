"""What the server runs: reads the settings, makes the application."""

from portal import create_app
from portal.config import Settings

app = create_app(Settings.from_environment())
