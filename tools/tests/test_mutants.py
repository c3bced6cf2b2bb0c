import contextlib
import io
import subprocess
import sys
import time
from pathlib import Path

from sample_tree import SampleTreeTest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "mutants"))

import faults
import workshop

HEAD = "\t".join(faults.COLUMNS) + "\n"
ROW = "\t".join(["one.fault", "a.cpp", "return 1;", "return 2;", "a_tests", "*"]) + "\n"
SAMPLE = "int one() {\n  return 1;\n}\n"


class Sample(workshop.Workshop):
    def __init__(self, source, program):
        super().__init__(0)
        self.source = source
        self.written = program

    def build_command(self, targets):
        return ["sh", "-c", "! grep -q broken a.cpp"]

    def program(self, target):
        path = self.source / "program"
        path.write_text("#!/bin/sh\n" + self.written, encoding="utf-8")
        path.chmod(0o755)
        return path


class FaultsTest(SampleTreeTest):
    def rows(self, text):
        return faults.read_faults(self.write("mutants.tsv", HEAD + text))

    def refused(self, text):
        with self.assertRaises(SystemExit) as refusal, contextlib.redirect_stderr(io.StringIO()):
            self.rows(text)
        return str(refusal.exception)

    def test_a_fault_takes_the_place_of_its_line_and_keeps_the_indent(self):
        fault = self.rows(ROW)[0]
        self.assertEqual(faults.planted(SAMPLE, fault), "int one() {\n  return 2;\n}\n")

    def test_a_line_that_is_gone_or_there_twice_is_a_problem(self):
        fault = self.rows(ROW)[0]
        for text in ("int one() {\n}\n", SAMPLE + SAMPLE, "  return 1; \\\n return 1;\n  return 1;\n"):
            self.write("a.cpp", text)
            self.assertIn("exactly once", faults.source_problems([fault], self.root)[0])
        (self.root / "a.cpp").unlink()
        self.assertIn("not there", faults.source_problems([fault], self.root)[0])

    def test_a_fault_that_changes_nothing_is_a_problem(self):
        self.write("a.cpp", SAMPLE)
        same = self.rows(ROW.replace("return 2;", "return 1;"))
        self.assertEqual(len(faults.source_problems(same, self.root)), 1)

    def test_names_used_twice_and_broken_rows_are_refused(self):
        self.assertIn("one.fault", self.refused(ROW + ROW))
        self.assertIn("unreadable", self.refused("one\ttwo\n"))

    def test_faults_are_chosen_by_the_beginning_of_their_name(self):
        every = self.rows(ROW + ROW.replace("one.fault", "two.fault"))
        self.assertEqual([fault.id for fault in faults.chosen_faults(every, ["two"])], ["two.fault"])
        self.assertEqual(len(faults.chosen_faults(every, [])), 2)


class WorkshopTest(SampleTreeTest):
    def verdict(self, program, new="return 2;"):
        self.write("a.cpp", SAMPLE)
        fault = faults.Fault("one.fault", "a.cpp", "return 1;", new, "a_tests", "*")
        found = Sample(self.root, program).try_fault(fault)
        self.assertEqual((self.root / "a.cpp").read_text(encoding="utf-8"), SAMPLE)
        return found

    def test_a_failing_test_kills_and_is_named(self):
        found = self.verdict('echo "[ RUN      ] A.B"; echo "[  FAILED  ] A.B (3 ms)"; exit 1')
        self.assertEqual((found.state, found.caught_by), ("killed", "A.B"))

    def test_an_abort_kills_and_names_the_test_that_ran(self):
        found = self.verdict('echo "[ RUN      ] A.B"; kill -6 $$')
        self.assertEqual((found.state, found.caught_by), ("killed", "A.B (abort)"))

    def test_passing_tests_mean_that_the_fault_survives(self):
        self.assertEqual(self.verdict("exit 0").state, "SURVIVED")

    def test_a_fault_that_does_not_compile_is_no_kill(self):
        self.assertEqual(self.verdict("exit 1", new="broken").state, "not building")

    def test_a_filter_without_tests_is_no_kill(self):
        self.assertEqual(self.verdict('echo "[==========] Running 0 tests from 0"; exit 1').state, "not tested")

    def test_a_program_without_an_end_is_ended_with_its_children(self):
        self.addCleanup(setattr, workshop, "TEST_SECONDS", workshop.TEST_SECONDS)
        workshop.TEST_SECONDS = 1
        found = self.verdict('echo "[ RUN      ] A.B"; sleep 300 & echo $! > child; wait')
        self.assertEqual((found.state, found.caught_by), ("killed", "A.B (no end)"))
        child = (self.root / "child").read_text(encoding="utf-8").strip()
        limit = time.monotonic() + 5
        while self.is_running(child) and time.monotonic() < limit:
            time.sleep(0.05)
        self.assertFalse(self.is_running(child))

    def is_running(self, number):
        shown = subprocess.run(["ps", "-o", "stat=", "-p", number], capture_output=True, text=True, check=False)
        return bool(shown.stdout.strip()) and not shown.stdout.startswith("Z")
