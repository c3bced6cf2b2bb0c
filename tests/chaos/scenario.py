import asyncio
import json
import os

from support.cases import WithDeployment
from traffic import run_streams

RATE = 40_000_000
FULL_LENGTH = os.environ.get("HTTVPS_CHAOS_LENGTH") == "full"
TRIES = 3


def of_length(short, full):
    return full if FULL_LENGTH else short


class Outliving(WithDeployment):
    words = ()
    settings = {}
    seed = 1

    @classmethod
    def setUpClass(cls):
        cls.through_gate = {"gateway": {"settings": cls.settings, "seed": cls.seed}}
        super().setUpClass()

    def setUp(self):
        self.tunnel = self.client().enrolled().connected(*self.words)
        self.gate = self.deployment.gates["gateway"]

    def move(self, streams, during=None):
        asyncio.run(run_streams(self.tunnel.socks, streams, during))
        failed = [(stream.number, stream.failure) for stream in streams if stream.failure]
        self.assertEqual(failed, [], f"{len(failed)} of {len(streams)} streams failed")
        self.assertTrue(all(stream.exact for stream in streams))
        return streams

    def tell(self, **figures):
        print(json.dumps({"scenario": type(self).__name__, **figures}), flush=True)

    def within_three_tries(self, attempt, limit):
        found = []
        while len(found) < TRIES and (not found or min(found) > limit):
            found.append(attempt())
        self.assertLessEqual(min(found), limit, found)

    def assert_cap_held(self, stats):
        self.assertEqual(stats["refused"], 0)
        self.assertLessEqual(stats["most_live"], 3)
