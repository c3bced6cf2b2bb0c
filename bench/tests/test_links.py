import unittest

from harness.links import figures_of, measure_links


class Links(unittest.TestCase):
    def test_the_slower_direction_counts(self):
        report = {"ratio_down": {"q1": 0.9, "median": 0.97, "q3": 1.1}, "ratio_up": {"q1": 0.8, "median": 0.91, "q3": 1.0}}
        self.assertEqual(figures_of(report), {"h2_ratio": 0.91, "h2_ratio_q1": 0.8, "h2_ratio_q3": 1.0})

    def test_peers_are_not_measured(self):
        values, reason = measure_links(None, object())
        self.assertEqual(values, {})
        self.assertIn("HTTVPS", reason)


if __name__ == "__main__":
    unittest.main()
