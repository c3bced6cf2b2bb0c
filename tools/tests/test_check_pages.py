import unittest

from sample_tree import SampleTreeTest

import check_changelog
import check_environment
import check_errors
import check_links
import check_metrics
import check_names

SOURCE = """constexpr error_entry entries[] = {
    {static_cast<int>(errc::one), "one", "First {}."},
    {static_cast<int>(errc::two), "two",
     "Second."},
    entry(errc::three, "three", "Third."),
};

const error_table table("wire", entries);
"""
PAGE = "# Errors\n\n## wire\n\n| Label | Meaning |\n|---|---|\n| `one` | x |\n| `two` | x |\n| `three` | x |\n"


class CheckErrorsTest(SampleTreeTest):
    def test_equal_sets_pass(self):
        self.write("lib/wire/src/error.cpp", SOURCE)
        self.write("docs/errors.md", PAGE)
        self.assertEqual(check_errors.find_problems(self.root), [])

    def test_a_missing_row_is_found(self):
        self.write("lib/wire/src/error.cpp", SOURCE)
        self.write("docs/errors.md", PAGE.replace("| `two` | x |\n", ""))
        self.assert_names(check_errors.find_problems(self.root), "wire.two")

    def test_a_dead_row_is_found(self):
        self.write("lib/wire/src/error.cpp", SOURCE)
        self.write("docs/errors.md", PAGE + "| `four` | x |\n")
        self.assert_names(check_errors.find_problems(self.root), "wire.four")

    def test_a_table_in_another_form_is_found(self):
        self.write("lib/wire/src/error.cpp", SOURCE.replace('"wire"', "name"))
        self.write("docs/errors.md", "# Errors\n")
        self.assert_names(check_errors.find_problems(self.root), "cannot read")


class CheckChangelogTest(SampleTreeTest):
    def problems_of(self, text):
        self.write("docs/CHANGELOG.md", text)
        return check_changelog.find_problems(self.root)

    def test_a_filled_section_passes(self):
        self.assertEqual(self.problems_of("# Changes\n\n## Unreleased\n\n### Added\n\n- One.\n"), [])

    def test_a_missing_section_is_found(self):
        self.assert_names(self.problems_of("# Changes\n"), "no section")

    def test_an_empty_section_is_found(self):
        self.assert_names(self.problems_of("# Changes\n\n## Unreleased\n\n## 0.1.0\n\n### Added\n\n- One.\n"), "empty")

    def test_a_foreign_heading_is_found(self):
        self.assert_names(self.problems_of("## Unreleased\n\n### Chores\n\n- One.\n"), "Chores")

    def test_a_line_that_says_nothing_is_found(self):
        self.assert_names(self.problems_of("## Unreleased\n\n### Fixed\n\n- Various things.\n"), "says nothing")


class CheckLinksTest(SampleTreeTest):
    def test_a_dead_link_is_found_and_live_ones_pass(self):
        self.write("docs/a.md", "[b](b.md#part) [c](https://example.com/) [d](missing.md)\n```\n[x](no)\n```\n")
        self.write("docs/b.md", "# b\n")
        self.assert_names(check_links.find_problems(self.root), "missing.md")


class CheckEnvironmentTest(SampleTreeTest):
    def test_an_undocumented_key_is_found(self):
        self.write(".env.example", "BACKEND_LISTEN=a\nGATEWAY_LISTEN=b\nnonsense\n")
        self.write("docs/config.md", "| x | `BACKEND_LISTEN` |\n")
        self.assert_names(check_environment.find_problems(self.root), "GATEWAY_LISTEN", "not KEY=value")


class CheckMetricsTest(SampleTreeTest):
    def test_missing_dead_and_changed_rows_are_found(self):
        self.write("gateway/metrics/src/a.cpp", 'add({"httvps_a_total", "Text of "\n"a."});\nadd({"httvps_b", "B."});\n')
        self.write("docs/metrics.md", "| `httvps_a_total` | Text of a. |\n| `httvps_c` | C. |\n")
        self.assert_names(check_metrics.find_problems(self.root), "httvps_b has no row", "httvps_c is not")
        self.write("gateway/metrics/src/b.cpp", 'name = kind ? "httvps_gateway_x_total" : other;\n')
        self.assertTrue(any("httvps_gateway_x_total" in each for each in check_metrics.find_problems(self.root)))
        (self.root / "gateway/metrics/src/b.cpp").unlink()
        self.write("docs/metrics.md", "| `httvps_a_total` | Other. |\n| `httvps_b` | B. |\n")
        self.assert_names(check_metrics.find_problems(self.root), "the program says")


class CheckNamesTest(SampleTreeTest):
    def test_each_rule_finds_its_sample(self):
        for sample in ("see /wo" + "rk/main", "deb.debi" + "an.org", "a NOLI" + "NT b", "a TO" + "DO b"):
            with self.subTest(sample=sample):
                self.write("a.md", sample + "\n")
                self.assertEqual(len(check_names.find_problems(self.root)), 1)

    def test_ordinary_text_passes(self):
        self.write("a.md", "a homework/essay, a network/stack\n")
        self.assertEqual(check_names.find_problems(self.root), [])


if __name__ == "__main__":
    unittest.main()
