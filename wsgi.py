"""What the server runs: reads the settings, makes the application."""

from portal import create_app, logs
from portal.config import Settings

settings = Settings.from_environment()
logs.configure(settings.log_level)
app = create_app(settings)
