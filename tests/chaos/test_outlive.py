import asyncio
import json
import socket
import subprocess
import threading
import time
import unittest

from gate import Gate, path
from support.cases import WithDeployment
from support.deployment import PROGRAMS
from traffic import Stream, run_streams, share_below, stalls_of

RATE = 40_000_000
STREAMS = 20
DOWN, UP = 4_500_000, 500_000


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

    def assert_cap_held(self):
        stats = self.gate.stats()
        self.assertEqual(stats["refused"], 0)
        self.assertLessEqual(stats["most_live"], 3)


class CutEachTwoSeconds:
    rtt_ms = 20
    round_trips = 3

    def test_twenty_streams_survive_and_stall_shortly(self):
        began = time.monotonic()
        self.gate.set(cut_every_ms=1900, cut_jitter_ms=200)
        streams = self.move([Stream(number, UP, DOWN) for number in range(STREAMS)])
        self.gate.set(cut_every_ms=0, cut_jitter_ms=0)
        took = time.monotonic() - began
        cuts = [cut for cut in self.gate.stats()["cut_times"] if began < cut < began + took]
        stalls = stalls_of(streams, cuts)
        slowest = share_below(stalls, 0.95)
        limit = self.round_trips * self.rtt_ms / 1000 + 0.15
        print(json.dumps({"scenario": type(self).__name__, "seconds": round(took, 2), "cuts": len(cuts),
                          "stalls": len(stalls), "p50_ms": round(share_below(stalls, 0.5) * 1000),
                          "p95_ms": round(slowest * 1000), "most_ms": round(max(stalls) * 1000),
                          "limit_ms": round(limit * 1000)}))
        self.assertGreaterEqual(len(cuts), 8)
        self.assertLessEqual(slowest, limit)


class CutAt20(CutEachTwoSeconds, Outliving):
    settings = path(rtt_ms=20, rate=RATE)


class CutAt150(CutEachTwoSeconds, Outliving):
    rtt_ms = 150
    settings = path(rtt_ms=150, rate=RATE)


class Freezing(Outliving):
    settings = path(rtt_ms=100, rate=RATE, cap=3)

    def setUp(self):
        self.deployment.gates["gateway"].set(freeze_after_down=16_384)
        super().setUp()

    def test_thirty_kilobytes_a_second_through_connections_frozen_after_16_kib(self):
        stream = Stream(1, 0, 64 << 20)

        async def watch():
            origin = asyncio.ensure_future(run_streams(self.tunnel.socks, [stream]))
            await asyncio.sleep(10)
            before = stream.received
            await asyncio.sleep(30)
            speed = (stream.received - before) / 30
            origin.cancel()
            await asyncio.gather(origin, return_exceptions=True)
            return speed

        speed = asyncio.run(watch())
        stats = self.gate.stats()
        print(json.dumps({"scenario": type(self).__name__, "bytes_a_second": round(speed), "frozen": stats["frozen"],
                          "connections": stats["total"], "most_live": stats["most_live"],
                          "refused": stats["refused"], "failure": stream.failure}))
        self.assertIsNone(stream.failure)
        self.assertGreater(stats["frozen"], 3)
        self.assertGreaterEqual(speed, 30_000)
        self.assert_cap_held()


class FewConnections(Outliving):
    settings = path(rtt_ms=40, rate=RATE * 5, cap=3)

    def test_two_hundred_streams_pass_three_connections(self):
        self.move([Stream(number, 50_000, 150_000) for number in range(200)])
        self.assert_cap_held()

    def test_two_hundred_streams_pass_with_one_connection_frozen(self):
        async def freeze_one():
            await asyncio.sleep(0.3)
            self.gate.freeze(self.gate.live_ids()[0])

        self.move([Stream(number, 50_000, 150_000) for number in range(200)], freeze_one)
        self.assertEqual(self.gate.stats()["frozen"], 1)
        self.assert_cap_held()


class LongFatPath(Outliving):
    settings = path(rtt_ms=100, rate=1_000_000_000)
    amount = 1 << 30

    def test_one_stream_fills_a_gigabit_at_100_ms(self):
        address = self.serve_zeros()
        bare = Gate(address, self.settings).start()
        self.addCleanup(bare.stop)
        alone = self.fetch("--to", bare.address)
        through = self.fetch("--to", address, "--proxy", "socks5", "--via", self.tunnel.socks)
        print(json.dumps({"scenario": type(self).__name__, "gate_mibps": alone, "tunnel_mibps": through,
                          "share": round(through / alone, 3)}))
        self.assertGreaterEqual(through, 0.9 * alone)

    def fetch(self, *words):
        outcome = subprocess.run([PROGRAMS / "bench-loadgen", "down", *words, "--bytes", str(self.amount), "--path",
                                  f"/{self.amount}", "--timeout", "100"], capture_output=True, text=True, timeout=120)
        report = json.loads(outcome.stdout)
        self.assertEqual((report["done"], report["failures"]), (1, {}))
        return report["mibps"]

    def serve_zeros(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        threading.Thread(target=self.answer_all, args=(listener,), daemon=True).start()
        return "127.0.0.1:{}".format(listener.getsockname()[1])

    def answer_all(self, listener):
        piece = bytes(1 << 20)
        try:
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self.amount)
                    for _ in range(self.amount // len(piece)):
                        connection.sendall(piece)
        except OSError:
            return


if __name__ == "__main__":
    unittest.main()
