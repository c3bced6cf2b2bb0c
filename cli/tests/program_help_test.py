import subprocess
import sys
import unittest
from pathlib import Path

PROGRAM = sys.argv.pop(1)
PAGE = Path(sys.argv.pop(1)) / "docs" / "06-httvps-cli.md"
WORDS = [[], ["enrol"], ["connect"], ["status"], ["account"], ["regions"], ["devices"], ["devices", "revoke"]]


def run(*words, stdin=""):
    return subprocess.run([PROGRAM, *words], input=stdin, capture_output=True, text=True, timeout=20, check=False)


class Program(unittest.TestCase):
    def test_every_help_text_is_in_its_page(self):
        page = PAGE.read_text(encoding="utf-8")
        for words in WORDS:
            outcome = run(*words, "--help")
            self.assertEqual(outcome.returncode, 0)
            self.assertIn(f"```text\n{outcome.stdout.rstrip()}\n```", page)

    def test_version_is_printed(self):
        outcome = run("--version")
        self.assertEqual(outcome.returncode, 0)
        self.assertRegex(outcome.stdout, r"^httvps \d+\.\d+\.\d+\n$")

    def test_wrong_words_end_with_two(self):
        for words in ([], ["dance"], ["enrol"], ["connect", "--speed", "9"]):
            self.assertEqual(run(*words).returncode, 2, words)

    def test_number_of_connections_out_of_range_is_named(self):
        for count in ("0", "7", "-1", "3x", "99999999999999999999"):
            outcome = run("connect", f"--max-carriers={count}", "--state", "/nonexistent/httvps")
            self.assertEqual(outcome.returncode, 2, count)
            self.assertIn("(carriers_out_of_range)", outcome.stderr)
            self.assertEqual(len(outcome.stderr.splitlines()), 1, outcome.stderr)
        for count in ("1", "6"):
            self.assertEqual(run("connect", "--max-carriers", count, "--state", "/nonexistent/httvps").returncode, 3)

    def test_not_enrolled_ends_with_three_and_says_what_to_do(self):
        outcome = run("connect", "--state", "/nonexistent/httvps")
        self.assertEqual(outcome.returncode, 3)
        self.assertIn("httvps enrol -", outcome.stderr)

    def test_broken_link_ends_with_two_and_does_not_come_back_in_the_message(self):
        outcome = run("enrol", "-", "--state", "/nonexistent/httvps", stdin="httvps://secret-part\n")
        self.assertEqual(outcome.returncode, 2)
        self.assertNotIn("secret-part", outcome.stdout + outcome.stderr)

    def test_missing_link_ends_with_two(self):
        self.assertEqual(run("enrol", "-", "--state", "/nonexistent/httvps").returncode, 2)

    def test_status_without_a_client_ends_with_eight(self):
        self.assertEqual(run("status", "--state", "/nonexistent/httvps").returncode, 8)


if __name__ == "__main__":
    unittest.main()
