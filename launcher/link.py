"""Started by its path with one link after it, where no bundle has a program for that: `python -I -S link.py URL`.

Neither the search for a module nor site-packages are waited for: a third of a hand-off's time. Whatever Python
variables the program has set in which the link was clicked (Maya, Houdini…), they do not count.
"""

import os
import sys

if __name__ == "__main__":
    # Behind the standard library: this package's neighbours may be all of site-packages.
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from launcher.handoff import main

    sys.exit(main(sys.argv[1:]))
