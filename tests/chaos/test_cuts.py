import asyncio
import os
import time
import unittest

from gate import path
from scenario import RATE, Outliving, of_length
from support import socks
from traffic import Stream, share_below, stalls_of

STREAMS = 20
DOWN, UP = 4_500_000, 500_000
LEAST_BYTES = 100_000
LEAST_CARRIERS = 3
MOST_CARRIERS_AT_ONCE = 2
BEFORE_WELCOME, INSIDE_HELLO, WHILE_RESUMING, MID_FRAME = 400, 1200, 900, 100_001


def carriers_of(stream, connections):
    used = 0
    for each in connections:
        until = each["began"] + each["age_s"]
        inside = any(each["began"] <= moment <= until for moment in stream.moments)
        used += inside and each["down"] >= LEAST_BYTES
    return used


class Cutting(Outliving):
    rtt_ms = 20
    round_trips = 3
    slack_ms = 150
    least_cuts = 8
    part = 1.0
    pace = 0

    @property
    def limit(self):
        return (self.round_trips * self.rtt_ms + self.slack_ms) / 1000

    def move_while_cutting(self, during=None):
        began = time.monotonic()
        streams = [Stream(number, int(UP * self.part), int(DOWN * self.part), self.pace) for number in range(STREAMS)]
        self.move(streams, during)
        stats = self.gate.stats()
        return streams, [cut for cut in stats["cut_times"] if cut > began], stats, time.monotonic() - began

    def judged(self, streams, cuts, stats, took):
        stalls = stalls_of(streams, cuts)
        carriers = min(carriers_of(stream, stats["connections"]) for stream in streams)
        slowest = share_below(stalls, 0.95)
        self.tell(rtt_ms=self.rtt_ms, seconds=round(took, 2), cuts=len(cuts), stalls=len(stalls),
                  fewest_carriers=carriers, p50_ms=round(share_below(stalls, 0.5) * 1000),
                  p95_ms=round(slowest * 1000), most_ms=round(max(stalls) * 1000), limit_ms=round(self.limit * 1000))
        self.assertGreaterEqual(len(cuts), self.least_cuts)
        self.assertGreaterEqual(carriers, LEAST_CARRIERS)
        return slowest


class CutEachTwoSeconds:
    def run_once(self):
        self.gate.set(cut_every_ms=1900, cut_jitter_ms=200)
        outcome = self.move_while_cutting()
        self.gate.set(cut_every_ms=0, cut_jitter_ms=0)
        return self.judged(*outcome)

    def test_twenty_streams_survive_and_stall_shortly(self):
        self.within_three_tries(self.run_once, self.limit)


class CutAt20(CutEachTwoSeconds, Cutting):
    words = ("--carriers", "http2")
    settings = path(rtt_ms=20, rate=RATE)


class Shorter(CutEachTwoSeconds):
    part = of_length(0.5, 1.0)
    least_cuts = of_length(4, 8)


class CutAt150(Shorter, Cutting):
    rtt_ms = 150
    words = ("--carriers", "http2")
    settings = path(rtt_ms=150, rate=RATE)


class CutHttp1At20(Shorter, Cutting):
    round_trips = 4
    words = ("--carriers", "http1")
    settings = path(rtt_ms=20, rate=RATE)


class CutHttp1At150(Shorter, Cutting):
    rtt_ms = 150
    round_trips = 4
    words = ("--carriers", "http1")
    settings = path(rtt_ms=150, rate=RATE)


class CutOneOfTwo(Cutting):
    round_trips = 1
    slack_ms = 50

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
        streams, _, stats, took = self.move_while_cutting(self.cut_the_busiest)
        return self.judged(streams, self.cuts, stats, took)


class Phases(Outliving):
    settings = path(rtt_ms=60, rate=RATE * 5)
    words = ("--carriers", "http2")

    def cut_within(self, limits, connection):
        (name, size), = limits.items()
        way = name.removeprefix("cut_after_")
        first = self.gate.stats()["total"] + 1
        for number in range(first, first + MOST_CARRIERS_AT_ONCE):
            self.gate.limit(number, **limits)
        self.gate.cut_all()
        data = os.urandom(2 << 20)
        self.assertEqual(socks.exchange(connection, data), data)
        ends = [(each["cause"], each[way]) for each in self.gate.stats()["connections"] if each["id"] >= first]
        self.assertIn(("cut_after_bytes", size), ends, limits)

    def test_cuts_in_every_phase_cost_no_byte(self):
        origin = self.origin()
        plan = [{"cut_after_down": BEFORE_WELCOME}, {"cut_after_up": INSIDE_HELLO},
                {"cut_after_down": WHILE_RESUMING}, {"cut_after_down": MID_FRAME}, {"cut_after_up": MID_FRAME}]
        with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as connection:
            self.assertEqual(socks.exchange(connection, b"open"), b"open")
            for limits in plan:
                self.cut_within(limits, connection)
        self.tell(phases=[f"{name} {size}" for limits in plan for name, size in limits.items()])

    def test_cut_between_the_end_of_a_stream_and_its_acknowledgement(self):
        origin = self.origin()
        with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as connection:
            self.assertEqual(socks.exchange(connection, b"open"), b"open")
            before = self.gate.stats()["cut"]
            connection.sendall(b"last words")
            connection.shutdown(1)
            time.sleep(0.04)
            self.gate.cut_all()
            self.assertEqual(socks.receive_exactly(connection, 10), b"last words")
            self.assertEqual(connection.recv(1), b"")
            self.assertGreater(self.gate.stats()["cut"], before)


class CutOneAt20(CutOneOfTwo):
    settings = path(rtt_ms=20, rate=RATE * 10, queue_ms=5)
    pace = RATE // 8 // STREAMS
    part = of_length(0.5, 1.0)
    least_cuts = of_length(3, 7)

    def test_streams_hardly_stall_when_one_carrier_survives(self):
        self.within_three_tries(self.run_once, self.limit)


class CutOneAt150(CutOneAt20):
    rtt_ms = 150
    settings = path(rtt_ms=150, rate=RATE * 10, queue_ms=5)


class CutOneOfAFullLine(CutOneOfTwo):
    settings = path(rtt_ms=20, rate=RATE)
    part = of_length(0.5, 1.0)
    least_cuts = of_length(3, 7)

    def test_streams_on_a_full_line_are_exact_when_one_carrier_survives(self):
        self.assertLess(self.run_once(), 1)


if __name__ == "__main__":
    unittest.main()
