import time
import unittest

from harness.samples import Samples
from harness.schedule import Plan, run_all, run_rounds
from harness.workload import Bench


class FakeChain:
    proxy = "none"
    note = ""

    def __init__(self, name, seen, seconds=0.0):
        self.name = name
        self.seen = seen
        self.seconds = seconds

    def supports(self, metric):
        return metric == "down8"

    def measure(self, _bench, metric):
        self.seen.append(self.name)
        time.sleep(self.seconds)
        return {"wall": 1.0, "foreign": 0.0, "failed": 0, "cpu": {}, "result": {"mibps": 5.0},
                "values": {f"{metric}_mibps": 5.0}}


def plan(rounds_wanted, seconds, told):
    return Plan(rounds_wanted, [], time.monotonic() + seconds, told.append)


class Rounds(unittest.TestCase):
    def setUp(self):
        self.seen, self.told = [], []

    def bench(self, seconds=0.0):
        return Bench(None, None, [FakeChain(name, self.seen, seconds) for name in ("a", "b")])

    def test_are_interleaved_and_turned_round(self):
        samples = Samples()
        run_all(self.bench(), plan(3, 60, self.told), samples)
        self.assertEqual(self.seen, ["a", "b", "b", "a", "a", "b"])
        self.assertEqual(len(samples.pairs("a", "down8_mibps")), 3)

    def test_end_before_the_time_limit(self):
        run_rounds(self.bench(seconds=0.05), plan(50, 0.45, self.told), Samples())
        self.assertLess(len(self.seen), 20)
        self.assertIn("time limit", self.told[-1])

    def test_run_at_least_once(self):
        run_rounds(self.bench(), plan(2, -1, self.told), Samples())
        self.assertEqual(self.seen, ["a", "b"])


if __name__ == "__main__":
    unittest.main()
