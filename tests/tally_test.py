#!/usr/bin/env python3
"""tally.py counts what really ran: a crash, a skip and a switched-off case must never look like a pass."""
import os
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from tally import tally  # noqa: E402

CASES = {
    "passes": '<testcase classname="A" name="B" status="run" result="completed"/>',
    "fails": '<testcase classname="A" name="B" status="run" result="completed"><failure message="x"/></testcase>',
    "skips": '<testcase classname="A" name="B" status="run" result="skipped"><skipped message="no&#x0A; kernel"/></testcase>',
    "disabled": '<testcase classname="A" name="B" status="notrun" result="suppressed"/>',
}

# what ctest says of the test `a`, what a_test.xml holds (None: the program wrote none), what must be counted
TABLE = [
    ("run", "passes", [("A.B", "passed", "")]),
    ("fail", "fails", [("A.B", "failed", "")]),
    ("run", "skips", [("A.B", "skipped", "no kernel")]),
    ("run", "disabled", [("A.B", "skipped", "disabled")]),
    ("run", None, [("a", "passed", "")]),
    ("fail", None, [("a", "failed", "")]),
    ("notrun", None, [("a", "skipped", "ctest did not run it")]),
    # a leak or a crash after the last case: the cases passed, the program did not
    ("fail", "passes", [("a", "failed", ""), ("A.B", "passed", "")]),
]


class TallyTest(unittest.TestCase):
    def test_table(self):
        for status, case, want in TABLE:
            with self.subTest(ctest=status, case=case):
                folder = tempfile.mkdtemp()
                self.addCleanup(shutil.rmtree, folder)
                ctest = os.path.join(folder, "ctest")
                with open(ctest, "w", encoding="utf-8") as file:
                    file.write(f'<testsuite><testcase name="a" status="{status}"/></testsuite>')
                if case is not None:
                    with open(os.path.join(folder, "a_test.xml"), "w", encoding="utf-8") as file:
                        file.write(f"<testsuites><testsuite>{CASES[case]}</testsuite></testsuites>")
                self.assertEqual(list(tally(ctest, folder)), want)


if __name__ == "__main__":
    unittest.main(verbosity=0)
