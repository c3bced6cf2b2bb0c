import asyncio
import re
import socket
import threading
import time
import unittest
from datetime import datetime

from gate import Gate, path
from scenario import RATE, Outliving, of_length
from support import socks
from support.deployment import wait_for
from traffic import Stream, run_streams, share_below

FROZEN_AFTER = 16_384
LEAST_SPEED = 30_000
GIGABIT = 1_000_000_000
RAMP = 4
SUSPECTED = re.compile(r'^\{"time":"([^"]+)".*"event":"carrier_suspected"', re.MULTILINE)


class Freezing(Outliving):
    rtt_ms = 100
    words = ("--log-level", "info")
    settings = path(rtt_ms=100, rate=RATE, cap=3)
    measured_seconds = of_length(4, 30)

    def setUp(self):
        self.deployment.gates["gateway"].set(freeze_after_down=FROZEN_AFTER)
        super().setUp()

    def first_detection(self, began):
        moment = SUSPECTED.search(self.tunnel.said())
        self.assertIsNotNone(moment, "no carrier was suspected")
        return datetime.fromisoformat(moment[1].replace("Z", "+00:00")).timestamp() - began

    async def watch(self, stream):
        moving = asyncio.ensure_future(run_streams(self.tunnel.socks, [stream]))
        await asyncio.sleep(10)
        frozen, before = self.gate.stats()["frozen"], stream.received
        await asyncio.sleep(self.measured_seconds)
        speed = (stream.received - before) / self.measured_seconds
        moving.cancel()
        await asyncio.gather(moving, return_exceptions=True)
        return speed, frozen

    def test_a_stream_goes_on_through_connections_frozen_after_16_kib(self):
        began = time.time()
        stream = Stream(1, 0, 64 << 20)
        speed, frozen_while_learning = asyncio.run(self.watch(stream))
        self.move([Stream(2, 20_000, 400_000)])
        stats = self.gate.stats()
        detected = self.first_detection(began)
        self.tell(rtt_ms=self.rtt_ms, bytes_a_second=round(speed), least=LEAST_SPEED,
                  first_detection_s=round(detected, 2), frozen=stats["frozen"], connections=stats["total"],
                  most_live=stats["most_live"], refused=stats["refused"])
        self.assertIsNone(stream.failure)
        self.assertGreaterEqual(stats["frozen"], 2)
        self.assertEqual(stats["frozen"], frozen_while_learning, "a connection froze after the budget was learnt")
        self.assertLessEqual(detected, 3)
        self.assertGreaterEqual(speed, LEAST_SPEED)
        self.assert_cap_held(stats)


class FreezingAt20(Freezing):
    rtt_ms = 20
    settings = path(rtt_ms=20, rate=RATE, cap=3)


class FreezingAt150(Freezing):
    rtt_ms = 150
    settings = path(rtt_ms=150, rate=RATE, cap=3)


class FewConnections(Outliving):
    settings = path(rtt_ms=40, rate=RATE * 5, cap=3)

    def test_two_hundred_streams_pass_three_connections(self):
        began = time.monotonic()
        self.move([Stream(number, 50_000, 150_000) for number in range(200)])
        stats = self.gate.stats()
        self.tell(streams=200, seconds=round(time.monotonic() - began, 2), most_live=stats["most_live"],
                  refused=stats["refused"])
        self.assert_cap_held(stats)

    def test_two_hundred_streams_pass_with_one_connection_frozen(self):
        began, before = time.monotonic(), self.gate.stats()["frozen"]

        async def freeze_one():
            await asyncio.sleep(0.3)
            self.gate.freeze(self.gate.live_ids()[0])

        self.move([Stream(number, 50_000, 150_000) for number in range(200)], freeze_one)
        stats = self.gate.stats()
        self.tell(streams=200, frozen=stats["frozen"], seconds=round(time.monotonic() - began, 2),
                  most_live=stats["most_live"], refused=stats["refused"])
        self.assertEqual(stats["frozen"], before + 1)
        self.assert_cap_held(stats)


