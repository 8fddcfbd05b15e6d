"""The frozen command and daemon. PyInstaller wants a script; the program itself is `launcher/__main__.py`."""

import sys

from launcher.__main__ import main

if sys.platform == "win32":
    from launcher.system.windows import console

    console.attach()
    console.keep_libraries_apart()

sys.exit(main())
