"""``python -m demo``: the whole portal with a city of made-up people, on this machine."""

import sys

from demo.supervisor import main

sys.exit(main())
