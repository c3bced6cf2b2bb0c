import asyncio
import time
import unittest

from gate import path
from scenario import RATE, Outliving, of_length
from traffic import Stream, share_below, stalls_of

STREAMS = 20
DOWN, UP = 4_500_000, 500_000
PACE = RATE // 8 // STREAMS
LEAST_CARRIERS = 3


def rounded(stalls):
    return {"p50_ms": round(share_below(stalls, 0.5) * 1000), "p95_ms": round(share_below(stalls, 0.95) * 1000),
            "most_ms": round(max(stalls) * 1000)}


class Cutting(Outliving):
    more = {"GATEWAY_LOG_LEVEL": "debug"}
    rtt_ms = 20
    round_trips = 3
    slack_ms = 150
    least_cuts = 8
    part = 1.0
    pace = 0

    @property
    def limit(self):
        return (self.round_trips * self.rtt_ms + self.slack_ms) / 1000

    def made_streams(self):
        return [Stream(number, int(UP * self.part), int(DOWN * self.part), self.pace, PACE * UP // DOWN)
                for number in range(STREAMS)]

    def move_while_cutting(self, during=None):
        began, before = time.monotonic(), self.closed_streams()
        streams = self.move(self.made_streams(), during)
        took = time.monotonic() - began
        carriers = self.fewest_carriers(before, STREAMS)
        return streams, [cut for cut in self.gate.stats()["cut_times"] if cut > began], carriers, took

    def judged(self, streams, cuts, carriers, took):
        stalls = {"down": stalls_of([stream.moments for stream in streams], cuts),
                  "up": stalls_of([stream.up_moments for stream in streams], cuts)}
        self.tell(rtt_ms=self.rtt_ms, seconds=round(took, 2), cuts=len(cuts), fewest_carriers=carriers,
                  limit_ms=round(self.limit * 1000), **{way: rounded(found) for way, found in stalls.items()})
        self.assertGreaterEqual(len(cuts), self.least_cuts)
        self.assertGreaterEqual(min(carriers.values()), LEAST_CARRIERS)
        return stalls


class CutEachTwoSeconds:
    def run_once(self):
        self.gate.set(cut_every_ms=1900, cut_jitter_ms=200)
        outcome = self.move_while_cutting()
        self.gate.set(cut_every_ms=0, cut_jitter_ms=0)
        return self.judged(*outcome)

    def test_twenty_streams_survive_and_stall_shortly(self):
        self.judge_together(self.run_once, self.limit)


class CutAt20(CutEachTwoSeconds, Cutting):
    words = ("--carriers", "http2", "--log-level", "debug")
    settings = path(rtt_ms=20, rate=RATE)


class CutAt150(CutEachTwoSeconds, Cutting):
    rtt_ms = 150
    words = ("--carriers", "http2", "--log-level", "debug")
    settings = path(rtt_ms=150, rate=RATE)


class CutHttp1At20(CutEachTwoSeconds, Cutting):
    round_trips = 4
    words = ("--carriers", "http1", "--log-level", "debug")
    settings = path(rtt_ms=20, rate=RATE)
    part = of_length(0.5, 1.0)
    least_cuts = of_length(4, 8)


class CutHttp1At150(CutHttp1At20):
    rtt_ms = 150
    settings = path(rtt_ms=150, rate=RATE)


class CutOneOfTwo(Cutting):
    words = ("--log-level", "debug")
    round_trips = 1
    slack_ms = 50
    part = of_length(0.5, 1.0)
    least_cuts = of_length(3, 7)

    def setUp(self):
        self.cuts = []
        super().setUp()

    async def cut_the_busiest(self):
        while True:
            await asyncio.sleep(2)
            live = [each for each in self.gate.stats()["connections"] if each["state"] == "live"]
            if len(live) > 1:
                self.gate.cut(max(live, key=lambda each: each["down"])["id"])
                self.cuts.append(time.monotonic())

    def run_once(self):
        self.cuts = []
        streams, _, carriers, took = self.move_while_cutting(self.cut_the_busiest)
        return self.judged(streams, self.cuts, carriers, took)


class CutOneAt20(CutOneOfTwo):
    settings = path(rtt_ms=20, rate=RATE * 10, queue_ms=5)
    pace = PACE

    def test_streams_hardly_stall_when_one_carrier_survives(self):
        self.judge_together(self.run_once, self.limit)


class CutOneAt150(CutOneAt20):
    rtt_ms = 150
    settings = path(rtt_ms=150, rate=RATE * 10, queue_ms=5)


class CutOneOfAFullLine(CutOneOfTwo):
    settings = path(rtt_ms=20, rate=RATE)
    slack_ms = 100

    def test_streams_on_a_full_line_stall_for_its_queues_when_one_carrier_survives(self):
        self.judge_together(self.run_once, self.limit)


class CutOneOfAFullLineWithAShortQueue(CutOneOfAFullLine):
    settings = path(rtt_ms=20, rate=RATE, queue_ms=5)
    slack_ms = 50
    part = 1.0
    least_cuts = 7


if __name__ == "__main__":
    unittest.main()
