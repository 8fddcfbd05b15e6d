"""The frozen command and daemon. PyInstaller wants a script; the program itself is `launcher/__main__.py`."""

import sys

from launcher.__main__ import main

sys.exit(main())
