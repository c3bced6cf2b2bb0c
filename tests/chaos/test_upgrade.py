import asyncio
import unittest

from gate import path
from scenario import RATE, Outliving
from traffic import Stream

STREAMS = 8
DOWN, UP = 4_500_000, 500_000
LEAST_CUTS = 3


class Successor(Outliving):
    settings = path(rtt_ms=20, rate=RATE)

    def setUp(self):
        self.cuts = 0
        super().setUp()

    async def hand_over_and_cut(self):
        await asyncio.sleep(1)
        self.deployment.hand_over()
        while True:
            self.gate.cut_all()
            self.cuts += 1
            await asyncio.sleep(1.5)

    def test_running_streams_stay_exact_and_new_ones_find_the_successor(self):
        old = self.deployment.parts["gateway"]
        self.move([Stream(number, UP, DOWN) for number in range(STREAMS)], self.hand_over_and_cut)
        relayed = self.deployment.metric("httvps_gateway_carriers_passed_on_total")
        self.tell(cuts=self.cuts, relayed=relayed)
        self.assertGreaterEqual(self.cuts, LEAST_CUTS)
        self.assertGreaterEqual(relayed, LEAST_CUTS)
        self.assertEqual(old.child.wait(timeout=30), 0)
        self.move([Stream(STREAMS, UP, UP)])
        self.assertGreaterEqual(self.deployment.metric("httvps_gateway_sessions_opened_total"), 1)


if __name__ == "__main__":
    unittest.main()
