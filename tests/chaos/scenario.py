import asyncio
import json
import os

import quiet
from harness import rounds
from support.cases import WithDeployment
from support.deployment import wait_for
from traffic import run_streams, share_below

RATE = 40_000_000
FULL_LENGTH = os.environ.get("HTTVPS_CHAOS_LENGTH") == "full"
TRIES = 3
SHORT_RUN_ALLOWANCE = 1.05


def of_length(short, full):
    return full if FULL_LENGTH else short


def told(text, event):
    marked = f'"event":"{event}"'
    return [json.loads(line) for line in text.splitlines() if marked in line and line.endswith("}")]


def judged_together(tries):
    together = {}
    for each in tries:
        for name, found in each["result"].items():
            together.setdefault(name, []).append(share_below(found, 0.95))
    return {name: min(shares) for name, shares in together.items()}


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
        limit *= of_length(SHORT_RUN_ALLOWANCE, 1)
        tries = []
        for _ in range(TRIES):
            tries.append(quiet.observe(attempt))
            judged = judged_together(rounds.kept(tries))
            if max(judged.values()) <= limit:
                break
        foreign = [round(each["foreign"], 2) for each in tries]
        self.tell(foreign_load=foreign, set_aside=rounds.set_aside(tries))
        self.assertLessEqual(max(judged.values()), limit, f"{judged}, others used {foreign} of the machine")

    def assert_cap_held(self, stats):
        self.assertEqual(stats["refused"], 0)
        self.assertLessEqual(stats["most_live"], 3)
