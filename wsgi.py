"""What the server runs: reads the settings, makes the application."""

from portal import create_app, logs
from portal.config import Settings
from portal.training import marks

settings = Settings.from_environment()
logs.configure(settings.log_level)
marks.claim(settings)
app = create_app(settings)