class NewStreams(Outliving):
    rtt_ms = 150
    settings = path(rtt_ms=150, rate=RATE, cap=3)
    limit = 1.5 * 0.150

    def echo_once(self):
        began = time.monotonic()
        self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", self.far.port, b"x"), b"x")
        return time.monotonic() - began

    def test_a_new_stream_does_not_wait_for_a_handshake(self):
        self.far = self.origin()
        self.gate.set(hold=True)
        self.addCleanup(self.gate.set, hold=False)
        with socks.connect(self.tunnel.socks, "127.0.0.1", self.far.port) as lasting:
            self.assertEqual(socks.exchange(lasting, b"stay"), b"stay")
            wait_for(lambda: self.tunnel.status()["carriers"]["dialled"] > 1, "another carrier is dialled")
            before = self.gate.stats()["total"]
            times = sorted(self.echo_once() for _ in range(10))
            self.assertEqual(self.gate.stats()["total"], before)
        self.tell(rtt_ms=self.rtt_ms, least_ms=round(times[0] * 1000), median_ms=round(times[5] * 1000),
                  most_ms=round(times[-1] * 1000), limit_ms=round(self.limit * 1000))
        self.assertLessEqual(times[5], self.limit)


class Pouring:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                threading.Thread(target=self.pour, args=(self.listener.accept()[0],), daemon=True).start()
        except OSError:
            return

    def pour(self, connection):
        piece = bytes(1 << 20)
        with connection:
            try:
                connection.recv(1)
                while True:
                    connection.sendall(piece)
            except OSError:
                return

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def speed_of(connection, seconds, each_second=lambda: None):
    space, amount = bytearray(1 << 20), 0
    began = time.monotonic()
    until, next_second = began + RAMP + seconds, began + RAMP + 1
    while (now := time.monotonic()) < until:
        got = connection.recv_into(space)
        amount += got if now >= began + RAMP else 0
        if now >= next_second:
            each_second()
            next_second += 1
    return amount / (now - began - RAMP)


class LongFatPath(Outliving):
    settings = path(rtt_ms=100, rate=GIGABIT)
    seconds = of_length(4, 60)
    most_added_ms = 30

    def setUp(self):
        super().setUp()
        self.origin_of_bytes = Pouring()
        self.addCleanup(self.origin_of_bytes.stop)

    def speed_of_the_gate(self):
        bare = Gate(f"127.0.0.1:{self.origin_of_bytes.port}", self.settings).start()
        try:
            with socket.create_connection(("127.0.0.1", bare.port), timeout=20) as connection:
                connection.sendall(b"g")
                return speed_of(connection, 4)
        finally:
            bare.stop()

    def round_trip(self):
        return self.tunnel.status()["round_trip_ms"]

    def idle_round_trip(self):
        far = self.origin()
        socks.echo(self.tunnel.socks, "127.0.0.1", far.port, b"x" * 100)
        return wait_for(self.round_trip, "a round trip is known")

    def speed_through_the_tunnel(self):
        round_trips = []
        with socks.connect(self.tunnel.socks, "127.0.0.1", self.origin_of_bytes.port) as connection:
            connection.sendall(b"g")
            speed = speed_of(connection, self.seconds, lambda: round_trips.append(self.round_trip()))
        return speed, share_below(round_trips, 0.95)

    def test_one_stream_fills_a_gigabit_and_leaves_the_line_quick(self):
        alone, idle = self.speed_of_the_gate(), self.idle_round_trip()

        def attempt():
            through, loaded = self.speed_through_the_tunnel()
            self.tell(seconds=self.seconds, gate_mbps=round(alone * 8e-6), tunnel_mbps=round(through * 8e-6),
                      share=round(through / alone, 3), idle_ms=round(idle), loaded_p95_ms=round(loaded),
                      most_added_ms=self.most_added_ms)
            missing = max(0.0, 0.9 * alone - through) / alone
            return max(missing, max(0.0, loaded - idle - self.most_added_ms))

        self.within_three_tries(attempt, 0)


if __name__ == "__main__":
    unittest.main()
