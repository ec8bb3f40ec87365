"""Judges a sandbox of QuickBooks Online with python-quickbooks and
intuit-oauth: prints a line a check and fails if a check failed.

    python judge.py URL URL_OF_A_THROTTLED_ONE
"""

import sys
import traceback

import bench
import connection
import faults
import feed
import lists
import money
import names

AREAS = (connection, lists, names, money, feed, faults)


def main():
    """Runs every check against a world that is made once."""
    world = bench.World(*sys.argv[1:3])
    failed = 0
    for words, function in bench.CHECKS:
        try:
            function(world)
            print(f"python  ok      {words}", flush=True)
        except Exception as error:
            failed += 1
            told = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"python  FAILED  {words} -- {told}", flush=True)
            if "--trace" in sys.argv:
                traceback.print_exc()
    print(f"python  {len(bench.CHECKS) - failed} of {len(bench.CHECKS)} checks passed")
    return 1 if failed else 0


sys.exit(main())
