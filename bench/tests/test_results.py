import unittest

from harness import results, table
from harness.samples import Samples, flatten, nest
from harness.targets import GOALS, MedianOf, RatioOf, Target


def taken(values, foreign=0.0, failed=0):
    return {"values": values, "wall": 2.0, "foreign": foreign, "failed": failed, "cpu": {}, "result": {}}


def filled():
    samples = Samples()
    for number, (ours, theirs) in enumerate([(30, 20), (33, 20), (10, 20)]):
        noise = 0.5 if number == 2 else 0.01
        samples.add("ours", "down8", number,
                    taken({"down8_mibps": ours, "cpu_s_per_gib": {"gateway": 2.0}}, noise))
        samples.add("theirs", "down8", number, taken({"down8_mibps": theirs}))
    samples.add_once("ours", "idle_sessions", {}, "no program for it")
    samples.add_once("ours", "rest", {"rss_rest_mib": 9.5}, None)
    return samples


class Names(unittest.TestCase):
    def test_of_nested_values_survive_flattening(self):
        values = {"a": 1, "b": {"c": 2, "d": {"e": 3}}}
        self.assertEqual(flatten(values), {"a": 1, "b.c": 2, "b.d.e": 3})
        self.assertEqual(nest(flatten(values)), values)


class Summary(unittest.TestCase):
    def setUp(self):
        self.summary = results.summary_of(filled(), "ours", "note")

    def test_takes_medians_of_quiet_rounds(self):
        self.assertEqual(self.summary["down8_mibps"], 31.5)
        self.assertEqual(self.summary["quartiles"]["down8_mibps"], [30.75, 32.25])
        self.assertEqual(self.summary["cpu_s_per_gib"], {"gateway": 2.0})
        self.assertEqual(self.summary["rounds"], 2)
        self.assertEqual(self.summary["set_aside"]["down8"], 1)

    def test_names_the_reason_of_an_absent_figure(self):
        self.assertNotIn("rss_kib_per_idle_session", self.summary)
        self.assertEqual(self.summary["not_measured"], {"idle_sessions": "no program for it"})

    def test_keeps_figures_taken_once(self):
        self.assertEqual(self.summary["rss_rest_mib"], 9.5)


class Verdict(unittest.TestCase):
    def test_compares_in_the_named_direction(self):
        faster = Target("speed", RatioOf("down8_mibps", "ours", "theirs"), 1.25, at_least=True)
        smaller = Target("size", MedianOf("rss_rest_mib", "ours"), 9)
        self.assertEqual(faster.judge(filled())["verdict"], "reached")
        self.assertEqual(smaller.judge(filled())["verdict"], "not reached")

    def test_says_when_only_noisy_measurements_stand_behind_it(self):
        samples = Samples()
        samples.add("ours", "down8", 0, taken({"down8_mibps": 30}, foreign=0.4))
        samples.add("theirs", "down8", 0, taken({"down8_mibps": 10}))
        target = Target("speed", RatioOf("down8_mibps", "ours", "theirs"), 1.25, at_least=True)
        self.assertEqual(target.judge(samples)["verdict"], "reached, but only on a noisy machine")

    def test_is_not_given_without_a_measurement(self):
        for target in GOALS:
            row = target.judge(Samples())
            self.assertEqual((row["value"], row["verdict"]), (None, "not measured"))


class Table(unittest.TestCase):
    def test_shows_a_dash_for_what_was_not_measured(self):
        lines = table.figures(filled(), ["ours", "theirs"])
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[1], r"^ours\s+32\s+-")

    def test_compares_aes_chains_with_aes_chains(self):
        self.assertEqual(table.base_for("httvps-aes", "p5"), "p5-aes")
        self.assertEqual(table.base_for("httvps-chacha", "bound"), "bound-chacha")
        self.assertEqual(table.base_for("p5c", "p5-mux"), "p5-mux")


if __name__ == "__main__":
    unittest.main()
