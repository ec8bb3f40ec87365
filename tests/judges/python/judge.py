"""Judges a sandbox of QuickBooks Online with python-quickbooks and
intuit-oauth: prints a line an area and one a failure, and fails if there is one.

    python judge.py URL URL_OF_A_THROTTLED_ONE ITS_CONTROL_PAGE [AREA ...]

The areas are the files beside this one; without any, all are judged.
"""

import importlib
import sys

import bench

AREAS = ("connection", "lists", "names", "money", "forms", "settings", "reports", "papers", "feed", "faults", "trouble", "clock", "tokens")


def judged(world, area):
    """Runs every check of an area; gives how many passed, and of how many."""
    importlib.import_module(area)
    checks = [(words, function) for words, function in bench.CHECKS if function.__module__ == area]
    passed = 0
    for words, function in checks:
        try:
            function(world)
            passed += 1
        except Exception as error:
            told = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"python  FAILED  {words} -- {told}")
    print(f"python  {area:<12} {passed} of {len(checks)} checks passed", flush=True)
    return passed, len(checks)


def main(url, throttled, control, *areas):
    """Judges the areas against a world that is made once."""
    world = bench.World(url, throttled, control)
    passed, checks = (sum(part) for part in zip(*(judged(world, area) for area in areas or AREAS)))
    print(f"python  {'all areas':<12} {passed} of {checks} checks passed")
    return 0 if passed == checks else 1


sys.exit(main(*sys.argv[1:]))
