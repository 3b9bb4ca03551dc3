#!/usr/bin/env python3
"""Counts what ctest and the GoogleTest programs report. usage: tally.py CTEST.xml GTEST_FOLDER

Prints `passed N`, then `failed NAME` and `skipped NAME reason` lines. A GoogleTest program counts by its cases; any
other test, and a program that failed without naming a case (it crashed, or hung), counts as one.
"""
import glob
import os
import sys
import xml.etree.ElementTree as xml


def gtest_cases(folder):
    """{program: [(case, state, reason)]}, state passed, failed or skipped."""
    programs = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.xml"))):
        program = os.path.basename(path)[:-len(".xml")]
        cases = programs.setdefault(program, [])
        for case in xml.parse(path).getroot().iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}".replace(" ", "_")
            if case.find("failure") is not None:
                cases.append((name, "failed", ""))
            elif case.get("status") == "notrun" or case.get("result") in ("skipped", "suppressed"):
                mark = case.find("skipped")
                reason = "disabled" if mark is None else mark.get("message", "") or "no reason given"
                cases.append((name, "skipped", " ".join(reason.split())))
            else:
                cases.append((name, "passed", ""))
    return programs


def tally(ctest_path, folder):
    programs = gtest_cases(folder)
    for test in xml.parse(ctest_path).getroot().iter("testcase"):
        name = test.get("name")
        cases = programs.get(f"{name}_test", [])
        state = {"run": "passed", "fail": "failed"}.get(test.get("status"), "skipped")
        if state == "failed" and not any(c[1] == "failed" for c in cases):
            yield name, "failed", ""
        elif not cases:
            yield name, state, "ctest did not run it" if state == "skipped" else ""
        yield from cases


def main():
    results = list(tally(sys.argv[1], sys.argv[2]))
    print("passed", sum(1 for r in results if r[1] == "passed"))
    for name, state, reason in results:
        if state != "passed":
            print(state, name, reason)


if __name__ == "__main__":
    main()
