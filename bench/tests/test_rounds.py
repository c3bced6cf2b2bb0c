import unittest

from harness import rounds


def sample(foreign, wall=2.0):
    return {"foreign": foreign, "wall": wall}


class Quartiles(unittest.TestCase):
    def test_are_absent_without_values(self):
        self.assertIsNone(rounds.quartiles([]))

    def test_of_one_value_are_that_value(self):
        self.assertEqual(rounds.quartiles([4]), (4, 4, 4))

    def test_do_not_depend_on_order(self):
        self.assertEqual(rounds.quartiles([5, 1, 4, 2, 3]), (2, 3, 4))

    def test_include_both_ends(self):
        self.assertEqual(rounds.quartiles([1, 2]), (1.25, 1.5, 1.75))


class NoisyRounds(unittest.TestCase):
    def test_are_set_aside_above_fifteen_percent(self):
        quiet, edge, noisy = sample(0.02), sample(0.15), sample(0.1501)
        self.assertEqual(rounds.kept([quiet, edge, noisy]), [quiet, edge])
        self.assertEqual(rounds.set_aside([quiet, edge, noisy]), 1)
        self.assertFalse(rounds.only_noisy([quiet, noisy]))

    def test_leave_the_quietest_when_nothing_else_is_there(self):
        loud, less_loud = sample(0.6), sample(0.3)
        self.assertEqual(rounds.kept([loud, less_loud]), [less_loud])
        self.assertTrue(rounds.only_noisy([loud, less_loud]))

    def test_cannot_be_told_in_a_very_short_run(self):
        self.assertTrue(rounds.is_quiet(sample(0.9, wall=0.1)))

    def test_of_nothing_are_nothing(self):
        self.assertEqual(rounds.kept([]), [])
        self.assertFalse(rounds.only_noisy([]))


class Ratio(unittest.TestCase):
    def test_is_the_median_over_shared_rounds(self):
        ours = [(0, 20.0), (1, 30.0), (2, 90.0), (7, 1.0)]
        theirs = [(0, 10.0), (1, 10.0), (2, 10.0), (8, 1000.0)]
        self.assertEqual(rounds.ratio(ours, theirs), 3.0)

    def test_falls_back_to_medians_without_shared_rounds(self):
        self.assertEqual(rounds.ratio([(0, 8.0), (1, 10.0)], [(2, 3.0)]), 3.0)

    def test_is_absent_when_a_side_was_not_measured(self):
        self.assertIsNone(rounds.ratio([], [(0, 1.0)]))
        self.assertIsNone(rounds.ratio([(0, 1.0)], []))
        self.assertIsNone(rounds.ratio([(0, 1.0)], [(0, 0.0)]))
        self.assertIsNone(rounds.ratio([(0, None)], [(0, 2.0)]))


class Slope(unittest.TestCase):
    def test_leaves_the_resting_size_out(self):
        self.assertEqual(rounds.slope([(1000, 50_000), (5000, 250_000)]), 50)

    def test_is_absent_between_equal_levels(self):
        self.assertIsNone(rounds.slope([(5, 1), (5, 2)]))


class ForeignShare(unittest.TestCase):
    def test_is_what_others_used_of_all_cores(self):
        self.assertAlmostEqual(rounds.foreign_share(3.0, 2.0, 2.0, 2), 0.25)

    def test_is_never_negative(self):
        self.assertEqual(rounds.foreign_share(1.0, 1.1, 1.0, 2), 0.0)
        self.assertEqual(rounds.foreign_share(1.0, 0.0, 0.0, 2), 0.0)


class Order(unittest.TestCase):
    def test_is_reversed_every_time(self):
        self.assertEqual(rounds.order_of(0, ["a", "b", "c"]), ["a", "b", "c"])
        self.assertEqual(rounds.order_of(1, ["a", "b", "c"]), ["c", "b", "a"])
        self.assertEqual(rounds.order_of(2, ["a", "b", "c"]), ["a", "b", "c"])


if __name__ == "__main__":
    unittest.main()
