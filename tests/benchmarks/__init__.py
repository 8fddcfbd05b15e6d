"""How fast the launcher is, as ratios within one run; no time is ever asserted.

Short by default, as a part of all tests. `KITSU_TEST_BENCHMARKS=long tests/run tests/benchmarks` measures ten times as
often, in about twelve minutes: the numbers of the README come from there.
"""

import os

LONG = os.environ.get("KITSU_TEST_BENCHMARKS") == "long"
