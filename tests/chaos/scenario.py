import asyncio
import json
import os

from support.cases import WithDeployment
from support.deployment import wait_for
from traffic import run_streams, share_below

RATE = 40_000_000
FULL_LENGTH = os.environ.get("HTTVPS_CHAOS_LENGTH") == "full"
TRIES = 3


def of_length(short, full):
    return full if FULL_LENGTH else short


def told(text, event):
    marked = f'"event":"{event}"'
    return [json.loads(line) for line in text.splitlines() if marked in line and line.endswith("}")]


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

    def closed_streams(self):
        return {"client": told(self.tunnel.said(), "stream_closed"),
                "gateway": told(self.deployment.written("gateway"), "stream_closed")}

    def fewest_carriers(self, before, count):
        def all_closed():
            fresh = {side: lines[len(before[side]):] for side, lines in self.closed_streams().items()}
            return fresh if all(len(lines) >= count for lines in fresh.values()) else None

        fresh = wait_for(all_closed, "each stream says at its end over how many carriers it went")
        return {side: min(line["carriers"] for line in lines) for side, lines in fresh.items()}

    def judge_together(self, attempt, limit):
        together = {}
        for _ in range(TRIES):
            for name, found in attempt().items():
                together.setdefault(name, []).extend(found)
            judged = {name: share_below(found, 0.95) for name, found in together.items()}
            if max(judged.values()) <= limit:
                break
        self.assertLessEqual(max(judged.values()), limit, judged)

    def assert_cap_held(self, stats):
        self.assertEqual(stats["refused"], 0)
        self.assertLessEqual(stats["most_live"], 3)
