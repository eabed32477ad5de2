"""``python -m portal.cli``: the command line without an installed launcher."""

import sys

from portal.cli import main

sys.exit(main())
