import unittest

from sample_tree import SampleTreeTest

import check_requirements

HEAD = "issue\trequirement\tkind\tname\n"
JUNIT = (
    '<testsuite><testcase name="wire_tests.A.Ran" status="run"/>'
    '<testcase name="wire_tests.A.Failed" status="fail"/>'
    '<testcase name="wire_tests.A.Off" status="disabled"/></testsuite>'
)


class CheckRequirementsTest(SampleTreeTest):
    def problems_of(self, rows):
        self.write("tests/requirements.tsv", HEAD + rows)
        self.write("Makefile", ".PHONY: demo\ndemo up:\n\ttrue\n")
        return check_requirements.find_problems(self.root, self.write("junit.xml", JUNIT))

    def test_tests_that_ran_and_real_commands_pass(self):
        rows = "2\tone\ttest\twire_tests.A.Ran\n2\ttwo\ttest\twire_tests.*.Ran\n2\tthree\tcommand\tmake up\n"
        self.assertEqual(self.problems_of(rows), [])

    def test_a_test_that_did_not_run_is_found(self):
        for name in ("wire_tests.A.Gone", "wire_tests.A.Failed", "wire_tests.A.Off"):
            with self.subTest(name=name):
                self.assert_names(self.problems_of(f"2\tone\ttest\t{name}\n"), name)

    def test_a_command_that_is_not_there_is_found(self):
        self.assert_names(self.problems_of("2\tone\tcommand\tmake nothing\n"), "no such command")

    def test_a_broken_row_is_found(self):
        self.assert_names(self.problems_of("2\tone\ttest\twire_tests.A.Ran\n2\tone\n"), "filled cells")

    def test_an_empty_table_is_found(self):
        self.assert_names(self.problems_of(""), "no requirement")

    def test_a_missing_report_is_found(self):
        self.write("tests/requirements.tsv", HEAD)
        self.assert_names(check_requirements.find_problems(self.root, self.root / "none.xml"), "is missing")


if __name__ == "__main__":
    unittest.main()
