import asyncio
import multiprocessing
import os
import re
import signal
import socket
import threading
import time
import unittest
from datetime import datetime

from gate import Gate, path
from line_meter import PROBE_MS, RAMP, Pings, Pouring, speed_of, with_those_not_sent
from scenario import RATE, Outliving, of_length
from support import socks
from support.deployment import wait_for
from support.echo import Echo
from traffic import Stream, run_streams, share_below

FROZEN_AFTER = 16_384
LEAST_SPEED = 30_000
GIGABIT = 1_000_000_000
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


def keep_opening(proxy, opened, stop):
    far, took = Echo(), []
    while not stop.is_set():
        began = time.monotonic()
        socks.echo(proxy, far.host, far.port, b"x")
        took.append(time.monotonic() - began)
        time.sleep(0.05)
    opened.put(len(took))
    for each in took:
        opened.put(each)


class FewConnections(Outliving):
    settings = path(rtt_ms=40, rate=RATE * 5, cap=3)
    open_limit = 0.5

    def test_two_hundred_streams_pass_three_connections(self):
        stop, opened = multiprocessing.Event(), multiprocessing.SimpleQueue()
        opener = multiprocessing.Process(target=keep_opening, args=(self.tunnel.socks, opened, stop), daemon=True)
        began = time.monotonic()
        opener.start()
        self.move([Stream(number, 50_000, 150_000) for number in range(200)])
        stop.set()
        opener.join(20)
        took = [opened.get() for _ in range(opened.get())]
        stats = self.gate.stats()
        self.tell(streams=200, seconds=round(time.monotonic() - began, 2), most_live=stats["most_live"],
                  refused=stats["refused"], opened=len(took), open_p50_ms=round(share_below(took, 0.5) * 1000),
                  open_most_ms=round(max(took) * 1000))
        self.assert_cap_held(stats)
        self.assertGreaterEqual(len(took), 5)
        self.assertLessEqual(max(took), self.open_limit)

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
    limit = 1.5 * 0.150 + 0.050

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
        self.assertLessEqual(times[-1], self.limit)


class Draining(Outliving):
    settings = path(rtt_ms=60, rate=RATE, cap=3)
    budget = 1_000_000

    def setUp(self):
        client = self.client().enrolled()
        budgets = client.state / "budgets"
        budgets.write_text(f"{self.deployment.gateway_id}/127.0.0 {self.budget} {int(time.time())}\n", encoding="utf-8")
        budgets.chmod(0o600)
        self.tunnel = client.connected()
        self.gate = self.deployment.gates["gateway"]

    def ask_anew(self, origin, answers):
        while not answers:
            try:
                answers.append(socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, b"anew"))
            except (socks.Refused, OSError):
                time.sleep(0.1)

    def test_old_and_new_session_share_three_connections_while_the_gateway_drains(self):
        origin, answers = self.origin(), []
        with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as running:
            self.assertEqual(socks.exchange(running, b"before"), b"before")
            wait_for(lambda: self.tunnel.status()["carriers"]["open"] == 3, "three carriers serve")
            before = self.gate.stats()["total"]
            gateway = self.deployment.parts.pop("gateway")
            os.kill(gateway.pid, signal.SIGTERM)
            wait_for(lambda: "gateway_draining" in self.deployment.written("gateway"), "the gateway drains")
            asking = threading.Thread(target=self.ask_anew, args=(origin, answers), daemon=True)
            asking.start()
            wait_for(lambda: self.gate.stats()["total"] > before, "the next session is dialled")
            data = os.urandom(300_000)
            self.assertEqual(socks.exchange(running, data), data)
        self.assertEqual(gateway.child.wait(timeout=15), 0)
        self.deployment.start_gateway()
        asking.join(40)
        stats = self.gate.stats()
        self.tell(connections=stats["total"], most_live=stats["most_live"], refused=stats["refused"])
        self.assertEqual(answers, [b"anew"])
        self.assert_cap_held(stats)


class LongFatPath(Outliving):
    settings = path(rtt_ms=100, rate=GIGABIT)
    seconds = of_length(10, 60)
    idle_seconds = 5
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

    def idle_round_trips(self):
        far, pings = self.origin(), Pings(self.tunnel)
        with socks.connect(self.tunnel.socks, "127.0.0.1", far.port) as connection:
            until = time.monotonic() + self.idle_seconds
            while time.monotonic() < until:
                socks.exchange(connection, b"x")
                time.sleep(0.02)
        pings.take()
        return with_those_not_sent(each for _, each in pings.taken)

    def through_the_tunnel(self):
        pings, began = Pings(self.tunnel), time.monotonic()
        with socks.connect(self.tunnel.socks, "127.0.0.1", self.origin_of_bytes.port) as connection:
            connection.sendall(b"g")
            speed = speed_of(connection, self.seconds, pings.take)
        steady = began + RAMP + 0.5
        ramp, loaded = pings.between(began, steady), pings.between(steady, time.monotonic())
        return speed, with_those_not_sent(ramp), with_those_not_sent(loaded)

    def attempt(self):
        through, ramp, loaded = self.through_the_tunnel()
        self.tell(seconds=self.seconds, gate_mbps=round(self.alone * 8e-6), tunnel_mbps=round(through * 8e-6),
                  share=round(through / self.alone, 3), pings=len(loaded), idle_pings=len(self.idle),
                  idle_p50_ms=share_below(self.idle, 0.5), idle_p95_ms=share_below(self.idle, 0.95),
                  loaded_p50_ms=share_below(loaded, 0.5), loaded_p95_ms=share_below(loaded, 0.95),
                  loaded_most_ms=max(loaded), first_seconds_p95_ms=share_below(ramp, 0.95),
                  most_added_ms=self.most_added_ms)
        self.assertGreaterEqual(len(loaded), self.seconds * 1000 // PROBE_MS * 0.9)
        self.shares.append(through / self.alone)
        return {"pings": loaded}

    def test_one_stream_fills_a_gigabit_and_leaves_the_line_quick(self):
        self.alone, self.idle, self.shares = self.speed_of_the_gate(), self.idle_round_trips(), []
        self.judge_together(self.attempt, share_below(self.idle, 0.5) + self.most_added_ms)
        self.assertGreaterEqual(sorted(self.shares)[len(self.shares) // 2], 0.9)


if __name__ == "__main__":
    unittest.main()
