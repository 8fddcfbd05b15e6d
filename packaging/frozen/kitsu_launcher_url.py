"""The frozen hand-off: what the desktop starts for each link. It imports next to nothing."""

import sys

from launcher.handoff import main

sys.exit(main(sys.argv[1:]))
