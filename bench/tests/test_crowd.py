import argparse
import unittest

from harness.crowd import PAGE_BYTES, shares, shortfalls

OPTIONS = argparse.Namespace(idle=100, active=10, seconds=5)
WHOLE = {"idle_sessions": 100, "active_sessions": 10, "fetching_sessions": 10, "fetches": 50, "fetch_failures": 0,
         "fetched_bytes": 50 * PAGE_BYTES}


class Crowd(unittest.TestCase):
    def test_sessions_are_spread_evenly_and_none_is_left_out(self):
        self.assertEqual(shares(10000, 4), [2500] * 4)
        self.assertEqual(shares(10, 4), [3, 3, 2, 2])

    def test_a_whole_crowd_has_no_shortfall(self):
        self.assertEqual(shortfalls(OPTIONS, WHOLE), [])

    def test_each_loss_is_named(self):
        for change, sentence in (({"idle_sessions": 99}, "idle sessions were lost"),
                                 ({"fetching_sessions": 9}, "active sessions were lost"),
                                 ({"fetch_failures": 1}, "pages failed"),
                                 ({"fetches": 44}, "pages came too slowly"),
                                 ({"fetched_bytes": 50 * PAGE_BYTES - 1}, "pages were cut")):
            self.assertEqual(shortfalls(OPTIONS, WHOLE | change), [sentence])


if __name__ == "__main__":
    unittest.main()
