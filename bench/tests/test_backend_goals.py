import unittest

from harness.backend import missing_figures
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

    def test_a_refused_list_fails_the_short_run_and_is_explained_in_a_long_one(self):
        figures = {goal.figure: 1 for goal in GOALS if goal.figure != "list_tickets_p95_ms"}
        measured = {"figures": figures, "reasons": {"list_tickets_p95_ms": "1 of 2 requests were refused"}}
        self.assertEqual(missing_figures(measured, is_test=True), {"list_tickets_p95_ms"})
        self.assertEqual(missing_figures(measured, is_test=False), set())


if __name__ == "__main__":
    unittest.main()
