"""Judges a sandbox of QuickBooks Online with python-quickbooks and
intuit-oauth: prints a line a check and fails if a check failed.

    python judge.py URL URL_OF_A_THROTTLED_ONE [AREA ...]

The areas are the files beside this one; without any, all are judged.
"""

import importlib
import sys

import bench

AREAS = ("connection", "lists", "names", "money", "forms", "feed", "faults")


def main(url, throttled, *areas):
    """Runs every check of the areas against a world that is made once."""
    for area in areas or AREAS:
        importlib.import_module(area)
    world = bench.World(url, throttled)
    failed = 0
    for words, function in bench.CHECKS:
        try:
            function(world)
            print(f"python  ok      {words}", flush=True)
        except Exception as error:
            failed += 1
            told = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"python  FAILED  {words} -- {told}", flush=True)
    print(f"python  {len(bench.CHECKS) - failed} of {len(bench.CHECKS)} checks passed")
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
