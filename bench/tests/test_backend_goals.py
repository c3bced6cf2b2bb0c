import unittest

from harness.backend_goals import GOALS, judge


def verdicts(figures):
    return {row["figure"]: row["verdict"] for row in judge({"figures": figures, "reasons": {}})}


class BackendGoals(unittest.TestCase):
    def test_a_figure_at_its_limit_is_reached(self):
        found = verdicts({goal.figure: goal.limit for goal in GOALS})
        self.assertEqual(set(found.values()), {"reached"})

    def test_a_figure_beyond_its_limit_is_not_reached(self):
        found = verdicts({goal.figure: goal.limit * (0.9 if goal.at_least else 1.1) for goal in GOALS})
        self.assertEqual(set(found.values()), {"not reached"})

    def test_an_absent_figure_is_not_measured(self):
        self.assertEqual(set(verdicts({}).values()), {"not measured"})


if __name__ == "__main__":
    unittest.main()
