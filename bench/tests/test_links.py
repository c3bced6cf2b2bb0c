import unittest

from harness.links import measure_links, ratio_of


class Links(unittest.TestCase):
    def test_the_slower_direction_counts(self):
        report = {"ratio_down": {"median": 0.97}, "ratio_up": {"median": 0.91}}
        self.assertEqual(ratio_of(report), 0.91)

    def test_peers_are_not_measured(self):
        values, reason = measure_links(None, object())
        self.assertEqual(values, {})
        self.assertIn("HTTVPS", reason)


if __name__ == "__main__":
    unittest.main()
